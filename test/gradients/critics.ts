import * as tf from '@tensorflow/tfjs';
import { type Golden, goldens, type Operation, operations } from './operations.ts';

/** A critic and its penalty, as `test/golden/make_second_order.py` has them. */
export interface Case {
  readonly x: tf.Tensor;
  readonly weights: readonly tf.Tensor[];
  readonly golden: Golden;
  /** Logits of samples, `[batch]`. */
  readonly critic: (x: tf.Tensor, weights: readonly tf.Tensor[]) => tf.Tensor;
  /** mean((‖∇D‖ − 1)²), or (‖∇D‖ − 1)² of the gradient by the weights. */
  readonly penalty: (weights: readonly tf.Tensor[]) => tf.Scalar;
}

/** Names of all cases; those on gradients by the weights end in `ByWeights`. */
export const caseNames: readonly string[] = Object.keys(goldens);

/**
 * A case with its tensors on the current backend; the caller disposes `x` and `weights`.
 *
 * @param name - Of {@link caseNames}.
 * @param operation - Another way to compute the same.
 */
export function caseOf(
  name: string,
  operation: Operation = operations[name.replace('ByWeights', '')]!,
): Case {
  const golden = goldens[name]!;
  const ofWeights = name.endsWith('ByWeights');
  const [x, ...weights] = [golden.x, ...golden.weights].map(({ shape, values }) =>
    tf.tensor(values, shape),
  ) as [tf.Tensor, ...tf.Tensor[]];
  const critic: Case['critic'] = (samples, [first, last, ...own]) => {
    const z = tf.reshape(operation(hiddenOf(samples, first!), own), [samples.shape[0], -1]);
    const linear = tf.matMul(z, tf.reshape<tf.Rank.R2>(last!, [-1, 1]));
    return tf.add(tf.reshape(linear, [-1]), tf.mul(0.1, tf.sum(tf.square(z), 1)));
  };
  const penalty: Case['penalty'] = (theirs) =>
    tf.tidy(() => {
      if (!ofWeights) {
        const slope = tf.grad((samples) => tf.sum(critic(samples, theirs)))(x);
        const norms = tf.norm(tf.reshape(slope, [x.shape[0], -1]), 2, 1);
        return tf.mean(tf.square(tf.sub(norms, 1))).asScalar();
      }
      const slopes = tf.grads((...values: tf.Tensor[]) => tf.sum(critic(x, values)))([...theirs]);
      const squares = slopes.map((slope) => tf.sum(tf.square(slope)));
      return tf.square(tf.sub(tf.sqrt(tf.addN(squares)), 1)).asScalar();
    });
  return { x, weights, golden, critic, penalty };
}

function hiddenOf(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  if (x.rank === 2) return tf.matMul(x, weight);
  if (x.rank === 4) return tf.tanh(tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, 'same'));
  return tf.tanh(tf.conv3d(x as tf.Tensor5D, weight as tf.Tensor5D, 1, 'same'));
}

/** Length of the difference of two vectors, by the length of the second. */
export function relativeError(got: readonly number[], wanted: readonly number[]): number {
  const length = (values: readonly number[]): number => Math.hypot(...values);
  return length(got.map((value, i) => value - wanted[i]!)) / length(wanted);
}
