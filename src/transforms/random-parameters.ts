import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';

/** What images may undergo in adaptive augmentation. @internal */
export type AugmentKind = 'blit' | 'geometric' | 'color';

/** What a batch is augmented by. @internal */
export interface AugmentDraws {
  readonly kinds: readonly AugmentKind[];
  readonly random: Random;
  /** A scalar. It is a tensor, as it depends on what a discriminator returned and is not read. */
  readonly probability: tf.Tensor;
}

/**
 * Numbers of each image that are 0 unless a change with some probability falls on it: all of one
 * change alike.
 *
 * @param values - One list for each number, with an entry for each image.
 *
 * @internal
 */
export function ifDrawn(
  random: Random,
  probability: tf.Tensor,
  ...values: readonly ArrayLike<number>[]
): readonly tf.Tensor[] {
  const batch = values[0]?.length ?? 0;
  const chance = tf.tensor1d(random.uniformArray(batch, 0, 1));
  const isDrawn = tf.cast(tf.less(chance, probability), 'float32');
  return values.map((list) => tf.mul(tf.tensor1d(Float32Array.from(list)), isDrawn));
}

/**
 * A matrix for each image, I + Σ cᵢ·Mᵢ: exactly the identity if all cᵢ are 0.
 *
 * @param size - Of the matrices.
 * @param parts - cᵢ, `[batch]`, with the entries of Mᵢ, row by row.
 * @returns `[batch, size, size]`.
 *
 * @internal
 */
export function identityPlus(
  size: number,
  ...parts: readonly (readonly [tf.Tensor, readonly number[]])[]
): tf.Tensor3D {
  const coefficients = tf.stack(
    parts.map(([coefficient]) => coefficient),
    1,
  ) as tf.Tensor2D;
  const matrices = tf.tensor2d(parts.map(([, matrix]) => [...matrix]));
  const identity = tf.reshape(tf.eye(size), [1, size * size]);
  return tf.reshape(tf.add(identity, tf.matMul(coefficients, matrices)), [-1, size, size]);
}

/** aˣ − 1, exactly 0 if x is. @internal */
export function powerLessOne(base: number, exponent: tf.Tensor): tf.Tensor {
  return tf.sub(tf.exp(tf.mul(exponent, Math.log(base))), 1);
}
