import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { Discriminator } from '../discriminator.ts';
import type { ImageShape } from '../image-shape.ts';
import { TranslatorLayers } from './translator-layers.ts';
import {
  checkHalvings,
  checkPictureShape,
  checkShapes,
  normalizations,
  type TranslatorNormalization,
} from './translator-options.ts';

/**
 * Settings of {@link patchDiscriminator}.
 *
 * @example Without normalization, as a gradient penalty or spectral norm wants it
 * ```ts
 * const sizes = { imageShape: [16, 16, 1], baseFilters: 4 } satisfies PatchDiscriminatorOptions;
 * const options = { ...sizes, levels: 2, normalization: 'none' } satisfies PatchDiscriminatorOptions;
 * const discriminator = patchDiscriminator(options);
 * console.log(discriminator.model.outputs[0]?.shape); // [ null, 4, 4, 1 ]
 * discriminator.dispose();
 * ```
 */
export interface PatchDiscriminatorOptions {
  /** `[height, width, channels]` of the pictures it judges. */
  readonly imageShape: ImageShape;
  /**
   * Of the source pictures, which it sees beside the judged ones; height and width are those of
   * `imageShape`.
   *
   * @defaultValue none: it sees the pictures alone
   */
  readonly sourceShape?: ImageShape | undefined;
  /**
   * How often the sides are halved, 1 to 3; a logit then sees 16, 34 or 70 pixels in each
   * direction. Height and width must be multiples of 2 to this power.
   *
   * @defaultValue the most by which a logit sees little more than half of the shorter side: 1 below
   *   62, 2 below 128, then 3
   */
  readonly levels?: number | undefined;
  /**
   * Filters of the first convolution; each further one has twice as many.
   *
   * @defaultValue `32`, which a CPU trains; the paper has 64
   */
  readonly baseFilters?: number | undefined;
  /**
   * What stands behind the convolutions inside.
   *
   * @defaultValue `'instance'`
   */
  readonly normalization?: TranslatorNormalization | undefined;
  /**
   * Decides the first weights: the same seed gives the same weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** Pixels that a logit sees in each direction, by the number of levels. */
const seenByLevels = [16, 34, 70] as const;

/** Most of the shorter side that a logit sees, if nothing is said. */
const mostSeen = 0.55;

/**
 * The discriminator of pix2pix and CycleGAN (PatchGAN): a map of logits, each for one patch of the
 * picture.
 *
 * It judges texture and edges; what the picture is as a whole is left to the other terms of the
 * loss. With f base filters and 3 levels, for 256×256 pictures:
 *
 *     picture, source joined to it     → [256, 256, c]
 *     conv 4×4, stride 2, LeakyReLU    → [128, 128, f]     no normalization next to the picture
 *     conv, norm, LeakyReLU            → [64, 64, 2f]      stride 2
 *     conv, norm, LeakyReLU            → [32, 32, 4f]      stride 2
 *     conv, norm, LeakyReLU            → [32, 32, 8f]      stride 1
 *     conv                             → [32, 32, 1]       stride 1: logits
 *
 * Weights start as N(0, 0.02). Convolutions of stride 1 keep the size; the paper's lose a pixel
 * each.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model; its inputs are `samples`, or `source` and
 *   `samples`.
 * @throws RangeError if the sides cannot be halved as often, or an option is out of range;
 *   TypeError if an option is unknown.
 *
 * @example A judge of pairs
 * ```ts
 * const discriminator = patchDiscriminator({ sourceShape: [32, 32, 1], imageShape: [32, 32, 3], baseFilters: 4 });
 * console.log(Object.keys(discriminator.inputs)); // [ 'source', 'samples' ]
 * discriminator.dispose();
 * ```
 *
 * @see Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017,
 * section 6.1.2. {@link https://arxiv.org/abs/1611.07004}
 */
export function patchDiscriminator(
  options: PatchDiscriminatorOptions & { readonly sourceShape: ImageShape },
): Discriminator<'source'>;
/**
 * The same for pictures alone.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 */
export function patchDiscriminator(
  options: PatchDiscriminatorOptions & { readonly sourceShape?: undefined },
): Discriminator;
export function patchDiscriminator(
  options: PatchDiscriminatorOptions,
): Discriminator<'source'> | Discriminator {
  const action = 'create a patch discriminator';
  const settings = withDefaults(action, options, {
    imageShape: undefined,
    sourceShape: undefined,
    levels: undefined,
    baseFilters: 32,
    normalization: 'instance',
    seed: 42,
  });
  const { imageShape, sourceShape, baseFilters, normalization, seed } = settings;
  if (sourceShape === undefined) checkPictureShape(action, 'imageShape', imageShape);
  else {
    const shapes = { sourceShape, targetShape: imageShape };
    checkShapes(action, shapes, ['sourceShape', 'imageShape']);
  }
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkOneOf(action, 'normalization', normalization, normalizations);
  checkSeed(action, seed);
  const { levels = levelsFor(imageShape) } = settings;
  checkOneOf(action, 'levels', levels, [1, 2, 3]);
  checkHalvings(action, 'imageShape', imageShape, {
    times: levels,
    of: `a patch discriminator of ${levels} levels halves them ${levels} times`,
  });

  const layers = new TranslatorLayers(seed, normalization);
  const inner = (x: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor => {
    const size = { kernelSize: 4, strides, useBias: !layers.normalizes };
    return layers.leaky(layers.normalized(layers.convolution(x, filters, size)));
  };
  const samples = tf.input({ shape: [...imageShape] });
  const source = sourceShape && tf.input({ shape: [...sourceShape] });
  const seen =
    source === undefined
      ? samples
      : (tf.layers.concatenate().apply([source, samples]) as tf.SymbolicTensor);
  let x = layers.leaky(layers.convolution(seen, baseFilters, { kernelSize: 4, strides: 2 }));
  for (let level = 1; level < levels; level += 1) x = inner(x, baseFilters * 2 ** level, 2);
  const last = inner(x, baseFilters * 2 ** levels, 1);
  const outputs = layers.convolution(last, 1, { kernelSize: 4 });
  if (source === undefined) {
    return new Discriminator({ model: tf.model({ inputs: samples, outputs }), ownsModel: true });
  }
  const model = tf.model({ inputs: [source, samples], outputs });
  return new Discriminator({ model, inputs: ['source', 'samples'], ownsModel: true });
}

function levelsFor([height, width]: ImageShape): number {
  const most = mostSeen * Math.min(height, width);
  const fits = seenByLevels.filter((pixels, i) => {
    const unit = 2 ** (i + 1);
    return pixels <= most && height % unit === 0 && width % unit === 0;
  });
  return Math.max(1, fits.length);
}
