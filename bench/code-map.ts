import * as tf from '@tensorflow/tfjs';
import type { Generator } from 'tfjs-gan';
import type { FeatureExtractor } from 'tfjs-gan/metrics';

/** Which digit each value of a code creates, one to one, and how often it does. */
export interface CodeMap {
  /** The digit of each value. */
  readonly digits: readonly number[];
  /** Share of samples that are the digit of their code's value. */
  readonly accuracy: number;
}

/**
 * The best one-to-one map of the ten values of the first categorical code to digits, as a classifier reads the samples.
 *
 * @param features - An extractor whose logits tell digits.
 * @param samples - How many to draw, as many of each value.
 */
export async function codesOfDigits(
  generator: Generator,
  features: FeatureExtractor,
  samples: number,
): Promise<CodeMap> {
  const each = Math.floor(samples / 10);
  const counts: number[][] = [];
  for (let value = 0; value < 10; value += 1) {
    const counted = new Array<number>(10).fill(0);
    for (let first = 0; first < each; first += 250) {
      const digits = tf.tidy(() => {
        const size = Math.min(250, each - first);
        const codes = { categorical: [value] };
        const images = generator.sample(size, { seed: 1000 * value + first, codes });
        return tf.argMax(features.extract(images).logits!, -1);
      });
      for (const digit of await digits.data()) counted[digit]! += 1;
      digits.dispose();
    }
    counts.push(counted);
  }
  const { digits, total } = bestMap(counts);
  return { digits, accuracy: total / (10 * each) };
}

/** The one-to-one map with the largest sum, by dynamic programming over the sets of digits that are taken. */
export function bestMap(counts: readonly (readonly number[])[]): {
  readonly digits: readonly number[];
  readonly total: number;
} {
  const size = counts.length;
  let best = new Map<number, { total: number; digits: readonly number[] }>([
    [0, { total: 0, digits: [] }],
  ]);
  for (const row of counts) {
    const next = new Map<number, { total: number; digits: readonly number[] }>();
    for (const [taken, { total, digits }] of best) {
      for (let digit = 0; digit < size; digit += 1) {
        if (taken & (1 << digit)) continue;
        const [key, sum] = [taken | (1 << digit), total + row[digit]!];
        if ((next.get(key)?.total ?? -1) < sum) {
          next.set(key, { total: sum, digits: [...digits, digit] });
        }
      }
    }
    best = next;
  }
  return best.get(2 ** size - 1)!;
}
