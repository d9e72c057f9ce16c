import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { ReflectionPadding } from '../../layers/image/reflection-padding.ts';
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
 * Settings of {@link resnetTranslator}.
 *
 * @example The sizes of the paper for 256×256
 * ```ts
 * const shape: ImageShape = [256, 256, 3];
 * const options: ResnetTranslatorOptions = { sourceShape: shape, targetShape: shape, blocks: 9, baseFilters: 64 };
 * ```
 */
export interface ResnetTranslatorOptions {
  /**
   * `[height, width, channels]` of the pictures to translate; height and width are multiples of 4
   * and at least 8.
   */
  readonly sourceShape: ImageShape;
  /** Of the results; height and width are those of the source. */
  readonly targetShape: ImageShape;
  /**
   * Number of residual blocks.
   *
   * @defaultValue by the shorter side, 3 below 128, 6 below 256, then 9; the paper has the last two
   */
  readonly blocks?: number | undefined;
  /**
   * Filters of the first convolution; the residual blocks have four times as many.
   *
   * @defaultValue `16`, which a CPU trains; the paper has 64
   */
  readonly baseFilters?: number | undefined;
  /**
   * How the way up enlarges feature maps. The paper's transposed 3×3 convolutions of stride 2 leave
   * checkerboards, as 3 is no multiple of 2; `'transposed'` has 4×4.
   *
   * @defaultValue `'nearest'`, a resize-convolution
   */
  readonly upsampling?: UpsamplingMethod | undefined;
  /**
   * What stands behind the convolutions inside.
   *
   * @defaultValue `'instance'`, as in the paper
   */
  readonly normalization?: TranslatorNormalization | undefined;
  /**
   * Decides the first weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** How often it halves the sides. */
const halvings = 2;

/** The smallest side: maps of less than 2×2 cannot be mirrored. */
const smallest = 8;

/**
 * The translator of CycleGAN: the picture is downsampled twice, changed by residual blocks, and
 * enlarged twice.
 *
 * With f base filters:
 *
 *     source                                   → [height, width, c]
 *     mirrored rim of 3, conv 7×7, norm, ReLU  → [height, width, f]
 *     conv 3×3, stride 2, norm, ReLU           → [height / 2, width / 2, 2f]
 *     conv 3×3, stride 2, norm, ReLU           → [height / 4, width / 4, 4f]
 *     residual blocks                          → [height / 4, width / 4, 4f]    x + norm, conv, ReLU, norm, conv of x
 *     twice as large, conv 3×3, norm, ReLU     → [height / 2, width / 2, 2f]
 *     twice as large, conv 3×3, norm, ReLU     → [height, width, f]
 *     mirrored rim of 3, conv 7×7, tanh        → [height, width, target channels]
 *
 * Weights start as N(0, 0.02); the blocks mirror a rim of 1 before each 3×3 convolution.
 *
 * @param options - Shapes, blocks, widths, seed.
 * @returns A translator that owns its network.
 * @throws RangeError if the sides are no multiples of 4, or an option is out of range; TypeError if
 *   an option is unknown.
 *
 * @example For small pictures
 * ```ts
 * const shape: ImageShape = [16, 16, 3];
 * const translator = resnetTranslator({ sourceShape: shape, targetShape: shape, blocks: 1, baseFilters: 4 });
 * console.log(translator.generator.outputShape); // [ 16, 16, 3 ]
 * translator.dispose();
 * ```
 *
 * @see Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
 * 2017, section 7.2. {@link https://arxiv.org/abs/1703.10593}
 * @see Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, 2016.
 * {@link https://arxiv.org/abs/1603.08155}
 */
export function resnetTranslator(options: ResnetTranslatorOptions): Translator {
  return buildResnetTranslator('create a residual translator', options);
}

/**
 * The same, with the name of its input, which a game of two translators has to tell apart.
 *
 * @internal
 */
export function buildResnetTranslator(
  action: string,
  options: ResnetTranslatorOptions,
  inputName = 'source',
): Translator {
  const settings = withDefaults(action, options, {
    sourceShape: undefined,
    targetShape: undefined,
    blocks: undefined,
    baseFilters: 16,
    upsampling: 'nearest',
    normalization: 'instance',
    seed: 42,
  });
  const { sourceShape, targetShape, baseFilters, seed } = settings;
  checkShapes(action, options);
  const sides = { times: halvings, of: 'the network halves them twice' };
  checkHalvings(action, 'sourceShape', sourceShape, sides);
  const side = Math.min(sourceShape[0], sourceShape[1]);
  checkOneOf(action, 'upsampling', settings.upsampling, upsamplingMethods);
  checkOneOf(action, 'normalization', settings.normalization, normalizations);
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkSeed(action, seed);
  if (side < smallest) {
    throw new RangeError(
      `Cannot ${action}: height and width of sourceShape must be at least ${smallest}, got ${side}`,
    );
  }
  const { blocks = blocksFor(side) } = settings;
  checkPositiveInteger(action, 'blocks', blocks);

  const layers = new TranslatorLayers(seed, settings.normalization);
  const useBias = !layers.normalizes;
  const active = (x: tf.SymbolicTensor): tf.SymbolicTensor => layers.relu(layers.normalized(x));
  const mirrored = (
    x: tf.SymbolicTensor,
    filters: number,
    kernelSize: 3 | 7,
    end: { readonly useBias?: boolean; readonly activation?: 'tanh' } = { useBias },
  ): tf.SymbolicTensor => {
    const padded = pass(new ReflectionPadding({ padding: (kernelSize - 1) / 2 }), x);
    return layers.convolution(padded, filters, { kernelSize, padding: 'valid', ...end });
  };

  const source = tf.input({ shape: [...sourceShape] });
  let x = active(mirrored(source, baseFilters, 7));
  for (let level = 1; level <= halvings; level += 1) {
    const size = { kernelSize: 3, strides: 2, useBias };
    x = active(layers.convolution(x, baseFilters * 2 ** level, size));
  }
  const widest = baseFilters * 2 ** halvings;
  for (let block = 0; block < blocks; block += 1) {
    const inside = active(mirrored(x, widest, 3));
    const change = layers.normalized(mirrored(inside, widest, 3));
    x = tf.layers.add().apply([x, change]) as tf.SymbolicTensor;
  }
  for (let level = halvings - 1; level >= 0; level -= 1) {
    x = active(layers.enlarged(x, baseFilters * 2 ** level, settings.upsampling, { useBias }));
  }
  const outputs = mirrored(x, targetShape[2], 7, { activation: 'tanh' });
  const model = tf.model({ inputs: source, outputs });
  return new Translator({ model, inputName, ownsModel: true });
}

function blocksFor(side: number): number {
  if (side < 128) return 3;
  return side < 256 ? 6 : 9;
}
