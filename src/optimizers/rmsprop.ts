import * as tf from '@tensorflow/tfjs';
import { checkInRange, checkNonNegative, withDefaults } from '../core/checks.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { checkLearningRate } from './learning-rate.ts';
import type { OptimizerSpec, UpdatedWeight, WeightUpdate } from './optimizer.ts';

/**
 * RMSProp: updates each weight by its gradient divided by the root of its mean squared gradient.
 *
 *     s ← ρ·s + (1 − ρ)·g²
 *     w ← w − rate · g / (√s + ε)
 *
 * The optimizer of the original WGAN, whose authors found that momentum destabilizes a clipped
 * critic. The numbers equal those of PyTorch's `torch.optim.RMSprop` without momentum and not
 * centered.
 *
 * @param options - Rate and decay.
 * @returns A spec; it holds no state and may serve both networks.
 * @throws RangeError if the rate is not positive or the decay is not in [0, 1).
 *
 * @example WGAN's optimizer
 * ```ts
 * const optimizer = rmsprop({ learningRate: 5e-5 });
 * ```
 *
 * @example A critic whose optimizer averages over ten gradients instead of a hundred
 * ```ts
 * const options = { learningRate: 5e-5, decay: 0.9 };
 * const optimizers = { generator: rmsprop(), discriminator: rmsprop(options) };
 * const [loss, constraints] = [new WassersteinLoss(), [new WeightClipping()]];
 * const gan = createMlpGan({ sampleShape: [2], loss, constraints, optimizers });
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017, algorithm 1.
 * {@link https://arxiv.org/abs/1701.07875}
 */
export function rmsprop(
  options: {
    /**
     * Learning rate: a positive number, or a schedule such as {@link linearDecay}.
     *
     * @defaultValue `0.00005`, as in WGAN
     */
    readonly learningRate?: number | Schedule | undefined;
    /**
     * Decay of the running mean of the squared gradient, `alpha` in PyTorch; at least 0, less than
     * 1.
     *
     * @defaultValue `0.99`
     */
    readonly decay?: number | undefined;
    /**
     * Added to the denominator, outside the root; at least 0.
     *
     * @defaultValue `1e-8`
     */
    readonly epsilon?: number | undefined;
  } = {},
): OptimizerSpec {
  const defaults = { learningRate: 5e-5, decay: 0.99, epsilon: 1e-8 };
  const { learningRate, decay, epsilon } = withDefaults('create rmsprop', options, defaults);
  checkLearningRate('create rmsprop', learningRate);
  checkInRange('create rmsprop', 'decay', decay, 0, 1);
  checkNonNegative('create rmsprop', 'epsilon', epsilon);

  return Object.freeze({
    name: 'rmsprop',
    learningRate,
    settings: Object.freeze({ decay, epsilon }),
    slots: Object.freeze(['meanSquare']),
    update: ({ value, gradient, slots, learningRate: rate }: WeightUpdate): UpdatedWeight => {
      const [meanSquare] = slots as [tf.Tensor];
      const next = tf.add(tf.mul(meanSquare, decay), tf.mul(tf.square(gradient), 1 - decay));
      const direction = tf.div(gradient, tf.add(tf.sqrt(next), epsilon));
      return { value: tf.sub(value, tf.mul(direction, rate)), slots: [next] };
    },
  });
}
