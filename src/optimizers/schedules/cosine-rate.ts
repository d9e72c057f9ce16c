import { type LearningRateSchedule, makeSchedule, progressAt } from './learning-rate-schedule.ts';
import { checkRateStretch, type RateStretchOptions } from './linear-rate.ts';

/**
 * A learning rate that moves from one value to another along half a wave: slowly, fast, slowly.
 *
 * With n the number of the update, from 1:
 *
 *     t = min(1, max(0, (n − 1 − begin) / (end − begin)))
 *     rate(n) = to + (from − to) · (1 + cos(π·t)) / 2
 *
 * The numbers are those of PyTorch's `CosineAnnealingLR` up to its end; where that one would rise again, this one
 * stays. It counts the updates of the player.
 *
 * @param options - From where to where, and when.
 * @returns A schedule for `learningRate`.
 * @throws RangeError where a rate is out of range or it ends before it begins.
 *
 * @example Down to a tenth
 * ```ts
 * const optimizer = adam({ learningRate: cosineRate({ from: 2e-4, to: 2e-5, end: 100_000 }) });
 * ```
 *
 * @see Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, equation 5.
 * {@link https://arxiv.org/abs/1608.03983}
 */
export function cosineRate(options: RateStretchOptions): LearningRateSchedule {
  const settings = checkRateStretch('create cosineRate', options);
  const { from, to } = settings;
  return makeSchedule('cosine', settings, (update) => {
    const turn = Math.PI * progressAt(update, settings);
    return to + ((from - to) * (1 + Math.cos(turn))) / 2;
  });
}
