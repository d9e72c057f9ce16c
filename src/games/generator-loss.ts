import type * as tf from '@tensorflow/tfjs';
import type { Loss } from '../losses/loss.ts';

/**
 * The generator's loss. Real samples are scored only for losses that compare with them.
 *
 * @internal
 */
export function generatorLoss(loss: Loss, fake: tf.Tensor, real: () => tf.Tensor): tf.Scalar {
  return loss.usesRealLogits === true ? loss.generator(fake, real()) : loss.generator(fake);
}
