import * as tf from '@tensorflow/tfjs';

/** The statistics of a normalization layer, and their momentum. */
export interface BatchStatistics {
  readonly momentum: number;
  readonly epsilon: number;
  /** `[channels]`, like the variance. */
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

/**
 * Normalizes over all axes except the last like `tf.layers.batchNormalization`, without a scale or
 * an offset, with the statistics of another layer: those of the batch in training, which update the
 * moving ones, otherwise the moving ones.
 *
 * The computation is done by that tfjs layer, so that every backend's implementation and all fixes
 * of its gradients apply. It has no public way to set statistics, and in training it fails without
 * a scale and an offset: ones and zeros replace them.
 *
 * @internal
 */
export function batchNormalizer(
  channels: number,
  { momentum, epsilon, movingMean, movingVariance }: BatchStatistics,
): (x: tf.Tensor, training: boolean) => tf.Tensor {
  // With an explicit name, because a generated one would increase the numbers in the names of all
  // later layers.
  const layer = tf.layers.batchNormalization({ name: 'normalizer', momentum, epsilon });
  const gamma = { read: () => tf.ones([channels]) };
  const beta = { read: () => tf.zeros([channels]) };
  Object.assign(layer, { gamma, beta, movingMean, movingVariance });
  return (x, training) => tf.tidy(() => layer.call(x, { training }) as tf.Tensor);
}
