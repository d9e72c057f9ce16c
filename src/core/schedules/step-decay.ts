import { checkPositive, checkPositiveInteger, withDefaults } from '../checks.ts';
import { makeSchedule } from './make-schedule.ts';
import type { Schedule } from './schedule.ts';

/**
 * A number that decreases in steps.
 *
 * With n the number of the update, from 1:
 *
 *     value(n) = from · factor^⌊(n − 1) / every⌋
 *
 * SRGAN uses 0.0001 for 100 000 updates, then a tenth of it. The numbers equal those of PyTorch's
 * `StepLR`. As a learning rate it counts the updates of the network.
 *
 * @param options - First value, factor and interval.
 * @returns A schedule.
 * @throws RangeError if a number is not positive.
 *
 * @example A tenth after every 100 000 updates
 * ```ts
 * const optimizer = adam({ learningRate: stepDecay({ from: 1e-4, every: 100_000 }) });
 * ```
 *
 * @example Half after every thousand updates
 * ```ts
 * const options = { from: 2e-4, factor: 0.5, every: 1000 };
 * const rate = stepDecay(options);
 * const rates = [1, 1001, 2001].map((step) => rate.valueAt({ step, update: step, samples: 32 * (step - 1) }));
 * console.log(rates); // [ 0.0002, 0.0001, 0.00005 ]
 * ```
 *
 * @see Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial
 * Network, 2017, section 3.2. {@link https://arxiv.org/abs/1609.04802}
 */
export function stepDecay(options: {
  /** The first value; positive. */
  readonly from: number;
  /**
   * The factor of each decrease; positive.
   *
   * @defaultValue `0.1`
   */
  readonly factor?: number | undefined;
  /** Updates between decreases; a positive integer. */
  readonly every: number;
}): Schedule {
  const action = 'create stepDecay';
  const defaults = { from: undefined, factor: 0.1, every: undefined };
  const { from, factor, every } = withDefaults(action, options, defaults);
  checkPositive(action, 'from', from);
  checkPositive(action, 'factor', factor);
  checkPositiveInteger(action, 'every', every);
  return makeSchedule(
    'step',
    { from, factor, every },
    ({ update }) => from * factor ** Math.floor((update - 1) / every),
  );
}
