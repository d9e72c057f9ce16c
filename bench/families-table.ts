import {
  adam,
  type Constraint,
  createDcgan,
  createInfoGan,
  createMlpGan,
  createSngan,
  createWganGp,
  type Dataset,
  type Gan,
  GradientPenalty,
  ring8,
  SpectralNorm,
  WassersteinLoss,
} from 'tfjs-gan';
import { loadMnist } from 'tfjs-gan/node';

/** One row of `npm run bench -- families`. */
export interface Family {
  /** The preset and its settings, for the table. */
  readonly preset: string;
  readonly create: (seed: number) => Gan;
  readonly data: () => Promise<Dataset>;
  readonly batchSize: number;
  /** The preset's constraints, which a trainer of its game has to be given again. */
  readonly constraints?: readonly Constraint[];
  /** Whether to compare it beside exact singular values as well, which spectral norm estimates. */
  readonly hasExactSigma?: boolean;
}

const images = { imageShape: [28, 28, 1], baseFilters: 32 } as const;
const digits = {
  data: () => loadMnist({ split: 'train' }),
  batchSize: 32,
} satisfies Partial<Family>;
const spectralNorm = [new SpectralNorm()];

/** The rows by name. */
export const families: Readonly<Record<string, Family>> = {
  dcgan: {
    preset: 'createDcgan',
    create: (seed) => createDcgan({ ...images, seed }),
    ...digits,
  },
  'dcgan-concat': {
    preset: "createDcgan, classes: 10, 'concat'",
    create: (seed) => createDcgan({ ...images, seed, classes: 10, conditioning: 'concat' }),
    ...digits,
  },
  'dcgan-projection': {
    preset: "createDcgan, classes: 10, 'projection'",
    create: (seed) => createDcgan({ ...images, seed, classes: 10, conditioning: 'projection' }),
    ...digits,
  },
  'dcgan-auxiliary': {
    preset: "createDcgan, classes: 10, 'auxiliary'",
    create: (seed) => createDcgan({ ...images, seed, classes: 10, conditioning: 'auxiliary' }),
    ...digits,
  },
  infogan: {
    preset: 'createInfoGan',
    create: (seed) =>
      createInfoGan({ ...images, seed, codes: { categorical: [10], continuous: 2 } }),
    ...digits,
  },
  'wgan-gp': {
    preset: 'createWganGp',
    create: (seed) => createWganGp({ ...images, seed }),
    ...digits,
  },
  sngan: {
    preset: 'createSngan',
    create: (seed) => createSngan({ ...images, seed, constraints: spectralNorm }),
    constraints: spectralNorm,
    hasExactSigma: true,
    ...digits,
  },
  'sngan-resnet': {
    preset: "createSngan, networks: 'resnet'",
    create: (seed) =>
      createSngan({ ...images, seed, networks: 'resnet', constraints: spectralNorm }),
    constraints: spectralNorm,
    hasExactSigma: true,
    ...digits,
  },
  dense: {
    preset: 'createMlpGan of images',
    create: (seed) => createMlpGan({ sampleShape: images.imageShape, seed }),
    ...digits,
  },
  'wgan-gp-dense': {
    preset: "createMlpGan of images, WGAN-GP's settings",
    create: (seed) => {
      const optimizer = adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 });
      return createMlpGan({
        sampleShape: images.imageShape,
        loss: new WassersteinLoss(),
        penalties: [new GradientPenalty()],
        optimizers: { generator: optimizer, discriminator: optimizer },
        updatesPerStep: { discriminator: 5 },
        seed,
      });
    },
    ...digits,
  },
  mlp: {
    preset: 'createMlpGan',
    create: (seed) => createMlpGan({ sampleShape: [2], seed }),
    data: async () => ring8(),
    batchSize: 32,
  },
};
