import { checkDecay, type DecayOptions, decayShare } from './linear-decay.ts';
import { makeSchedule } from './make-schedule.ts';
import type { Schedule } from './schedule.ts';

/**
 * A number that follows half a cosine wave from one value to another.
 *
 * With n the number of the update, from 1:
 *
 *     t = min(1, max(0, (n − 1 − begin) / (end − begin)))
 *     value(n) = to + (from − to) · (1 + cos(π·t)) / 2
 *
 * The numbers equal those of PyTorch's `CosineAnnealingLR` up to its end; after the end, they stay
 * constant instead of rising again. As a learning rate it counts the updates of the network.
 *
 * @param options - First and last value, and the updates between which it changes.
 * @returns A schedule.
 * @throws RangeError if a value is out of range or it ends before it begins.
 *
 * @example Decay to a tenth
 * ```ts
 * const optimizer = adam({ learningRate: cosineDecay({ from: 2e-4, to: 2e-5, end: 100_000 }) });
 * ```
 *
 * @see Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, equation
 * 5. {@link https://arxiv.org/abs/1608.03983}
 */
export function cosineDecay(options: DecayOptions): Schedule {
  const settings = checkDecay('create cosineDecay', options);
  const { from, to } = settings;
  return makeSchedule('cosine', settings, (progress) => {
    const turn = Math.PI * decayShare('cosineDecay', progress, settings);
    return to + ((from - to) * (1 + Math.cos(turn))) / 2;
  });
}
