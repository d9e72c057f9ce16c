import {
  checkNonNegative,
  checkNonNegativeInteger,
  checkPositiveInteger,
  withDefaults,
} from '../checks.ts';
import { formatValue } from '../format.ts';
import { makeSchedule } from './make-schedule.ts';
import type { Schedule, UpdateProgress } from './schedule.ts';

/**
 * Settings of {@link linearDecay} and {@link cosineDecay}.
 *
 * @example A quarter of the way, along a line and along a wave
 * ```ts
 * const options: DecayOptions = { from: 2e-4, to: 2e-5, begin: 50_000, end: 100_000 };
 * const progress = { step: 62_501, update: 62_501, samples: 4e6 };
 * const rates = [linearDecay(options), cosineDecay(options)].map((rate) => rate.valueAt(progress));
 * console.log(rates.map((rate) => rate.toExponential(2))); // [ '1.55e-4', '1.74e-4' ]
 * ```
 */
export interface DecayOptions {
  /** The value at first; at least 0. */
  readonly from: number;
  /**
   * The value at the end; at least 0.
   *
   * @defaultValue `0`
   */
  readonly to?: number | undefined;
  /**
   * Number of updates at the first value before it begins to change.
   *
   * @defaultValue `0`
   */
  readonly begin?: number | undefined;
  /**
   * Number of updates after which the last value is reached; it stays from then on.
   *
   * @defaultValue the last step of the run: `begin` and the way to the end are counted in steps then
   */
  readonly end?: number | undefined;
}

/**
 * A number that changes from one value to another along a line.
 *
 * With n the number of the update, from 1:
 *
 *     value(n) = from + (to − from) · min(1, max(0, (n − 1 − begin) / (end − begin)))
 *
 * WGAN-GP and SNGAN train their ResNets with learning rates from 0.0002 to 0; pix2pix and CycleGAN hold the rate for the
 * first half of training and decrease it in the second. The numbers are those of PyTorch's `LinearLR`. As a learning rate it
 * counts the updates of the network: one that is updated five times in a step is five times as far.
 *
 * @param options - From where to where, and when.
 * @returns A schedule.
 * @throws RangeError if a value is out of range or it ends before it begins.
 *
 * @example Hold the rate, then decrease it to zero
 * ```ts
 * const optimizer = adam({ learningRate: linearDecay({ from: 2e-4, begin: 50_000, end: 100_000 }) });
 * ```
 *
 * @see Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017, section 4.
 * {@link https://arxiv.org/abs/1703.10593}
 */
export function linearDecay(options: DecayOptions): Schedule {
  const settings = checkDecay('create linearDecay', options);
  const { from, to } = settings;
  return makeSchedule('linear', settings, (progress) => {
    const share = decayShare('linearDecay', progress, settings);
    return from * (1 - share) + to * share;
  });
}

/** Settings of a decay, with defaults. @internal */
export interface DecaySettings extends Record<string, number> {
  from: number;
  to: number;
  begin: number;
}

/** The settings, with defaults, checked; without `end` if the run decides it. @internal */
export function checkDecay(action: string, options: DecayOptions): DecaySettings {
  const defaults = { from: undefined, to: 0, begin: 0, end: undefined };
  const { from, to, begin, end } = withDefaults(action, options, defaults);
  checkNonNegative(action, 'from', from);
  checkNonNegative(action, 'to', to);
  checkNonNegativeInteger(action, 'begin', begin);
  if (end === undefined) return { from, to, begin };
  checkNonNegativeInteger(action, 'end', end);
  if (end > begin) return { from, to, begin, end };
  throw new RangeError(
    `Cannot ${action}: end must be larger than begin, got begin ${begin} and end ${end}`,
  );
}

/** How much of the way to the end lies behind the start of an update, 0…1. @internal */
export function decayShare(
  name: string,
  progress: UpdateProgress,
  settings: DecaySettings,
): number {
  const { begin, end } = settings;
  if (end !== undefined) return share(progress.update, begin, end);
  const { step, plannedSteps } = progress;
  checkPositiveInteger('compute the value of a schedule', 'step', step);
  if (plannedSteps === undefined) {
    throw new RangeError(
      `Cannot compute the value of ${name}: the last step of the run must be known, got ${formatValue(plannedSteps)}. ` +
        'Pass end, or train for a number of steps, or of epochs of a dataset with a size',
    );
  }
  return share(step, begin, Math.max(plannedSteps, begin + 1));
}

function share(count: number, begin: number, end: number): number {
  return Math.min(1, Math.max(0, (count - 1 - begin) / (end - begin)));
}
