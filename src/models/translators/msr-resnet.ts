import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { Upsampling } from '../../layers/image/upsampling.ts';
import type { ImageShape } from '../image-shape.ts';
import { pass } from '../symbolic.ts';
import { Translator } from './translator.ts';
import { TranslatorLayers } from './translator-layers.ts';
import {
  checkPictureShape,
  type UpsamplingMethod,
  upsamplingMethods,
} from './translator-options.ts';

/**
 * Settings of {@link msrResnet}.
 *
 * @example The paper's sizes, for patches of 32×32
 * ```ts
 * const options: MsrResnetOptions = { sourceShape: [32, 32, 3], scale: 4, blocks: 16, baseFilters: 64 };
 * ```
 */
export interface MsrResnetOptions {
  /** `[height, width, channels]` of the small images. */
  readonly sourceShape: ImageShape;
  /**
   * Factor by which height and width grow: 2, 4 or 8.
   *
   * @defaultValue `2`
   */
  readonly scale?: number | undefined;
  /**
   * Number of residual blocks.
   *
   * @defaultValue `4`, which a CPU trains; the paper has 16
   */
  readonly blocks?: number | undefined;
  /**
   * Filters of all convolutions but the last.
   *
   * @defaultValue `32`, which a CPU trains; the paper has 64
   */
  readonly baseFilters?: number | undefined;
  /**
   * How feature maps are enlarged: `'shuffle'` computes at the small size, the others at the large
   * one.
   *
   * @defaultValue `'shuffle'`, as in the paper
   */
  readonly upsampling?: UpsamplingMethod | undefined;
  /**
   * Determines the initial weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** Negative slope of the LeakyReLU. */
const leak = 0.1;

/**
 * The generator of super-resolution: a residual network without normalization (MSRResNet) that adds
 * details to a bilinear enlargement.
 *
 * With f base filters and scale 2:
 *
 *     source                            → [height, width, c]
 *     conv 3×3, LeakyReLU               → [height, width, f]
 *     blocks                            → [height, width, f]        x + conv, ReLU, conv of x
 *     conv, pixel shuffle, LeakyReLU    → [2·height, 2·width, f]    once for each factor 2
 *     conv, LeakyReLU, conv             → [2·height, 2·width, c]
 *     + source, enlarged bilinearly     → [2·height, 2·width, c]
 *
 * Without batch norm a result does not depend on statistics, which cause blotches in enlarged
 * images. Weights start at a tenth of He's, so an untrained network nearly returns the bilinear
 * enlargement. Values may leave −1…1 slightly; PNG files and `saveImageGrid` clamp them.
 *
 * @param options - Shape, scale, sizes, seed.
 * @returns A translator that owns its network.
 * @throws RangeError if an option is out of range; TypeError if one is unknown.
 *
 * @example Twice as large
 * ```ts
 * const network = msrResnet({ sourceShape: [8, 8, 1], blocks: 1, baseFilters: 4 });
 * console.log(network.sourceShape, network.targetShape); // [ 8, 8, 1 ] [ 16, 16, 1 ]
 * network.dispose();
 * ```
 *
 * @see Wang et al., ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks, 2018.
 * {@link https://arxiv.org/abs/1809.00219}
 * @see Ledig et al., Photo-Realistic Single Image Super-Resolution Using a GAN, 2017, section 2.1.
 * {@link https://arxiv.org/abs/1609.04802}
 */
export function msrResnet(options: MsrResnetOptions): Translator {
  const action = 'create an MSRResNet';
  const settings = withDefaults(action, options, {
    sourceShape: undefined,
    scale: 2,
    blocks: 4,
    baseFilters: 32,
    upsampling: 'shuffle',
    seed: 42,
  });
  const { sourceShape, scale, blocks, baseFilters, upsampling, seed } = settings;
  checkPictureShape(action, 'sourceShape', sourceShape);
  checkScale(action, scale);
  checkPositiveInteger(action, 'blocks', blocks);
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkOneOf(action, 'upsampling', upsampling, upsamplingMethods);
  checkSeed(action, seed);

  const layers = new TranslatorLayers(seed, 'none', 0.1);
  const convolution = (x: tf.SymbolicTensor, filters = baseFilters): tf.SymbolicTensor =>
    layers.convolution(x, filters, { kernelSize: 3 });
  const added = (x: tf.SymbolicTensor, change: tf.SymbolicTensor): tf.SymbolicTensor =>
    tf.layers.add().apply([x, change]) as tf.SymbolicTensor;

  const source = tf.input({ shape: [...sourceShape] });
  let x = layers.leaky(convolution(source), leak);
  for (let block = 0; block < blocks; block += 1) {
    x = added(x, convolution(layers.relu(convolution(x))));
  }
  for (let side = 2; side <= scale; side *= 2) {
    x = layers.leaky(layers.enlarged(x, baseFilters, upsampling, {}), leak);
  }
  const details = convolution(layers.leaky(convolution(x), leak), sourceShape[2]);
  const smooth = pass(new Upsampling({ factor: scale, interpolation: 'bilinear' }), source);
  const model = tf.model({ inputs: source, outputs: added(smooth, details) });
  return new Translator({ model, ownsModel: true });
}

/** Refuses a factor that is not made of steps of 2. @internal */
export function checkScale(action: string, scale: number): void {
  checkOneOf(action, 'scale', scale, [2, 4, 8]);
}
