import * as tf from '@tensorflow/tfjs';

/** The statistics of a layer that normalizes, and how it moves them. */
export interface BatchStatistics {
  readonly momentum: number;
  readonly epsilon: number;
  /** `[channels]`, as the variance. */
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

/**
 * Normalizes over all axes but the last as `tf.layers.batchNormalization` does, without a scale or an offset, with
 * statistics that another layer holds: those of the batch in training, which the moving ones follow, else the moving ones.
 *
 * It is that layer which computes, so that every backend's way of doing it, and every fix of its gradients, serves here.
 * It has no public way to take statistics, and in training it fails without a scale and an offset: ones and zeros
 * stand in.
 *
 * @internal
 */
export function batchNormalizer(
  channels: number,
  { momentum, epsilon, movingMean, movingVariance }: BatchStatistics,
): (x: tf.Tensor, training: boolean) => tf.Tensor {
  // With a name of its own, as one that TensorFlow.js makes would move the numbers in the names of all later layers.
  const layer = tf.layers.batchNormalization({ name: 'normalizer', momentum, epsilon });
  const gamma = { read: () => tf.ones([channels]) };
  const beta = { read: () => tf.zeros([channels]) };
  Object.assign(layer, { gamma, beta, movingMean, movingVariance });
  return (x, training) => tf.tidy(() => layer.call(x, { training }) as tf.Tensor);
}
