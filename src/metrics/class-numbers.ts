import * as tf from '@tensorflow/tfjs';
import type { CollectedFeatures } from './features/collect-features.ts';
import { frechetDistance } from './frechet-distance.ts';
import { type GanTrainTest, ganTrainTest } from './gan-train-test.ts';

/** Metrics of a conditional generator. @internal */
export interface ClassNumbers {
  /** GAN-train and GAN-test, over all samples and by class. */
  readonly all: GanTrainTest;
  /** Fréchet distance of each class. */
  readonly frechet: readonly number[];
}

/**
 * Computes metrics by class.
 *
 * @param isAsked - Whether the caller requested it explicitly, and so accepts classes with fewer
 * samples than features, whose Fréchet distance is unreliable.
 * @returns None if one side has no labels, or a class has too few samples.
 *
 * @internal
 */
export async function classNumbers(
  real: CollectedFeatures,
  fake: CollectedFeatures,
  isAsked: boolean,
): Promise<ClassNumbers | undefined> {
  if (real.labels === undefined || fake.labels === undefined) return undefined;
  const [realRows, fakeRows] = [rowsByClass(real.labels), rowsByClass(fake.labels)];
  const classes = Math.max(realRows.length, fakeRows.length);
  if (classes < 2) return undefined;
  const pairs = Array.from({ length: classes }, (_, label) => [
    realRows[label] ?? [],
    fakeRows[label] ?? [],
  ]);
  const fewest = isAsked ? 2 : real.features.shape[1] + 1;
  if (pairs.some((pair) => pair.some((rows) => rows.length < fewest))) return undefined;
  const all = await ganTrainTest(
    { features: real.features, labels: real.labels },
    { features: fake.features, labels: fake.labels },
  );
  const frechet: number[] = [];
  for (const [reals, fakes] of pairs) {
    const ofReal = tf.gather(real.features, reals!);
    const ofFake = tf.gather(fake.features, fakes!);
    frechet.push(await frechetDistance(ofReal, ofFake));
    tf.dispose([ofReal, ofFake]);
  }
  return { all, frechet };
}

/** The rows of each class. */
function rowsByClass(labels: Int32Array): number[][] {
  const rows: number[][] = [];
  labels.forEach((label, row) => (rows[label] ??= []).push(row));
  return Array.from(rows, (some) => some ?? []);
}
