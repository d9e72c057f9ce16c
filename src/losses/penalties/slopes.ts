import * as tf from '@tensorflow/tfjs';
import { messageOf } from '../../core/realms.ts';
import { enableSecondOrderGradients } from '../../gradients/enable-second-order-gradients.ts';
import type { PenaltyContext } from './penalty.ts';

/**
 * Keeps the square root's gradient finite for a zero gradient; the smallest value for half
 * precision is larger.
 */
const epsilon = { single: 1e-12, half: 1e-4 };

/**
 * Squared norm of the discriminator's gradient, at each of some samples.
 *
 * If it returns several logits for a sample, like a patch discriminator, the gradient is that of
 * their sum. The samples are constants: their generator receives no gradient.
 *
 * @param name - Name of the penalty, for errors.
 * @param context - The penalty's inputs.
 * @param samples - `[batch, ...sampleShape]`, of any rank.
 * @param side - The side whose conditions are used, if there are any.
 * @returns `[batch]`.
 *
 * @internal
 */
export function squaredSlopes(
  name: string,
  context: PenaltyContext,
  samples: tf.Tensor,
  side: 'real' | 'fake' = 'real',
): tf.Tensor1D {
  enableSecondOrderGradients();
  return tf.tidy(() => {
    const gradient = inputGradient(name, context, detached(samples), side);
    const bySample = tf.reshape(gradient, [samples.shape[0] ?? 0, -1]);
    return tf.sum(tf.square(bySample), 1);
  });
}

/**
 * Squared distance of gradient norms from a target: mean((‖∇D‖₂ − target)²), or only for larger
 * norms.
 *
 * @param squared - The result of {@link squaredSlopes}.
 * @returns A scalar.
 *
 * @internal
 */
export function slopeMiss(squared: tf.Tensor1D, wanted: number, oneSided: boolean): tf.Scalar {
  return tf.tidy(() => {
    const tiny = tf.backend().floatPrecision() === 16 ? epsilon.half : epsilon.single;
    const miss = tf.sub(tf.sqrt(tf.add(squared, tiny)), wanted);
    return tf.mean(tf.square(oneSided ? tf.relu(miss) : miss)).asScalar();
  });
}

/**
 * The term of R1 and R2: ½·mean(‖∇D‖²).
 *
 * @returns A scalar.
 *
 * @internal
 */
export function halfMeanSquaredSlope(
  name: string,
  context: PenaltyContext,
  side: 'real' | 'fake',
): tf.Scalar {
  return tf.tidy(() =>
    tf.mul(tf.mean(squaredSlopes(name, context, context[side], side)), 0.5).asScalar(),
  );
}

/** The same values without a gradient. */
function detached(samples: tf.Tensor): tf.Tensor {
  return tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(samples);
}

function inputGradient(
  name: string,
  context: PenaltyContext,
  samples: tf.Tensor,
  side: 'real' | 'fake',
): tf.Tensor {
  let own: { readonly error: unknown } | undefined;
  const answer = (x: tf.Tensor): tf.Tensor => {
    try {
      return tf.sum(context.discriminate(x, side));
    } catch (error) {
      own = { error };
      throw error;
    }
  };
  try {
    return tf.grad(answer)(samples);
  } catch (error) {
    // Warnings of the network itself are passed on; the one handled below is tfjs's.
    if (own !== undefined) throw own.error;
    const said = messageOf(error);
    throw new Error(
      `Cannot compute the penalty '${name}': the discriminator must be differentiable in its input, got the error: ` +
        `${said.replace(/\.$/, '')}. checkGradientPenalty(discriminator) names the layer`,
      { cause: error },
    );
  }
}
