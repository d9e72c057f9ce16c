import { adam, type CreateDcganOptions, linearDecay, type RestoreOptions } from 'tfjs-gan';
import type { Settings } from './settings.ts';

/** The settings of a recipe. */
export type RecipeSettings = Pick<Settings, 'learningRate' | 'beta1' | 'falling' | 'average'>;

/**
 * Options that train better within a few minutes than the paper's: a higher learning rate that
 * falls to 0 at the end, and samples from a running average of the generator's weights.
 * docs/results/mnist.md has the effect of each.
 *
 * The rate ends with the run, however many steps there is time for.
 *
 * @param totalSteps - The steps of the whole run at most; `average` is a share of them.
 */
export function recipe(
  settings: RecipeSettings,
  totalSteps: number,
): Pick<CreateDcganOptions, 'optimizers' | 'ema'> {
  const { learningRate: from, beta1, falling, average } = settings;
  const learningRate = falling > 0 ? linearDecay({ from, hold: 1 - falling }) : from;
  const optimizer = adam({ learningRate, beta1 });
  const averaged = totalSteps * average;
  return {
    optimizers: { generator: optimizer, discriminator: optimizer },
    ...(averaged > 1 ? { ema: { decay: 1 - 1 / averaged } } : {}),
  };
}

/** A run continued beyond its original length averages over more steps; all other settings must match. */
export const longerRun: RestoreOptions = { allow: ['ema.generator.decay'] };
