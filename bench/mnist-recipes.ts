/**
 * What `bench:mnist` trains: the article's DCGAN, then ways to a better generator in the minutes that `npm run mnist` has.
 * Add a line to add a contestant.
 */
import {
  adam,
  createDcgan,
  type CreateDcganOptions,
  createSngan,
  type Gan,
  HingeLoss,
  linearRate,
  R1Penalty,
  SpectralNorm,
} from 'tfjs-gan';

/** One contestant. */
export interface MnistRecipe {
  readonly batchSize: number;
  /** After which steps the generator is judged; training ends with the last. */
  readonly points: readonly number[];
  readonly create: (seed: number) => Gan;
}

const imageShape = [28, 28, 1] as const;

/** The article's widths. One epoch has 1,875 steps. */
const article: MnistRecipe = {
  batchSize: 32,
  points: [250, 500, 937, 1500, 1874],
  create: (seed) => createDcgan({ imageShape, baseFilters: 64, seed }),
};

/** A recipe for about as many minutes as `npm run mnist` has: its images are as many whatever the batch. */
function short(
  make: (steps: number) => Partial<CreateDcganOptions>,
  { batchSize = 64, images = 150_000 } = {},
): MnistRecipe {
  const steps = Math.round(images / batchSize / 2) * 2;
  return {
    batchSize,
    points: [steps / 2, steps],
    create: (seed) => createDcgan({ imageShape, seed, ...make(steps) }),
  };
}

/** The average counts about the last twentieth of the run. */
const average = (steps: number): CreateDcganOptions['weightAverage'] => ({ decay: 1 - 20 / steps });

/** Adam for both, constant in the first half, then to 0 along a line. */
function falling(steps: number, from: number): CreateDcganOptions['optimizers'] {
  const rate = linearRate({ from, to: 0, begin: Math.floor(steps / 2), end: steps });
  return {
    generator: adam({ learningRate: rate }),
    discriminator: adam({ learningRate: rate }),
  };
}

export const recipes: Readonly<Record<string, MnistRecipe>> = {
  article,
  plain: short(() => ({})),
  average: short((steps) => ({ weightAverage: average(steps) })),
  'average-falling': short((steps) => ({
    weightAverage: average(steps),
    optimizers: falling(steps, 2e-4),
  })),
  'average-falling-5e-4': short((steps) => ({
    weightAverage: average(steps),
    optimizers: falling(steps, 5e-4),
  })),
  'average-falling-1e-3': short((steps) => ({
    weightAverage: average(steps),
    optimizers: falling(steps, 1e-3),
  })),
  'average-falling-2e-3': short((steps) => ({
    weightAverage: average(steps),
    optimizers: falling(steps, 2e-3),
  })),
  'average-falling-1e-3-batch-32': short(
    (steps) => ({ weightAverage: average(steps), optimizers: falling(steps, 1e-3) }),
    { batchSize: 32 },
  ),
  'average-falling-1e-3-24-filters': short(
    (steps) => ({
      baseFilters: 24,
      weightAverage: average(steps),
      optimizers: falling(steps, 1e-3),
    }),
    { images: 220_000 },
  ),
  'average-falling-1e-3-hinge-sn': short((steps) => ({
    weightAverage: average(steps),
    optimizers: falling(steps, 1e-3),
    normalization: { generator: 'batch', discriminator: 'none' },
    loss: new HingeLoss(),
    constraints: [new SpectralNorm()],
  })),
  'average-falling-5e-4-r1': short(
    (steps) => ({
      weightAverage: average(steps),
      optimizers: falling(steps, 5e-4),
      normalization: { generator: 'batch', discriminator: 'none' },
      penalties: [new R1Penalty({ weight: 1, every: 8 })],
    }),
    { images: 120_000 },
  ),
  sngan: {
    batchSize: 64,
    points: [600, 1200],
    create: (seed) => createSngan({ imageShape, baseFilters: 32, seed }),
  },
};
