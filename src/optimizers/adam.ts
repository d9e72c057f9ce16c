import * as tf from '@tensorflow/tfjs';
import { checkInRange, checkNonNegative, withDefaults } from '../core/checks.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import {
  checkScheduled,
  describeScheduled,
  type NumberKind,
  scheduledValue,
} from '../core/schedules/scheduled-number.ts';
import { checkLearningRate } from './learning-rate.ts';
import type { OptimizerSpec, UpdatedWeight, WeightUpdate } from './optimizer.ts';

const decays: NumberKind = {
  wanted: 'at least 0 and less than 1,',
  check: checkDecay,
  checkScheduled: checkDecay,
};

function checkDecay(action: string, name: string, value: number): void {
  checkInRange(action, name, value, 0, 1);
}

/** Smallest epsilon that half precision can represent usefully. */
const halfPrecisionEpsilon = 1e-4;

/**
 * Adam: updates each weight by its mean gradient divided by the root of its mean squared gradient.
 *
 *     m ← β₁·m + (1 − β₁)·g          m̂ = m / (1 − β₁ᵗ)
 *     v ← β₂·v + (1 − β₂)·g²         v̂ = v / (1 − β₂ᵗ)
 *     w ← w − rate · m̂ / (√v̂ + ε)
 *
 * The numbers equal those of PyTorch's `torch.optim.Adam`. Defaults are DCGAN's, not Adam's.
 *
 * @param options - Rates and decays.
 * @returns A spec; it holds no state and may serve both networks.
 * @throws RangeError if a rate is not positive or a decay is not in [0, 1).
 *
 * @example The settings of WGAN-GP
 * ```ts
 * const optimizer = adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 });
 * ```
 *
 * @example The two learning rates of SAGAN
 * ```ts
 * const shared = { beta1: 0, beta2: 0.9 };
 * const generator = adam({ ...shared, learningRate: 1e-4 });
 * const discriminator = adam({ ...shared, learningRate: 4e-4 });
 * const gan = createMlpGan({ sampleShape: [2], optimizers: { generator, discriminator } });
 * ```
 *
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 1.
 * {@link https://arxiv.org/abs/1412.6980}
 */
export function adam(
  options: {
    /**
     * Learning rate: a positive number, or a schedule such as {@link linearDecay}.
     *
     * @defaultValue `0.0002`, as in DCGAN
     */
    readonly learningRate?: number | Schedule | undefined;
    /**
     * Decay of the running mean of the gradient; at least 0, less than 1, or a schedule.
     *
     * @defaultValue `0.5`, as in DCGAN; Adam's own paper uses 0.9, which makes GANs oscillate
     */
    readonly beta1?: number | Schedule | undefined;
    /**
     * Decay of the running mean of the squared gradient; at least 0, less than 1, or a schedule, as
     * in R3GAN. The bias correction uses its value in this update, as in PyTorch.
     *
     * @defaultValue `0.999`
     */
    readonly beta2?: number | Schedule | undefined;
    /**
     * Added to the denominator; at least 0. On a device with 16-bit floats, where 1e-8 is zero, it
     * is at least 1e-4.
     *
     * @defaultValue `1e-8`
     */
    readonly epsilon?: number | undefined;
  } = {},
): OptimizerSpec {
  const defaults = { learningRate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
  const { learningRate, beta1, beta2, epsilon } = withDefaults('create adam', options, defaults);
  checkLearningRate('create adam', learningRate);
  checkScheduled('create adam', 'beta1', beta1, decays);
  checkScheduled('create adam', 'beta2', beta2, decays);
  checkNonNegative('create adam', 'epsilon', epsilon);

  return Object.freeze({
    name: 'adam',
    learningRate,
    settings: Object.freeze({
      ...describeScheduled('beta1', beta1),
      ...describeScheduled('beta2', beta2),
      epsilon,
    }),
    slots: Object.freeze(['firstMoment', 'secondMoment']),
    update: (update: WeightUpdate): UpdatedWeight => {
      const first = scheduledValue(beta1, update.progress, decays);
      const second = scheduledValue(beta2, update.progress, decays);
      const stepSize = update.learningRate / (1 - first ** update.step);
      const secondCorrection = Math.sqrt(1 - second ** update.step);
      const half = tf.backend().floatPrecision() === 16;
      const usedEpsilon = half ? Math.max(epsilon, halfPrecisionEpsilon) : epsilon;
      const attributes = {
        stepSize,
        beta1: first,
        beta2: second,
        epsilon: usedEpsilon,
        secondCorrection,
      };
      return tf.getKernel('AdamUpdate', tf.getBackend()) === undefined
        ? composedUpdate(update, attributes)
        : fusedUpdate(update, attributes);
    },
  });
}

interface AdamAttributes extends Record<string, number> {
  stepSize: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  secondCorrection: number;
}

/** A single pass over memory, if the backend has a kernel for it. */
function fusedUpdate(update: WeightUpdate, attributes: AdamAttributes): UpdatedWeight {
  const [firstMoment, secondMoment] = moments(update);
  const inputs = { value: update.value, gradient: update.gradient, firstMoment, secondMoment };
  const [value, first, second] = tf
    .engine()
    .runKernel<tf.Tensor[]>('AdamUpdate', inputs, attributes) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { value, slots: [first, second] };
}

function composedUpdate(update: WeightUpdate, attributes: AdamAttributes): UpdatedWeight {
  const { stepSize, beta1, beta2, epsilon, secondCorrection } = attributes;
  const { value, gradient } = update;
  const [firstMoment, secondMoment] = moments(update);
  const first = tf.add(tf.mul(firstMoment, beta1), tf.mul(gradient, 1 - beta1));
  const second = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const root = tf.add(tf.div(tf.sqrt(second), secondCorrection), epsilon);
  return { value: tf.sub(value, tf.mul(tf.div(first, root), stepSize)), slots: [first, second] };
}

function moments(update: WeightUpdate): [tf.Tensor, tf.Tensor] {
  return update.slots as [tf.Tensor, tf.Tensor];
}
