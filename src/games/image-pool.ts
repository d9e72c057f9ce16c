import * as tf from '@tensorflow/tfjs';
import type { Pass } from './game.ts';

/**
 * Fake samples of this step and of earlier ones, for the discriminator.
 *
 * As in the papers' code, sample by sample: while the pool has free places, the sample is stored
 * and returned. Then, with equal chance, a stored one is returned and the sample takes its place,
 * or the sample itself is returned and not stored. Nothing is read from the backend: how full the
 * pool is, is a tensor. Each sample draws two random numbers, used or not.
 *
 * @param pass - Its slots hold the pool, `${name}/images` and `${name}/count`, so that it is saved
 *   and put back.
 * @param name - What the pool is called in the game.
 * @param fresh - Fake samples, `[batch, ...sample]`: constants.
 * @param size - Number of places; at 0 the samples are returned as they are, and nothing is drawn.
 * @returns As many samples.
 *
 * @internal
 */
export function pooled(
  pass: Pick<Pass, 'slot' | 'random'>,
  name: string,
  fresh: tf.Tensor,
  size: number,
): tf.Tensor {
  if (size === 0) return fresh;
  const random = pass.random(name);
  const images = pass.slot(`${name}/images`, () => tf.zeros([size, ...fresh.shape.slice(1)]));
  const count = pass.slot(`${name}/count`, () => tf.zeros([]));
  const places = tf.range(0, size);
  const returned = Array.from({ length: fresh.shape[0] ?? 0 }, (_, row) => {
    const sample = tf.slice(fresh, row, 1);
    const [isHeads, place] = [random.uniform() < 0.5, random.integer(size)];
    const isFull = tf.cast(tf.greaterEqual(count.get(), size), 'float32');
    const isSwapped = tf.mul(isFull, isHeads ? 1 : 0);
    // The drawn place of a full pool, else the first free one.
    const at = choose(isFull, tf.scalar(place), count.get());
    const stored = tf.gather(images.get(), tf.cast(tf.reshape(at, [1]), 'int32'));
    const isWritten = tf.maximum(tf.sub(1, isFull), isSwapped);
    const isHere = tf.mul(tf.cast(tf.equal(places, at), 'float32'), isWritten);
    const mask = tf.reshape(isHere, [size, ...fresh.shape.slice(1).map(() => 1)]);
    images.set(choose(mask, sample, images.get()));
    count.set(tf.minimum(tf.add(count.get(), 1), size));
    return choose(isSwapped, stored, sample);
  });
  return tf.concat(returned, 0);
}

/**
 * One of two by a mask of zeros and ones: exactly the same numbers, by kernels that every backend
 * has.
 */
function choose(mask: tf.Tensor, ifOne: tf.Tensor, ifZero: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(mask, ifOne), tf.mul(tf.sub(1, mask), ifZero));
}
