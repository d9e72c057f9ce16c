import * as tf from '@tensorflow/tfjs';

/**
 * A filter with `rate − 1` zeros between its values along each of its spatial axes.
 *
 * Consists of operations with gradients, on at most three axes, so that every backend supports
 * them.
 *
 * @internal
 */
export function dilatedFilter(filter: tf.Tensor, rates: readonly number[]): tf.Tensor {
  return rates.reduce((spread, rate, axis) => {
    if (rate === 1) return spread;
    const { before, size, after, shapeWith } = around(spread, axis);
    // [before·size, 1, after] → [before·size, rate, after] → [before, size·rate, after]
    const padded = tf.pad(tf.reshape(spread, [before * size, 1, after]), [
      [0, 0],
      [0, rate - 1],
      [0, 0],
    ]);
    const full = tf.reshape(padded, [before, size * rate, after]);
    const dilated = (size - 1) * rate + 1;
    return tf.reshape(tf.slice(full, [0, 0, 0], [before, dilated, after]), shapeWith(dilated));
  }, filter);
}

/**
 * Inverse of {@link dilatedFilter}.
 *
 * @internal
 */
export function undilatedFilter(filter: tf.Tensor, rates: readonly number[]): tf.Tensor {
  return rates.reduce((dense, rate, axis) => {
    if (rate === 1) return dense;
    const { before, size, after, shapeWith } = around(dense, axis);
    const kept = (size - 1) / rate + 1;
    const full = tf.pad(tf.reshape(dense, [before, size, after]), [
      [0, 0],
      [0, rate - 1],
      [0, 0],
    ]);
    // [before, kept·rate, after] → [before·kept, rate, after] → [before·kept, 1, after]
    const runs = tf.reshape(full, [before * kept, rate, after]);
    return tf.reshape(tf.slice(runs, [0, 0, 0], [before * kept, 1, after]), shapeWith(kept));
  }, filter);
}

function around(
  tensor: tf.Tensor,
  axis: number,
): {
  before: number;
  size: number;
  after: number;
  shapeWith: (size: number) => number[];
} {
  const { shape } = tensor;
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return {
    before: product(shape.slice(0, axis)),
    size: shape[axis]!,
    after: product(shape.slice(axis + 1)),
    shapeWith: (size) => shape.map((old, i) => (i === axis ? size : old)),
  };
}
