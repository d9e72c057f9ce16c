import { checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { type ImageShape, stageCount } from '../image-shape.ts';

/**
 * Settings that R3GAN's two networks share.
 *
 * @example Two blocks at each size, as in the paper
 * ```ts
 * const shared: R3ganNetworkOptions = { imageShape: [16, 16, 3], baseFilters: 8, blocks: 2 };
 * const generator = r3ganGenerator(shared);
 * const discriminator = r3ganDiscriminator(shared);
 * console.log(generator.outputShape, discriminator.inputShape); // [ 16, 16, 3 ] [ 16, 16, 3 ]
 * ```
 */
export interface R3ganNetworkOptions {
  /** `[height, width, channels]` of the images; height and width even and at least 8. */
  readonly imageShape: ImageShape;
  /**
   * Filters next to the image; each smaller size has twice as many, at most eight times.
   *
   * @defaultValue `8`, which a CPU trains on MNIST; the paper has 768 at every size of 32×32 images
   */
  readonly baseFilters?: number | undefined;
  /**
   * Residual blocks at each size.
   *
   * @defaultValue `1`; the paper has 2
   */
  readonly blocks?: number | undefined;
  /**
   * How often the image is halved on the way through.
   *
   * @defaultValue as often as leaves whole sides of at least 4: 28 → 7 in two stages, 32 → 4 in
   *   three
   */
  readonly stages?: number | undefined;
  /**
   * Decides the first weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** The shared settings, complete. @internal */
export interface R3ganSizes {
  /** Filters at each size, from the image to the smallest. */
  readonly filters: readonly [number, ...number[]];
  readonly blocks: number;
  /** Height and width of the smallest size. */
  readonly smallest: readonly [height: number, width: number];
  readonly seed: number;
}

/** Names of the settings of both networks but the seed. @internal */
export const r3ganNames = ['imageShape', 'baseFilters', 'blocks', 'stages'] as const;

/** The most filters, in units of those next to the image. */
const widest = 8;

/**
 * The shared settings, checked, with their defaults.
 *
 * @param own - Names of the settings that this network has besides.
 * @param isJudged - Whether the images may be several joined to one.
 *
 * @internal
 */
export function r3ganSizes(
  action: string,
  options: R3ganNetworkOptions,
  own: readonly string[],
  isJudged = false,
): R3ganSizes {
  const defaults = {
    imageShape: undefined,
    baseFilters: 8,
    blocks: 1,
    stages: undefined,
    seed: 42,
  };
  const { imageShape, baseFilters, blocks, stages, seed } = withDefaults(
    action,
    options,
    defaults,
    own,
  );
  const count = stageCount(action, imageShape, { wanted: stages, isJudged });
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkPositiveInteger(action, 'blocks', blocks);
  checkSeed(action, seed);
  const [height, width] = imageShape;
  const filtersAt = (stage: number): number => baseFilters * Math.min(widest, 2 ** stage);
  return {
    filters: [filtersAt(0), ...Array.from({ length: count }, (_, i) => filtersAt(i + 1))],
    blocks,
    smallest: [height / 2 ** count, width / 2 ** count],
    seed,
  };
}
