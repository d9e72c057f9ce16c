import { adam, type CreateDcganOptions, linearDecay, type RestoreOptions } from 'tfjs-gan';
import type { Settings } from './settings.ts';

/** The settings of a recipe. */
export type RecipeSettings = Pick<Settings, 'learningRate' | 'beta1' | 'falling' | 'average'>;

/**
 * Options that train better within a few minutes than the paper's: a higher learning rate that
 * falls to 0 at the end, and samples from a running average of the generator's weights.
 * docs/results/mnist.md has the effect of each.
 *
 * @param totalSteps - The steps of the whole run; `falling` and `average` are shares of it.
 */
export function recipe(
  settings: RecipeSettings,
  totalSteps: number,
): Pick<CreateDcganOptions, 'optimizers' | 'ema'> {
  const { learningRate: from, beta1, falling, average } = settings;
  const begin = Math.round(totalSteps * (1 - falling));
  // A run of one or two steps is too short for a decay.
  const learningRate = begin < totalSteps ? linearDecay({ from, begin, end: totalSteps }) : from;
  const optimizer = adam({ learningRate, beta1 });
  const averaged = totalSteps * average;
  return {
    optimizers: { generator: optimizer, discriminator: optimizer },
    ...(averaged > 1 ? { ema: { decay: 1 - 1 / averaged } } : {}),
  };
}

/** A run continued beyond its original length decays later; all other settings must match. */
export const longerRun: RestoreOptions = {
  allow: [
    'optimizers.generator.learningRate.begin',
    'optimizers.generator.learningRate.end',
    'optimizers.discriminator.learningRate.begin',
    'optimizers.discriminator.learningRate.end',
    'ema.generator.decay',
  ],
};
