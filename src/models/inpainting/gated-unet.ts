import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger, checkSeed } from '../../core/checks.ts';
import { FillHole } from '../../layers/image/fill-hole.ts';
import { Upsampling } from '../../layers/image/upsampling.ts';
import type { ImageShape } from '../image-shape.ts';
import { pass } from '../symbolic.ts';
import { TranslatorLayers } from '../translators/translator-layers.ts';
import { checkHalvings, checkPictureShape } from '../translators/translator-options.ts';

/** Sizes of {@link gatedUnet}, and the seed of its initial weights. @internal */
export interface GatedUnetOptions {
  /** Height and width are multiples of 4. */
  readonly imageShape: ImageShape;
  /** Filters of the first gated convolution; each of the two halvings doubles them. */
  readonly baseFilters: number;
  readonly seed: number;
}

/** How often the sides are halved. */
const halvings = 2;

/** Gates begin near ½, so twice He's weights keep the size of values from layer to layer. */
const gain = 2;

/**
 * A U-Net of gated convolutions, ELU(a) · sigmoid(b), which learn for each pixel and channel whether
 * what they see is known.
 *
 * With f base filters:
 *
 *     image with 0 in the hole, hole     → [height, width, c + 1]
 *     gated 5×5                          → [height, width, f]
 *     gated 3×3, stride 2                → [height / 2, width / 2, 2f]
 *     gated 3×3, stride 2                → [height / 4, width / 4, 4f]
 *     gated 3×3, three times             → [height / 4, width / 4, 4f]
 *     pixels repeated, joined, gated 3×3 → [height / 2, width / 2, 2f]
 *     pixels repeated, joined, gated 3×3 → [height, width, f]
 *     conv 3×3, tanh                     → [height, width, c]
 *     known pixels put back              → [height, width, c]
 *
 * @returns A model with the inputs image and hole.
 *
 * @internal
 */
export function gatedUnet(
  action: string,
  { imageShape, baseFilters, seed }: GatedUnetOptions,
): tf.LayersModel {
  checkPictureShape(action, 'imageShape', imageShape);
  const sides = { times: halvings, of: 'the network halves them twice' };
  checkHalvings(action, 'imageShape', imageShape, sides);
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkSeed(action, seed);
  const [height, width, channels] = imageShape;
  const layers = new TranslatorLayers(seed, 'none', gain);
  const joined = (parts: tf.SymbolicTensor[]): tf.SymbolicTensor =>
    tf.layers.concatenate().apply(parts) as tf.SymbolicTensor;
  const filled = (parts: tf.SymbolicTensor[]): tf.SymbolicTensor =>
    new FillHole().apply(parts) as tf.SymbolicTensor;

  const image = tf.input({ shape: [...imageShape] });
  const hole = tf.input({ shape: [height, width, 1] });
  const skips = [
    layers.gated(joined([filled([image, hole]), hole]), baseFilters, { kernelSize: 5 }),
  ];
  for (let level = 1; level <= halvings; level += 1) {
    const size = { kernelSize: 3, strides: 2 };
    skips.push(layers.gated(skips[level - 1]!, baseFilters * 2 ** level, size));
  }
  let x = skips[halvings]!;
  for (let i = 0; i < 3; i += 1) {
    x = layers.gated(x, baseFilters * 2 ** halvings, { kernelSize: 3 });
  }
  for (let level = halvings - 1; level >= 0; level -= 1) {
    const larger = joined([pass(new Upsampling({ factor: 2 }), x), skips[level]!]);
    x = layers.gated(larger, baseFilters * 2 ** level, { kernelSize: 3 });
  }
  const filling = layers.convolution(x, channels, { kernelSize: 3, activation: 'tanh' });
  return tf.model({ inputs: [image, hole], outputs: filled([image, hole, filling]) });
}
