/**
 * What `npm run bench -- modes` compares: two losses alone, then the best of those with parts that go with them. A recipe is the settings of
 * `createMlpGan` in which it differs from the rest; add a line to add a contestant.
 */
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  BceLoss,
  type CreateMlpGanOptions,
  Discriminator,
  Generator,
  GradientPenalty,
  linearDecay,
  mlpDiscriminator,
  mlpGenerator,
  R1Penalty,
  R2Penalty,
  RelativisticLoss,
  type Schedule,
  stepDecay,
  WassersteinLoss,
} from 'tfjs-gan';
import { FourierFeatures } from 'tfjs-gan/layers';

/** Settings in which a recipe differs, for a run of so many steps. */
export type Recipe = (steps: number) => Partial<CreateMlpGanOptions> & {
  /** Creates networks of its own, in place of those of `createMlpGan`. */
  readonly networks?: (seed: number) => Networks;
  /** Samples in a batch, if they are not {@link batchSize}. */
  readonly batch?: number;
};

export interface Networks {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
}

/** Widths of both networks' hidden layers. */
export const hiddenUnits: readonly number[] = [128, 128, 128];
export const batchSize: number = 512;
export const learningRate: number = 1e-3;

/** Adam as every recipe has it, unless it says otherwise: the rate falls to 0 along a line in the second half. */
export function optimizers(
  steps: number,
  { updates = 1, beta1 = 0.5, beta2 = 0.999, from = learningRate, fallFrom = 0.5 } = {},
): NonNullable<CreateMlpGanOptions['optimizers']> {
  const falling = (count: number): ReturnType<typeof linearDecay> =>
    linearDecay({ from, to: 0, begin: Math.floor(count * fallFrom), end: count });
  return {
    generator: adam({ learningRate: falling(steps), beta1, beta2 }),
    discriminator: adam({ learningRate: falling(steps * updates), beta1, beta2 }),
  };
}

/** The average counts about the last twentieth of a run. */
const ema = (steps: number): CreateMlpGanOptions['ema'] => ({
  decay: 1 - 20 / Math.max(steps, 40),
});

/** Twentieths of the weight are lost in each hundredth of the run, so that 0.006 of it is left. */
function fading(steps: number): Schedule {
  return stepDecay({ from: 0.5, factor: 0.95, every: Math.max(1, Math.round(steps / 100)) });
}

/** Dense networks; the discriminator sees waves of its input, and the generator's samples begin as wide as the data. */
function networksWithWaves(seed: number): Networks {
  const count = 32;
  const made = mlpGenerator({
    sampleShape: [2],
    latentSize: 2,
    seed: 3 * seed,
    hiddenUnits: hiddenUnits.map((units) => 2 * units),
  });
  const waves = new FourierFeatures({ count, spread: 2, seed: 3 * seed + 1 });
  const judge = mlpDiscriminator({
    sampleShape: [2 + 2 * count],
    hiddenUnits,
    seed: 3 * seed + 2,
  });
  return {
    generator: new Generator({
      model: tf.sequential({ layers: [...made.model.layers, tf.layers.rescaling({ scale: 3 })] }),
      latentSize: 2,
      ownsModel: true,
    }),
    discriminator: new Discriminator({
      model: tf.sequential({
        layers: [tf.layers.inputLayer({ inputShape: [2] }), waves, ...judge.model.layers],
      }),
      ownsModel: true,
    }),
  };
}

export const recipes: Readonly<Record<string, Recipe>> = {
  bce: () => ({ loss: new BceLoss() }),
  'relativistic-average-bce': () => ({ loss: new RelativisticLoss() }),
  'wgan-gp': (steps) => ({
    loss: new WassersteinLoss(),
    penalties: [new GradientPenalty({ weight: 0.1 })],
    updatesPerStep: { discriminator: 5 },
    optimizers: optimizers(steps, { updates: 5, beta2: 0.9 }),
  }),
  'zero-centered': (steps) => ({
    loss: new BceLoss(),
    penalties: [new GradientPenalty({ weight: 0.01, targetNorm: 0 })],
    ema: ema(steps),
  }),
  'relativistic-waves': (steps) => {
    const weight = fading(steps);
    return {
      loss: new RelativisticLoss({ average: false }),
      penalties: [new R1Penalty({ weight }), new R2Penalty({ weight })],
      optimizers: optimizers(steps, { from: 2e-3, fallFrom: 0.4 }),
      ema: ema(steps),
      networks: networksWithWaves,
      batch: 256,
    };
  },
};
