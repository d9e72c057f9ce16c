import { freeingOnError } from './freeing.ts';
import { checkTransforms, transformedShape } from '../transforms/check-transforms.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import { ruleNames } from '../training/check-parts.ts';
import { Gan } from '../training/gan.ts';
import { Trainer } from '../training/trainer.ts';
import type { TrainerOptions } from '../training/trainer-options.ts';

/**
 * The trainer settings that every preset accepts.
 *
 * @example The same settings for points and for images
 * ```ts
 * const recipe: PresetTrainerOptions = { loss: new HingeLoss(), ema: { decay: 0.99 }, seed: 7 };
 * const points = createMlpGan({ sampleShape: [2], ...recipe });
 * const images = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, ...recipe });
 * console.log([points, images].map(({ trainer }) => trainer.configuration['loss.name'])); // [ 'hinge', 'hinge' ]
 * ```
 */
export type PresetTrainerOptions = Omit<TrainerOptions, 'generator' | 'discriminator' | 'seed'> & {
  /**
   * Determines everything random: initial weights, order of the data, latents. The same seed on the
   * same backend gives the same training, bit-for-bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
};

/** Picks options by name. @internal */
export function pick<O extends object, K extends keyof O>(
  options: O,
  names: readonly K[],
): Pick<O, K> {
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Pick<O, K>;
}

/**
 * Shape of the input of a preset's discriminator, which transforms may change.
 *
 * @internal
 */
export function seenShape<T extends readonly number[]>(
  action: string,
  shape: T,
  { transforms }: Pick<PresetTrainerOptions, 'transforms'>,
): T {
  // A transform changes sizes, but not the number of dimensions.
  return transformedShape(checkTransforms(action, transforms), shape) as T;
}

/**
 * Creates two networks and their trainer. If the trainer refuses its settings, the networks are
 * freed.
 *
 * @internal
 */
export function assembleGan(
  generator: Generator,
  makeDiscriminator: () => Discriminator<string, string>,
  options: PresetTrainerOptions,
): Gan {
  return freeingOnError((built) => {
    built(generator);
    const discriminator = built(makeDiscriminator());
    const trainer = new Trainer({ ...pick(options, ruleNames), generator, discriminator });
    // The type of a Gan names its logits, but not its heads.
    return new Gan({ generator, discriminator: discriminator as Gan['discriminator'], trainer });
  });
}
