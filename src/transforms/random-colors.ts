import * as tf from '@tensorflow/tfjs';
import { outsideTape } from '../tfjs-internals/tape.ts';
import type { ImageBatch } from './image-rows.ts';
import { type AugmentDraws, identityPlus, ifDrawn, powerLessOne } from './random-parameters.ts';

const brightnessDeviation = 0.2;

/** Deviations of the binary logarithms of contrast and saturation. */
const deviations = { contrast: 0.5, saturation: 1 } as const;

const third = 1 / 3;
const twoThirds = 2 / 3;
const root = 1 / Math.sqrt(3);

/** Entries of 4×4 matrices that parameters are multiplied with. The luma axis is (1, 1, 1) / √3. */
const entries = {
  colors: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
  offset: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0],
  luma: [third, third, third, 0, third, third, third, 0, third, third, third, 0, 0, 0, 0, 0],
  // What a color differs from its luma in, and that turned by a quarter about the luma axis.
  chroma: [
    ...[twoThirds, -third, -third, 0],
    ...[-third, twoThirds, -third, 0],
    ...[-third, -third, twoThirds, 0],
    ...[0, 0, 0, 0],
  ],
  quarter: [
    ...[0, -root, root, 0],
    ...[root, 0, -root, 0],
    ...[-root, root, 0, 0],
    ...[0, 0, 0, 0],
  ],
} as const;

/**
 * Changes brightness, contrast, luma, hue and saturation of each image of a batch at random.
 *
 * @param images - `[batch, height, width, 1 or 3]`.
 * @returns The same shape.
 *
 * @internal
 */
export function recolor(images: tf.Tensor, draws: AugmentDraws): tf.Tensor {
  if (!draws.kinds.includes('color')) return images;
  const [batch, , , channels] = images.shape as unknown as ImageBatch;
  const [mix, offset] = outsideTape(() => colorTransform(batch, channels, draws));
  if (channels === 1) return tf.add(tf.mul(images, mix), offset);
  const pixels = tf.reshape(images, [batch, -1, 3]);
  const mixed = tf.matMul(pixels, mix, false, true);
  return tf.reshape(tf.add(mixed, tf.reshape(offset, [batch, 1, 3])), images.shape);
}

/**
 * Matrix and offset of each image: `[batch, 3, 3]` and `[batch, 3]`, or, for gray ones, a factor
 * and an offset.
 */
function colorTransform(
  batch: number,
  channels: number,
  { random, probability }: AugmentDraws,
): [tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const drawn = (values: ArrayLike<number>): tf.Tensor =>
      ifDrawn(random, probability, values)[0]!;
    const normal = (deviation: number): tf.Tensor =>
      drawn(random.normalArray(batch).map((value) => value * deviation));
    const matrices = [
      identityPlus(4, [normal(brightnessDeviation), entries.offset]),
      identityPlus(4, [powerLessOne(2, normal(deviations.contrast)), entries.colors]),
      identityPlus(4, [
        tf.mul(drawn(random.uniformArray(batch, 0, 2).map(Math.floor)), -2),
        entries.luma,
      ]),
    ];
    if (channels === 3) {
      const hue = drawn(random.uniformArray(batch, -Math.PI, Math.PI));
      matrices.push(
        identityPlus(4, [tf.sub(tf.cos(hue), 1), entries.chroma], [tf.sin(hue), entries.quarter]),
        identityPlus(4, [powerLessOne(2, normal(deviations.saturation)), entries.chroma]),
      );
    }
    const all = matrices.reduce((product, matrix) => tf.matMul(matrix, product));
    const mix = tf.slice(all, [0, 0, 0], [batch, 3, 3]);
    const offset = tf.reshape(tf.slice(all, [0, 0, 3], [batch, 3, 1]), [batch, 3]);
    if (channels === 3) return [mix, offset];
    // Gray is red, green and blue alike; of what becomes of them the mean is taken.
    const shape = [batch, 1, 1, 1];
    return [
      tf.reshape(tf.div(tf.sum(mix, [1, 2]), 3), shape),
      tf.reshape(tf.div(tf.sum(offset, 1), 3), shape),
    ];
  });
}
