/**
 * What `npm run bench -- mnist` trains: the tutorial's DCGAN, then ways to a better generator in a few minutes.
 * Add a line to add a contestant.
 */
import { createDcgan, createR3gan, type Gan } from 'tfjs-gan';
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
  // The recipe of `npm run mnist` for a third of its steps.
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
};
