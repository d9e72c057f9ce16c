import { adam, type CreateDcganOptions, linearDecay, type RestoreOptions } from 'tfjs-gan';
import type { Settings } from './settings.ts';

/** The settings that a recipe is made of. */
export type RecipeSettings = Pick<Settings, 'learningRate' | 'beta1' | 'falling' | 'average'>;

/**
 * What makes more of a few minutes than the paper's settings do: a higher rate that falls to 0 at the end, and samples from a
 * running average of the generator's weights. docs/results/mnist.md has what each is worth.
 *
 * @param totalSteps - The steps of the whole run, which the fall and the average are shares of.
 */
export function recipe(
  settings: RecipeSettings,
  totalSteps: number,
): Pick<CreateDcganOptions, 'optimizers' | 'ema'> {
  const { learningRate: from, beta1, falling, average } = settings;
  const begin = Math.round(totalSteps * (1 - falling));
  // A run of one or two steps has nothing to fall in.
  const learningRate = begin < totalSteps ? linearDecay({ from, begin, end: totalSteps }) : from;
  const optimizer = adam({ learningRate, beta1 });
  const averaged = totalSteps * average;
  return {
    optimizers: { generator: optimizer, discriminator: optimizer },
    ...(averaged > 1 ? { ema: { decay: 1 - 1 / averaged } } : {}),
  };
}

/** A run that goes on for longer than it was to has its fall later; all else must be as it was. */
export const longerRun: RestoreOptions = {
  allow: [
    'optimizers.generator.learningRate.begin',
    'optimizers.generator.learningRate.end',
    'optimizers.discriminator.learningRate.begin',
    'optimizers.discriminator.learningRate.end',
    'ema.generator.decay',
  ],
};
