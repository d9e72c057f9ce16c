import { checkNonNegative, checkOptions, checkPositive } from '../../core/checks.ts';
import {
  checkStretch,
  type LearningRateSchedule,
  makeSchedule,
  progressAt,
} from './learning-rate-schedule.ts';

/**
 * Settings of {@link linearRate} and {@link cosineRate}.
 *
 * @example A quarter of the way, along a line and along a wave
 * ```ts
 * const options: RateStretchOptions = { from: 2e-4, to: 2e-5, begin: 50_000, end: 100_000 };
 * const rates = [linearRate(options), cosineRate(options)].map((rate) => rate.rateAt(62_501));
 * console.log(rates.map((rate) => rate.toExponential(2))); // [ '1.55e-4', '1.74e-4' ]
 * ```
 */
export interface RateStretchOptions {
  /** The rate at first; positive. */
  readonly from: number;
  /**
   * The rate at the end; at least 0.
   *
   * @defaultValue `0`
   */
  readonly to?: number | undefined;
  /**
   * How many updates are made at the first rate before it begins to move.
   *
   * @defaultValue `0`
   */
  readonly begin?: number | undefined;
  /** After how many updates the last rate is reached; it stays from then on. */
  readonly end: number;
}

/**
 * A learning rate that moves from one value to another along a line.
 *
 * With n the number of the update, from 1:
 *
 *     rate(n) = from + (to − from) · min(1, max(0, (n − 1 − begin) / (end − begin)))
 *
 * WGAN-GP and SNGAN train their ResNets so, from 0.0002 to 0; pix2pix and CycleGAN hold the rate for the first half of
 * training and let it fall in the second. The numbers are those of PyTorch's `LinearLR`. It counts the updates of the
 * player: one that moves five times in a step is five times as far.
 *
 * @param options - From where to where, and when.
 * @returns A schedule for `learningRate`.
 * @throws RangeError where a rate is out of range or it ends before it begins.
 *
 * @example Hold the rate, then let it fall to zero
 * ```ts
 * const optimizer = adam({ learningRate: linearRate({ from: 2e-4, begin: 50_000, end: 100_000 }) });
 * ```
 *
 * @see Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017, section 4.
 * {@link https://arxiv.org/abs/1703.10593}
 */
export function linearRate(options: RateStretchOptions): LearningRateSchedule {
  const settings = checkRateStretch('create linearRate', options);
  const { from, to } = settings;
  return makeSchedule('linear', settings, (update) => {
    const share = progressAt(update, settings);
    return from * (1 - share) + to * share;
  });
}

/** The settings, with defaults, checked. @internal */
export function checkRateStretch(
  asked: string,
  options: RateStretchOptions,
): Readonly<Record<keyof RateStretchOptions, number>> {
  checkOptions(asked, options, ['from', 'to', 'begin', 'end']);
  const { from, to = 0, begin = 0, end } = options;
  checkPositive(asked, 'from', from);
  checkNonNegative(asked, 'to', to);
  checkStretch(asked, { begin, end });
  return { from, to, begin, end };
}
