import * as tf from '@tensorflow/tfjs';
import { planesOf } from './structural-similarity.ts';

/** The binomial window of Burt and Adelson, along one axis. */
const window = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16];

/**
 * One level of an image's Laplacian pyramid: the image after `level` halvings minus the upsampled
 * next level; for the last level, the halved image itself.
 *
 * @param images - `[batch, height, width, channels]`, with sides of at least 3 at every level.
 * @returns `[batch, height / 2^level, width / 2^level, channels]`, rounded up; the caller disposes
 *   it.
 *
 * @internal
 */
export function laplacianLevel(images: tf.Tensor4D, level: number, isLast: boolean): tf.Tensor4D {
  return tf.tidy(() => {
    const [count, , , channels] = images.shape;
    let planes = planesOf(images);
    for (let halving = 0; halving < level; halving += 1) planes = halved(planes);
    if (!isLast) planes = tf.sub(planes, doubled(halved(planes), planes.shape));
    const [, height, width] = planes.shape;
    return tf.transpose(tf.reshape(planes, [count, channels, height, width]), [0, 2, 3, 1]);
  });
}

/** Blurs, and keeps every second row and column. */
function halved(planes: tf.Tensor4D): tf.Tensor4D {
  return blurred(planes, 2, 1);
}

/** Inserts rows and columns of zeros, up to a size, and blurs to the same brightness. */
function doubled(planes: tf.Tensor4D, size: tf.Tensor4D['shape']): tf.Tensor4D {
  const [count, height, width] = planes.shape;
  const wide = tf.reshape(tf.concat([planes, tf.zerosLike(planes)], 3), [count, height, 2 * width]);
  const both = tf.concat([wide, tf.zerosLike(wide)], 2);
  const spread = tf.reshape<tf.Rank.R4>(both, [count, 2 * height, 2 * width, 1]);
  return blurred(tf.slice(spread, [0, 0, 0, 0], size), 1, 2);
}

/** The window along both axes; borders are mirrored without repeating the last line. */
function blurred(planes: tf.Tensor4D, stride: 1 | 2, gain: 1 | 2): tf.Tensor4D {
  const line = window.map((weight) => gain * weight);
  const padded = tf.mirrorPad(planes, [[0, 0], [2, 2], [2, 2], [0, 0]], 'reflect'); // prettier-ignore
  const down = tf.conv2d(padded, tf.tensor4d(line, [5, 1, 1, 1]), [stride, 1], 'valid');
  return tf.conv2d(down, tf.tensor4d(line, [1, 5, 1, 1]), [1, stride], 'valid');
}
