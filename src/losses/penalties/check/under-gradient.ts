import * as tf from '@tensorflow/tfjs';

/**
 * Runs a critic as it runs under a gradient: where there is none, tfjs fuses activations into layers, and other kernels
 * run.
 *
 * @param x - Samples.
 * @param answers - Of the critic.
 * @param derive - Whether the slope by the samples is wanted, and not only the answers.
 * @internal
 */
export function underGradient(
  x: tf.Tensor,
  answers: (samples: tf.Tensor) => tf.Tensor,
  derive: boolean,
): { readonly answered: tf.Tensor; readonly slope: tf.Tensor } {
  let made: tf.Tensor | undefined;
  try {
    const slope = tf.grad((samples) => {
      made = tf.keep(answers(samples));
      return tf.sum(derive ? made : samples);
    })(x);
    return { answered: tf.clone(made!), slope };
  } finally {
    made?.dispose();
  }
}
