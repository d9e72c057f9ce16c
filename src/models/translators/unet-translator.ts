import * as tf from '@tensorflow/tfjs';
import {
  checkInRange,
  checkOneOf,
  checkPositiveInteger,
  checkSeed,
  withDefaults,
} from '../../core/checks.ts';
import type { ImageShape } from '../image-shape.ts';
import { Translator } from './translator.ts';
import { TranslatorLayers } from './translator-layers.ts';
import { pass } from '../symbolic.ts';
import {
  checkHalvings,
  checkShapes,
  normalizations,
  type TranslatorNormalization,
  type UpsamplingMethod,
  upsamplingMethods,
} from './translator-options.ts';

/**
 * Settings of {@link unetTranslator}.
 *
 * @example Wide pictures, gray to color
 * ```ts
 * const options: UnetTranslatorOptions = { sourceShape: [16, 32, 1], targetShape: [16, 32, 3], baseFilters: 4 };
 * const translator = unetTranslator(options);
 * console.log(translator.sourceShape, translator.targetShape); // [ 16, 32, 1 ] [ 16, 32, 3 ]
 * translator.dispose();
 * ```
 */
export interface UnetTranslatorOptions {
  /** `[height, width, channels]` of the pictures to translate; any number of channels. */
  readonly sourceShape: ImageShape;
  /** Of the results; height and width are those of the source. */
  readonly targetShape: ImageShape;
  /**
   * How often the sides are halved; height and width must be multiples of 2 to this power.
   *
   * @defaultValue as often as leaves whole sides of at least 2, at most 8: 4 for 32×32, 7 for
   *   256×256 (the paper has 8)
   */
  readonly depth?: number | undefined;
  /**
   * Filters of the first convolution; each further level has twice as many, at most eight times as
   * many.
   *
   * @defaultValue `32`, which a CPU trains; the paper has 64
   */
  readonly baseFilters?: number | undefined;
  /**
   * How the way up enlarges feature maps.
   *
   * @defaultValue `'transposed'`, as in the paper
   */
  readonly upsampling?: UpsamplingMethod | undefined;
  /**
   * What stands behind the convolutions inside.
   *
   * @defaultValue `'instance'`, which is what batch norm does with the paper's batches of one
   *   picture
   */
  readonly normalization?: TranslatorNormalization | undefined;
  /**
   * Share of the values that are dropped in training, in the levels on the way up between those of
   * eight times the base filters, as in the paper: networks of depth 6 and more have such levels.
   * At least 0, less than 1.
   *
   * @defaultValue `0.5`
   */
  readonly dropout?: number | undefined;
  /**
   * Decides the first weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** Times the base filters that a level has at most. */
const widest = 8;

/** Most levels if nothing is said, those of the paper for 256×256. */
const deepest = 8;

/**
 * The U-Net of pix2pix: halves the picture level by level, then enlarges it again, and joins to
 * each level on the way up the maps of the same size from the way down.
 *
 * With f base filters and depth 4, for 32×32 pictures:
 *
 *     source                          → [32, 32, c]
 *     conv 4×4, stride 2              → [16, 16, f]      no normalization at the first and at the last
 *     LeakyReLU, conv, norm           → [8, 8, 2f]
 *     LeakyReLU, conv, norm           → [4, 4, 4f]
 *     LeakyReLU, conv                 → [2, 2, 8f]
 *     ReLU, transposed conv, norm     → [4, 4, 4f]       joined with [4, 4, 4f]
 *     ReLU, transposed conv, norm     → [8, 8, 2f]       joined with [8, 8, 2f]
 *     ReLU, transposed conv, norm     → [16, 16, f]      joined with [16, 16, f]
 *     ReLU, transposed conv, tanh     → [32, 32, target channels]
 *
 * Weights start as N(0, 0.02). Dropout, if the depth has it, works in training only: the paper
 * keeps it at sampling too, but reports hardly any variety from it, and without it a picture always
 * has the same translation.
 *
 * @param options - Shapes, depth, widths, seed.
 * @returns A translator that owns its network.
 * @throws RangeError if the sides cannot be halved as often, or an option is out of range;
 *   TypeError if an option is unknown.
 *
 * @example Depth and way up chosen
 * ```ts
 * const shape: ImageShape = [16, 16, 3];
 * const translator = unetTranslator({ sourceShape: shape, targetShape: shape, depth: 2, baseFilters: 4, upsampling: 'nearest' });
 * const pictures = tf.zeros<tf.Rank.R4>([2, 16, 16, 3]);
 * console.log(translator.translate(pictures).shape); // [ 2, 16, 16, 3 ]
 * translator.dispose();
 * ```
 *
 * @see Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017,
 * section 6.1.1. {@link https://arxiv.org/abs/1611.07004}
 * @see Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation, 2015.
 * {@link https://arxiv.org/abs/1505.04597}
 */
export function unetTranslator(options: UnetTranslatorOptions): Translator {
  const action = 'create a U-Net';
  const settings = withDefaults(action, options, {
    sourceShape: undefined,
    targetShape: undefined,
    depth: undefined,
    baseFilters: 32,
    upsampling: 'transposed',
    normalization: 'instance',
    dropout: 0.5,
    seed: 42,
  });
  const { sourceShape, targetShape, baseFilters, dropout, seed } = settings;
  const upsampling: UpsamplingMethod = settings.upsampling;
  checkShapes(action, options);
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkOneOf(action, 'upsampling', upsampling, upsamplingMethods);
  checkOneOf(action, 'normalization', settings.normalization, normalizations);
  checkInRange(action, 'dropout', dropout, 0, 1);
  checkSeed(action, seed);
  const depth = depthOf(action, sourceShape, settings.depth);
  const layers = new TranslatorLayers(seed, settings.normalization);
  const filtersAt = (level: number): number => baseFilters * Math.min(2 ** level, widest);
  const source = tf.input({ shape: [...sourceShape] });

  // Down: level i has half the sides of level i − 1.
  const skips: tf.SymbolicTensor[] = [];
  let x = source;
  for (let level = 0; level < depth; level += 1) {
    const isInside = level > 0 && level < depth - 1;
    const useBias = !(isInside && layers.normalizes);
    const active = level === 0 ? x : layers.leaky(x);
    const halved = layers.convolution(active, filtersAt(level), { ...half, useBias });
    x = isInside ? layers.normalized(halved) : halved;
    skips.push(x);
  }
  // Up: from level i to the sides of level i − 1.
  const useBias = !layers.normalizes;
  for (let level = depth - 1; level > 0; level -= 1) {
    const filters = filtersAt(level - 1);
    const larger = layers.enlarged(layers.relu(x), filters, upsampling, { useBias });
    const isDropped = level < depth - 1 && filters === widest * baseFilters && dropout > 0;
    const normalized = layers.normalized(larger);
    const kept = isDropped ? pass(tf.layers.dropout({ rate: dropout }), normalized) : normalized;
    x = tf.layers.concatenate().apply([skips[level - 1]!, kept]) as tf.SymbolicTensor;
  }
  const outputs = layers.enlarged(layers.relu(x), targetShape[2], upsampling, {
    activation: 'tanh',
  });
  return new Translator({ model: tf.model({ inputs: source, outputs }), ownsModel: true });
}

/** A convolution that halves the sides. */
const half = { kernelSize: 4, strides: 2 } as const;

function depthOf(action: string, shape: ImageShape, wanted: number | undefined): number {
  if (wanted !== undefined) {
    checkPositiveInteger(action, 'depth', wanted);
    checkHalvings(action, 'sourceShape', shape, {
      times: wanted,
      of: `a U-Net of depth ${wanted} halves them ${wanted} times`,
    });
    return wanted;
  }
  checkHalvings(action, 'sourceShape', shape, { times: 1, of: 'a U-Net halves them' });
  const [height, width] = shape;
  let depth = 1;
  while (depth < deepest) {
    const unit = 2 ** (depth + 1);
    if (height % unit > 0 || width % unit > 0 || Math.min(height, width) / unit < 2) break;
    depth += 1;
  }
  return depth;
}
