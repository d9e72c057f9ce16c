import * as tf from '@tensorflow/tfjs';
import { messageOf } from '../../core/realms.ts';
import { enableSecondOrderGradients } from '../../gradients/enable-second-order-gradients.ts';
import type { PenaltyContext } from './penalty.ts';

/** Keeps the root's own gradient finite where a slope is zero; the smallest that survives in half precision is larger. */
const epsilon = { single: 1e-12, half: 1e-4 };

/**
 * Squared length of the gradient of the discriminator's answer, at each of some samples.
 *
 * Where it answers several logits to one sample, as a discriminator that judges patches does, it is the gradient of
 * their sum. The samples are taken as constants: whoever made them gets no gradient.
 *
 * @param name - Name of the penalty, for errors.
 * @param context - What the penalty was given.
 * @param samples - `[batch, ...sampleShape]`, of any rank.
 * @param side - Whose conditions they are judged with, if there are any.
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
 * How far slopes are from a wanted one: mean((‖∇D‖₂ − wanted)²), or only where they are steeper.
 *
 * @param squared - What {@link squaredSlopes} gave.
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
 * What R1 and R2 make small: ½·mean(‖∇D‖²).
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

/** The same values, behind which no gradient goes on. */
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
    // What the network says on the way there is its own business; what follows is tfjs's.
    if (own !== undefined) throw own.error;
    const said = messageOf(error);
    throw new Error(
      `Cannot compute the penalty '${name}': the discriminator must be differentiable in its input, got the error: ` +
        `${said.replace(/\.$/, '')}. checkGradientPenalty(discriminator) names the layer`,
      { cause: error },
    );
  }
}
