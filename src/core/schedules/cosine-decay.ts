import { checkDecay, type DecayOptions, decayShare } from './linear-decay.ts';
import { makeSchedule } from './make-schedule.ts';
import type { Schedule } from './schedule.ts';

/**
 * A number that changes from one value to another along half a wave: slowly, fast, slowly.
 *
 * With n the number of the update, from 1:
 *
 *     t = min(1, max(0, (n − 1 − begin) / (end − begin)))
 *     value(n) = to + (from − to) · (1 + cos(π·t)) / 2
 *
 * The numbers are those of PyTorch's `CosineAnnealingLR` up to its end; where that one would rise again, this one
 * stays. As a learning rate it counts the updates of the network.
 *
 * @param options - From where to where, and when.
 * @returns A schedule.
 * @throws RangeError if a value is out of range or it ends before it begins.
 *
 * @example Down to a tenth
 * ```ts
 * const optimizer = adam({ learningRate: cosineDecay({ from: 2e-4, to: 2e-5, end: 100_000 }) });
 * ```
 *
 * @see Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, equation 5.
 * {@link https://arxiv.org/abs/1608.03983}
 */
export function cosineDecay(options: DecayOptions): Schedule {
  const settings = checkDecay('create cosineDecay', options);
  const { from, to } = settings;
  return makeSchedule('cosine', settings, (progress) => {
    const turn = Math.PI * decayShare('cosineDecay', progress, settings);
    return to + ((from - to) * (1 + Math.cos(turn))) / 2;
  });
}
