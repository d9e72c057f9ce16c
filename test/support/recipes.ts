import {
  adam,
  clipGradients,
  cosineRate,
  createDcgan,
  createMlpGan,
  createSngan,
  createWgan,
  createWganGp,
  type Dataset,
  DraganPenalty,
  FeatureMatching,
  type Gan,
  GradientPenalty,
  HingeLoss,
  HistoricalAveraging,
  LeastSquaresLoss,
  MinimaxLoss,
  OrthogonalPenalty,
  type PresetTrainerOptions,
  R1Penalty,
  R2Penalty,
  RelativisticLoss,
  rmsprop,
  sgd,
  SpectralNorm,
  stepRate,
  warmUp,
  WassersteinLoss,
  WeightClipping,
} from 'tfjs-gan';
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

/** Every penalty, both constraints, an average, schedules, and gradients clipped in each of the three ways. */
function everything(): PresetTrainerOptions {
  return {
    penalties: [
      new GradientPenalty({ weight: 0.5 }),
      new R1Penalty({ weight: 0.2, every: 3 }),
      new R2Penalty({ weight: 0.2, every: 2 }),
      new DraganPenalty({ weight: 0.1, every: 4 }),
      new OrthogonalPenalty({ weight: 0.1, target: 'discriminator' }),
      new OrthogonalPenalty({ weight: 0.1, target: 'generator', entries: 'all' }),
      new HistoricalAveraging({ weight: 0.1, target: 'discriminator' }),
      new HistoricalAveraging({ weight: 0.1, target: 'generator' }),
      new FeatureMatching({ weight: 0.3 }),
    ],
    constraints: [
      new SpectralNorm({ target: 'both' }),
      new WeightClipping({ limit: 0.4, target: 'discriminator' }),
    ],
    weightAverage: { decay: 0.7, from: 1 },
    optimizers: {
      discriminator: clipGradients(
        adam({
          learningRate: warmUp(cosineRate({ from: 1e-2, to: 1e-3, end: 9 }), { updates: 3 }),
        }),
        { globalNorm: 0.5 },
      ),
      generator: clipGradients(
        clipGradients(
          adam({ learningRate: warmUp(stepRate({ from: 5e-3, every: 3 }), { updates: 2 }) }),
          { value: 0.05 },
        ),
        { norm: 0.5 },
      ),
    },
    updatesPerStep: { discriminator: 2 },
  };
}

/** One recipe for each way through the engine. */
export const recipes: Readonly<Record<string, Recipe>> = {
  dcgan: { ...images, make: () => createDcgan(small) },
  'dcgan, averaged weights': {
    ...images,
    make: () => createDcgan({ ...small, weightAverage: { decay: 0.9, from: 5 } }),
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
