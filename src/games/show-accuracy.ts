import * as tf from '@tensorflow/tfjs';
import type { Loss } from '../losses/loss.ts';
import type { Pass } from './game.ts';

/** Logits of real and of fake samples. */
type Logits = Readonly<Record<'real' | 'fake', tf.Tensor>>;

/**
 * Shows the shares of real and of fake samples on the correct side of the boundary.
 *
 * @param name - What the history calls them.
 *
 * @internal
 */
export function showAccuracy(
  pass: Pick<Pass, 'metric'>,
  { real, fake }: Logits,
  loss: Loss,
  name = 'accuracy',
): void {
  pass.metric(name, () => {
    const border = boundaryOf({ real, fake }, loss);
    return {
      real: tf.mean(tf.greater(real, border)),
      fake: tf.mean(tf.less(fake, border)),
    };
  });
}

/** The logit above which a sample counts as classified real. @internal */
export function boundaryOf(
  { real, fake }: Logits,
  { decisionBoundary = 0 }: Loss,
): tf.Tensor | number {
  if (decisionBoundary !== 'midpoint') return decisionBoundary;
  return tf.div(tf.add(tf.mean(real), tf.mean(fake)), 2);
}
