/**
 * What `npm run bench -- mnist` trains: the tutorial's DCGAN, then ways to a better generator in a few minutes.
 * Add a line to add a contestant.
 */
import { adam, cosineDecay, createDcgan, createR3gan, type Gan } from 'tfjs-gan';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';

/** One contestant. */
export interface MnistRecipe {
  readonly batchSize: number;
  /** After which steps the generator is judged; training ends with the last. */
  readonly points: readonly number[];
  readonly create: (seed: number) => Gan;
}

const imageShape = [28, 28, 1] as const;

export const recipes: Readonly<Record<string, MnistRecipe>> = {
  // The tutorial's widths. One epoch has 1,875 steps.
  article: {
    batchSize: 32,
    points: [250, 500, 937, 1500, 1874],
    create: (seed) => createDcgan({ imageShape, baseFilters: 64, seed }),
  },
  // The recipe of `npm run mnist` without labels, in 2,000 steps.
  screened: {
    batchSize: 32,
    points: [1000, 2000],
    create: (seed) => {
      const settings = { learningRate: 2e-3, beta1: 0.5, falling: 0.5, average: 0.05 };
      return createDcgan({ imageShape, seed, ...recipe(settings, 2000) });
    },
  },
  r3gan: {
    batchSize: 32,
    points: [500, 1000],
    create: (seed) => createR3gan({ imageShape, seed }),
  },
  // The preset's γ times 0.05, 0.2, 1 and 5.
  ...Object.fromEntries(
    [0.005, 0.02, 0.1, 0.5].map((gamma) => [`r3gan-gamma-${gamma}`, r3gan(gamma)]),
  ),
};

/** The preset at a rate for minutes: five times its own, falling to 0. */
function r3gan(gamma: number): MnistRecipe {
  const learningRate = cosineDecay({ from: 1e-3, to: 0 });
  const optimizer = adam({ learningRate, beta1: 0, beta2: cosineDecay({ from: 0.9, to: 0.99 }) });
  const optimizers = { generator: optimizer, discriminator: optimizer };
  return {
    batchSize: 32,
    points: [300, 600],
    create: (seed) => createR3gan({ imageShape, gamma, penaltyEvery: 2, optimizers, seed }),
  };
}
