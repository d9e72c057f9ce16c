import {
  createDcgan,
  createMlpGan,
  createSngan,
  createWgan,
  createWganGp,
  type Dataset,
  FeatureMatching,
  type Gan,
  HingeLoss,
  LeastSquaresLoss,
  MinimaxLoss,
  R1Penalty,
  R2Penalty,
  RelativisticLoss,
  rmsprop,
  sgd,
  SpectralNorm,
  WassersteinLoss,
} from 'tfjs-gan';
import { everything } from './everything.ts';
import { blobs } from './tiny-gan.ts';

/** A way to train whose numbers must never change by accident. */
export interface Recipe {
  readonly make: () => Gan;
  readonly data: Dataset;
  readonly batchSize: number;
}

const imageShape = [8, 8, 1] as const;
const images = { data: blobs(320, imageShape), batchSize: 4 };
const points = { data: blobs(320, [2]), batchSize: 16 };
const small = { imageShape, baseFilters: 4, latentSize: 8, seed: 11 };

/** One recipe for each way through the engine. */
export const recipes: Readonly<Record<string, Recipe>> = {
  dcgan: { ...images, make: () => createDcgan(small) },
  'dcgan, averaged weights': {
    ...images,
    make: () => createDcgan({ ...small, ema: { decay: 0.9, startStep: 5 } }),
  },
  'dcgan, five critics': {
    ...images,
    make: () =>
      createDcgan({ ...small, loss: new HingeLoss(), updatesPerStep: { discriminator: 5 } }),
  },
  'dcgan, two generator updates, relativistic average, feature matching': {
    ...images,
    make: () =>
      createDcgan({
        ...small,
        loss: new RelativisticLoss(),
        penalties: [new FeatureMatching()],
        updatesPerStep: { generator: 2 },
      }),
  },
  'dcgan, lazy penalties': {
    ...images,
    make: () =>
      createDcgan({
        ...small,
        normalization: { discriminator: 'none' },
        penalties: [new R1Penalty({ every: 4 }), new R2Penalty({ every: 3 })],
      }),
  },
  'dcgan, every part': {
    ...images,
    make: () =>
      createDcgan({ ...small, ...everything(), normalization: { discriminator: 'none' } }),
  },
  wgan: { ...images, make: () => createWgan(small) },
  'wgan-gp': { ...images, make: () => createWganGp(small) },
  'sngan, convolutional': {
    ...images,
    make: () => createSngan({ ...small, updatesPerStep: { discriminator: 2 } }),
  },
  'sngan, residual': {
    ...images,
    make: () => createSngan({ ...small, networks: 'resnet', updatesPerStep: { discriminator: 1 } }),
  },
  mlp: { ...points, make: () => createMlpGan({ sampleShape: [2], seed: 11 }) },
  'mlp, least squares by sgd': {
    ...points,
    make: () => {
      const discriminator = sgd({ learningRate: 0.001, momentum: 0.9 });
      const optimizers = { discriminator, generator: sgd({ learningRate: 0.002 }) };
      return createMlpGan({ sampleShape: [2], loss: new LeastSquaresLoss(), optimizers });
    },
  },
  'mlp, minimax by rmsprop': {
    ...points,
    make: () => {
      const optimizers = { discriminator: rmsprop(), generator: rmsprop({ decay: 0.8 }) };
      return createMlpGan({ sampleShape: [2], loss: new MinimaxLoss(), optimizers });
    },
  },
  'mlp, wasserstein under spectral norm': {
    ...points,
    make: () =>
      createMlpGan({
        sampleShape: [2],
        loss: new WassersteinLoss(),
        constraints: [new SpectralNorm({ powerIterations: 3 })],
      }),
  },
};
