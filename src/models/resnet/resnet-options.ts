import { checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import type { ImageShape } from '../image-shape.ts';

/**
 * Settings that the two residual networks share.
 *
 * @example Twice as many filters in the generator, as in the paper
 * ```ts
 * const shared: ResnetOptions = { imageShape: [8, 8, 1], seed: 5 };
 * const generator = resnetGenerator({ ...shared, baseFilters: 8 });
 * const discriminator = resnetDiscriminator({ ...shared, baseFilters: 4 });
 * const trainer = new Trainer({ generator, discriminator, loss: new HingeLoss() });
 * ```
 */
export interface ResnetOptions {
  /** `[height, width, channels]` of the images; height and width even and at least 8. */
  readonly imageShape: ImageShape;
  /**
   * Filters of all convolutions inside.
   *
   * @defaultValue `32`, which a CPU trains on MNIST; the paper uses 256 in the generator and 128 in
   * the discriminator
   */
  readonly baseFilters?: number | undefined;
  /**
   * Determines the initial weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/**
 * The checked shared settings with defaults.
 *
 * @param own - Names of further settings of this network.
 * @internal
 */
export function resnetSizes(
  action: string,
  options: ResnetOptions,
  own: readonly string[] = [],
): { readonly baseFilters: number; readonly seed: number } {
  const defaults = { imageShape: undefined, baseFilters: 32, seed: 42 };
  const { baseFilters, seed } = withDefaults(action, options, defaults, own);
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkSeed(action, seed);
  return { baseFilters, seed };
}
