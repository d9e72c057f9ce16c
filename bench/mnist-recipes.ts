/**
 * What `npm run bench -- mnist` trains: the tutorial's DCGAN, then ways to a better generator in the minutes that `npm run mnist` has.
 * Add a line to add a contestant.
 */
import {
  createDcgan,
  type CreateDcganOptions,
  type Gan,
  HingeLoss,
  R1Penalty,
  RelativisticLoss,
  SpectralNorm,
} from 'tfjs-gan';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';

/** One contestant. */
export interface MnistRecipe {
  readonly batchSize: number;
  /** After which steps the generator is judged; training ends with the last. */
  readonly points: readonly number[];
  readonly create: (seed: number) => Gan;
}

const imageShape = [28, 28, 1] as const;

/** The tutorial's widths. One epoch has 1,875 steps. */
const article: MnistRecipe = {
  batchSize: 32,
  points: [250, 500, 937, 1500, 1874],
  create: (seed) => createDcgan({ imageShape, baseFilters: 64, seed }),
};

/** Settings in which a recipe differs, for a run of so many steps. */
type Make = (steps: number) => Partial<CreateDcganOptions>;

/** A recipe for about as many minutes as `npm run mnist` has: its images are as many whatever the batch. */
function short(make: Make, { batchSize = 64, images = 150_000 } = {}): MnistRecipe {
  const steps = Math.round(images / batchSize / 2) * 2;
  return {
    batchSize,
    points: [steps / 2, steps],
    create: (seed) => createDcgan({ imageShape, seed, ...make(steps) }),
  };
}

/** The recipe of `npm run mnist` at another rate: a rate that falls in the second half, an average over a twentieth. */
const fallingFrom =
  (learningRate: number, more: Partial<CreateDcganOptions> = {}): Make =>
  (steps) => ({
    ...recipe({ learningRate, beta1: 0.5, falling: 0.5, average: 0.05 }, steps),
    ...more,
  });

/** The recipe of `npm run mnist` for a third of its steps, but for what is said. */
const screened = (make: Make): MnistRecipe => short(make, { batchSize: 32, images: 64_000 });

/** What stands in place of the discriminator's batch norm must not need it. */
const normalization = { generator: 'batch', discriminator: 'none' } as const;

export const recipes: Readonly<Record<string, MnistRecipe>> = {
  article,
  'average-falling-5e-4': short(fallingFrom(5e-4)),
  'average-falling-1e-3': short(fallingFrom(1e-3)),
  'average-falling-2e-3': short(fallingFrom(2e-3)),
  'average-falling-1e-3-batch-32': short(fallingFrom(1e-3), { batchSize: 32 }),
  'average-falling-5e-4-r1': short(
    fallingFrom(5e-4, { normalization, penalties: [new R1Penalty({ weight: 1, every: 8 })] }),
    { images: 120_000 },
  ),
  screened: screened(fallingFrom(2e-3)),
  'screened-relativistic-average': screened(fallingFrom(2e-3, { loss: new RelativisticLoss() })),
  'screened-hinge-sn': screened(
    fallingFrom(2e-3, {
      normalization,
      loss: new HingeLoss(),
      constraints: [new SpectralNorm()],
    }),
  ),
  'screened-ttur': screened((steps) => {
    const { optimizers: slow, ema } = fallingFrom(1e-3)(steps);
    const { optimizers: fast } = fallingFrom(4e-3)(steps);
    return { ema, optimizers: { generator: slow!.generator, discriminator: fast!.discriminator } };
  }),
  'screened-24-filters': screened(fallingFrom(2e-3, { baseFilters: 24 })),
  'screened-48-filters': screened(fallingFrom(2e-3, { baseFilters: 48 })),
};
