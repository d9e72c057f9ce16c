import * as tf from '@tensorflow/tfjs';

/** Mean absolute difference. */
export const l1 = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.losses.absoluteDifference(x, y);

/** Cross-entropy of labels, `[batch]`, under logits, `[batch, classes]`. */
export const crossEntropy = (labels: tf.Tensor, logits: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, logits.shape.at(-1) ?? 0), logits);
