import * as tf from '@tensorflow/tfjs';
import { checkInRange, withDefaults } from '../core/checks.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { checkLearningRate } from './learning-rate.ts';
import type { OptimizerSpec, UpdatedWeight, WeightUpdate } from './optimizer.ts';

/**
 * Gradient descent, with or without momentum.
 *
 *     u ← μ·u + g
 *     w ← w − rate · u
 *
 * The numbers equal those of PyTorch's `torch.optim.SGD`.
 *
 * @param options - Rate and momentum.
 * @returns A spec; it holds no state and may serve both networks.
 * @throws RangeError if the rate is not positive or the momentum is not in [0, 1).
 *
 * @example Plain gradient descent
 * ```ts
 * const optimizer = sgd({ learningRate: 0.01 });
 * ```
 *
 * @example Momentum, with one state tensor for each weight
 * ```ts
 * const options = { learningRate: linearDecay({ from: 0.01, end: 1000 }), momentum: 0.9 };
 * console.log(sgd(options).slots); // [ 'velocity' ]
 * ```
 */
export function sgd(options: {
  /**
   * Learning rate: a positive number, or a schedule such as {@link linearDecay}. It has no default:
   * a good value depends on the loss.
   */
  readonly learningRate: number | Schedule;
  /**
   * Share of the previous step that is added; at least 0, less than 1.
   *
   * @defaultValue `0`
   */
  readonly momentum?: number | undefined;
}): OptimizerSpec {
  const defaults = { learningRate: undefined, momentum: 0 };
  const { learningRate, momentum } = withDefaults('create sgd', options, defaults);
  checkLearningRate('create sgd', learningRate);
  checkInRange('create sgd', 'momentum', momentum, 0, 1);

  return Object.freeze({
    name: 'sgd',
    learningRate,
    settings: Object.freeze({ momentum }),
    slots: Object.freeze(momentum === 0 ? [] : ['velocity']),
    update: ({ value, gradient, slots, learningRate: rate }: WeightUpdate): UpdatedWeight => {
      const [velocity] = slots;
      const next = velocity && tf.add(tf.mul(velocity, momentum), gradient);
      return {
        value: tf.sub(value, tf.mul(next ?? gradient, rate)),
        slots: next === undefined ? [] : [next],
      };
    },
  });
}
