import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../core/random.ts';
import { changeByStep, places, randomSigns } from './central-differences.ts';
import type { HeldKinks } from './held-kinks.ts';
import { underGradient } from './under-gradient.ts';

/** How many random directions to look along. */
const directions = 3;

/** Steps, as parts of what the values of samples are like: a long one, above the rounding, and one for sharp bends. */
const steps = [1e-2, 1e-3];

/** What float32 resolves of an answer, relative. */
const resolution = 1e-6;

/** Changes that bend more than this part of themselves, or are rounded to more than this part of a slope, tell nothing. */
const leastSure = 0.25;

/**
 * How far the slope of a critic is from central differences of its answers, relative. A wrong slope can have the right
 * gradient: it is then the gradient of a penalty on something else.
 *
 * What the differences cannot tell, because answers are rounded or bend within a step, is no error.
 *
 * @param answers - Of the critic.
 * @param x - Samples.
 * @param slope - By the samples, as the gradient has it.
 * @param kinks - They remember the critic at the samples.
 * @param tolerance - An error that is small enough not to look again.
 * @param random - Decides the directions.
 * @internal
 */
export async function slopeError(
  answers: (samples: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  slope: tf.Tensor,
  kinks: HeldKinks,
  tolerance: number,
  random: Random,
): Promise<number> {
  const held = (samples: tf.Tensor): tf.Tensor =>
    underGradient(samples, (moved) => kinks.hold(() => answers(moved)), false).answered;
  const errors: number[] = [];
  for (const step of steps) {
    const compared = tf.tidy(() => {
      const size = tf.sqrt(tf.mean(tf.square(x)));
      const distance = tf.mul(tf.where(tf.greater(size, 1e-15), size, 1), step);
      return Array.from({ length: directions }, () => {
        const move = tf.mul(randomSigns(x, random), distance);
        const along = places.map((place) => held(tf.add(x, tf.mul(move, place))));
        return { got: tf.sum(tf.mul(slope, move)), along: tf.stack(along) };
      });
    });
    const off: number[] = [];
    const changes: number[] = [];
    const bends: number[] = [];
    const roundings: number[] = [];
    const slopes: number[] = [];
    for (const { got, along } of compared) {
      const values = [...(await along.data())];
      const [found = Number.NaN] = await got.data();
      tf.dispose([got, along]);
      const count = values.length / places.length;
      const sums = places.map((_, i) =>
        values.slice(i * count, (i + 1) * count).reduce((a, b) => a + b, 0),
      );
      const rounding = (resolution * values.reduce((a, b) => a + Math.abs(b), 0)) / places.length;
      const { change, bend } = changeByStep(sums);
      off.push(Math.max(0, Math.abs(found - change) - bend - rounding));
      changes.push(change);
      bends.push(bend);
      roundings.push(rounding);
      slopes.push(found);
    }
    const size = Math.max(Math.hypot(...slopes), Math.hypot(...changes));
    const noise = Math.hypot(...roundings);
    // Answers close by may be no numbers either.
    const isBent = !(Math.hypot(...bends) <= leastSure * Math.hypot(...changes) + noise);
    if (isBent || noise > leastSure * size) continue;
    const error = size === 0 ? 0 : Math.hypot(...off) / size;
    if (error <= tolerance) return error;
    errors.push(error);
  }
  return errors.length === 0 ? 0 : Math.min(...errors);
}
