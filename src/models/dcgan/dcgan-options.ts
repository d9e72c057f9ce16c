import { checkSeed, checkPositiveInteger } from '../../core/checks.ts';
import type { ImageShape } from '../image-shape.ts';

/** Settings that DCGAN's two networks share. */
export interface DcganNetworkOptions {
  /** `[height, width, channels]` of the images; height and width even and at least 8. */
  readonly imageShape: ImageShape;
  /**
   * Filters of the layer next to the image; each further stage has twice as many.
   *
   * @defaultValue `32`: a sixteenth of the work of the paper, and enough for MNIST. The tutorial article has 64, the paper 128
   */
  readonly baseFilters?: number | undefined;
  /**
   * Side of the convolution kernels.
   *
   * @defaultValue `5`
   */
  readonly kernelSize?: number | undefined;
  /**
   * How often the image is halved on the way through.
   *
   * @defaultValue as often as leaves whole sides of at least 4: 28 → 7 in two stages, 64 → 4 in four
   */
  readonly stages?: number | undefined;
  /**
   * Whether batch norm stands between the layers.
   *
   * @defaultValue `true`
   */
  readonly batchNorm?: boolean | undefined;
  /**
   * Decides the first weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** @internal */
export interface DcganSizes {
  readonly baseFilters: number;
  readonly kernelSize: number;
  readonly batchNorm: boolean;
  readonly seed: number;
}

/** The shared settings, checked, with their defaults. @internal */
export function dcganSizes(asked: string, options: DcganNetworkOptions): DcganSizes {
  const { baseFilters = 32, kernelSize = 5, batchNorm = true, seed = 42 } = options;
  checkPositiveInteger(asked, 'baseFilters', baseFilters);
  checkPositiveInteger(asked, 'kernelSize', kernelSize);
  checkSeed(asked, seed);
  return { baseFilters, kernelSize, batchNorm, seed };
}
