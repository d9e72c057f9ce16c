import { checkOneOf, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { type ImageShape, stageCount } from '../image-shape.ts';

/**
 * Normalization between two layers: batch norm, over all samples of a batch; layer norm, over each
 * sample separately, as a gradient penalty requires; or none.
 *
 * @example A critic for a gradient penalty, without batch statistics
 * ```ts
 * const between: Record<'generator' | 'discriminator', Normalization> = { generator: 'batch', discriminator: 'layer' };
 * const [loss, penalties] = [new WassersteinLoss(), [new GradientPenalty()]];
 * const gan = createDcgan({ imageShape: [16, 16, 1], baseFilters: 4, normalization: between, loss, penalties });
 * ```
 */
export type Normalization = 'batch' | 'layer' | 'none';

/**
 * Settings that DCGAN's two networks share.
 *
 * @example Smaller kernels and one stage, equal in both networks
 * ```ts
 * const shared: DcganNetworkOptions = { imageShape: [8, 8, 1], baseFilters: 4, kernelSize: 3, stages: 1 };
 * const generator = dcganGenerator({ ...shared, latentSize: 8 });
 * const discriminator = dcganDiscriminator(shared);
 * await new Trainer({ generator, discriminator }).fit(dataset, { steps: 1, batchSize: 8 });
 * ```
 */
export interface DcganNetworkOptions {
  /** `[height, width, channels]` of the images; height and width even and at least 8. */
  readonly imageShape: ImageShape;
  /**
   * Filters of the layer next to the image; each further stage doubles them.
   *
   * @defaultValue `32`: a sixteenth of the paper's computation, and enough for MNIST. TensorFlow's
   * DCGAN tutorial uses 64, the paper 128
   */
  readonly baseFilters?: number | undefined;
  /**
   * Side of the convolution kernels.
   *
   * @defaultValue `5`
   */
  readonly kernelSize?: number | undefined;
  /**
   * Number of stages, each of which halves or doubles the sides of the image.
   *
   * @defaultValue as many as leave integer sides of at least 4: 28 → 7 in two stages, 64 → 4 in
   * four
   */
  readonly stages?: number | undefined;
  /**
   * Normalization between the layers.
   *
   * @defaultValue `'batch'`
   */
  readonly normalization?: Normalization | undefined;
  /**
   * Initializer of the kernels.
   *
   * @defaultValue `'normal'`, as in the paper
   */
  readonly initializer?: 'normal' | 'orthogonal' | undefined;
  /**
   * Determines the initial weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** @internal */
export type DcganSizes = {
  readonly [K in keyof DcganNetworkOptions]-?: NonNullable<DcganNetworkOptions[K]>;
} & {
  /**
   * Units of a dense layer at the far end of the image, of which InfoGAN has one in each network.
   */
  readonly denseUnits?: number;
};

/**
 * The checked shared settings with defaults.
 *
 * @param own - Names of further settings of this network.
 * @param isJudged - Whether several images may be packed into one.
 * @internal
 */
export function dcganSizes(
  action: string,
  options: DcganNetworkOptions,
  own: readonly string[] = [],
  isJudged = false,
): DcganSizes {
  const sizes = { imageShape: undefined, baseFilters: 32, kernelSize: 5, stages: undefined };
  const kinds = { normalization: 'batch', initializer: 'normal', seed: 42 } as const;
  const all = withDefaults(action, options, { ...sizes, ...kinds }, own);
  const stages = stageCount(action, all.imageShape, { wanted: all.stages, isJudged });
  checkPositiveInteger(action, 'baseFilters', all.baseFilters);
  checkPositiveInteger(action, 'kernelSize', all.kernelSize);
  checkOneOf(action, 'normalization', all.normalization, ['batch', 'layer', 'none'] as const);
  checkOneOf(action, 'initializer', all.initializer, ['normal', 'orthogonal'] as const);
  checkSeed(action, all.seed);
  return { ...all, stages };
}
