import {
  checkInRange,
  checkNonNegative,
  checkNonNegativeInteger,
  checkPositiveInteger,
  withDefaults,
} from '../checks.ts';
import { formatValue } from '../format.ts';
import { makeSchedule } from './make-schedule.ts';
import { shareAt } from './run-course.ts';
import type { Schedule, UpdateProgress } from './schedule.ts';

/**
 * Settings of {@link linearDecay} and {@link cosineDecay}.
 *
 * @example A quarter of the way, linear and cosine
 * ```ts
 * const options: DecayOptions = { from: 2e-4, to: 2e-5, begin: 50_000, end: 100_000 };
 * const progress = { step: 62_501, update: 62_501, samples: 4e6 };
 * const rates = [linearDecay(options), cosineDecay(options)].map((rate) => rate.valueAt(progress));
 * console.log(rates.map((rate) => rate.toExponential(2))); // [ '1.55e-4', '1.74e-4' ]
 * ```
 */
export interface DecayOptions {
  /** The first value; at least 0. */
  readonly from: number;
  /**
   * The last value; at least 0.
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
   * Number of updates after which the last value is reached; it is constant from then on.
   *
   * @defaultValue the last step of the run; `begin` and the end are then counted in steps
   */
  readonly end?: number | undefined;
  /**
   * Share of the run at the first value before it begins to change, in place of `begin`, for a
   * decay that ends with the run; at least 0 and less than 1. With 0.5 the second half decays,
   * however many steps the run turns out to have.
   *
   * @defaultValue none; `begin` counts
   */
  readonly hold?: number | undefined;
}

/**
 * A number that changes linearly from one value to another.
 *
 * With n the number of the update, from 1:
 *
 *     value(n) = from + (to − from) · min(1, max(0, (n − 1 − begin) / (end − begin)))
 *
 * WGAN-GP and SNGAN train their ResNets with learning rates from 0.0002 to 0; pix2pix and CycleGAN
 * keep the rate constant for the first half of training and decrease it in the second. The numbers
 * equal those of PyTorch's `LinearLR`. As a learning rate it counts the updates of the network:
 * with five updates in a step, it advances five times as fast.
 *
 * @param options - First and last value, and the updates between which it changes.
 * @returns A schedule.
 * @throws RangeError if a value is out of range or it ends before it begins.
 *
 * Without `end` it ends with the run. In a run of `minutes`, whose number of steps is planned
 * during training, it keeps the first value until there is a plan, continues without a jump if the
 * plan changes, and has the last value in the last step.
 *
 * @example Decay in the second half of a run
 * ```ts
 * const learningRate = linearDecay({ from: 2e-4, hold: 0.5 });
 * const optimizers = { generator: adam({ learningRate }), discriminator: adam({ learningRate }) };
 * const { trainer } = createMlpGan({ sampleShape: [2], optimizers });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 4, batchSize: 16 });
 * console.log(steps.map((step) => step.learningRates.generator)); // [ 0.0002, 0.0002, 0.0002, 0.0001 ]
 * ```
 *
 * @example Keep the rate constant, then decrease it to zero
 * ```ts
 * const optimizer = adam({ learningRate: linearDecay({ from: 2e-4, begin: 50_000, end: 100_000 }) });
 * ```
 *
 * @see Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
 * 2017, section 4. {@link https://arxiv.org/abs/1703.10593}
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
}

/** The checked settings with defaults; without `end` if the run decides it. @internal */
export function checkDecay(action: string, options: DecayOptions): DecaySettings {
  const defaults = { from: undefined, to: 0, begin: undefined, end: undefined, hold: undefined };
  const { from, to, begin: given, end, hold } = withDefaults(action, options, defaults);
  checkNonNegative(action, 'from', from);
  checkNonNegative(action, 'to', to);
  if (hold !== undefined) {
    checkInRange(action, 'hold', hold, 0, 1);
    const other = given === undefined ? 'end' : 'begin';
    if (given === undefined && end === undefined) return { from, to, hold };
    throw new RangeError(
      `Cannot ${action}: hold must stand alone, got ${other} beside it. Pass begin and end for counts of updates, or ` +
        'hold for a share of the run',
    );
  }
  const begin = given ?? 0;
  checkNonNegativeInteger(action, 'begin', begin);
  if (end === undefined) return { from, to, begin };
  checkNonNegativeInteger(action, 'end', end);
  if (end > begin) return { from, to, begin, end };
  throw new RangeError(
    `Cannot ${action}: end must be larger than begin, got begin ${begin} and end ${end}`,
  );
}

/** The share of the decay that precedes an update, 0…1. @internal */
export function decayShare(
  name: string,
  progress: UpdateProgress,
  settings: DecaySettings,
): number {
  const { begin = 0, end, hold } = settings;
  if (end !== undefined) return share(progress.update, begin, end);
  const { step, plannedSteps, course } = progress;
  checkPositiveInteger('compute the value of a schedule', 'step', step);
  if (course !== undefined) return rest(shareAt(course, step), hold ?? shareAt(course, begin));
  if (plannedSteps === undefined) {
    throw new RangeError(
      `Cannot compute the value of ${name}: the last step of the run must be known, got ${formatValue(plannedSteps)}. ` +
        'Pass end, or train for minutes, a number of steps, or epochs of a dataset with a size',
    );
  }
  if (hold !== undefined) return rest((step - 1) / plannedSteps, hold);
  return share(step, begin, Math.max(plannedSteps, begin + 1));
}

/** How much of what follows the first part of a run lies behind. */
function rest(share: number, first: number): number {
  // The last step may come within the first part, where the plan has become shorter than that.
  if (share >= 1) return 1;
  return Math.max(0, (share - first) / (1 - first));
}

function share(count: number, begin: number, end: number): number {
  return Math.min(1, Math.max(0, (count - 1 - begin) / (end - begin)));
}
