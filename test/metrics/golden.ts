import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect } from 'vitest';
import { useBackend } from '../../src/backends/select-backend.ts';
import golden from '../golden/metrics.json' with { type: 'json' };

/** Numbers from numpy, scipy and scikit-learn, made by `test/golden/make_metrics.py`. */
export { golden };

/** Runs the tests of a file on wasm-train, as users do. */
export function onWasmTrain(): void {
  beforeAll(async () => {
    await useBackend('wasm-train');
  });
}

/** Holds a value against a reference, to `relative` of it. */
export function expectNear(actual: number, wanted: number, relative = 1e-5): void {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

/** The same rows as an array of arrays and as a tensor: metrics take both. */
export function bothKinds(
  rows: readonly (readonly number[])[],
): [readonly (readonly number[])[], tf.Tensor2D] {
  return [rows, tf.tensor2d(rows.flat(), [rows.length, rows[0]!.length])];
}

/** Normal features of a seed. */
export function normal(rows: number, columns: number, seed: number, mean = 0): tf.Tensor2D {
  return tf.randomNormal<tf.Rank.R2>([rows, columns], mean, 1, 'float32', seed);
}

/** Runs something and returns by how many tensors it changed what is alive. */
export async function tensorsLeft(run: () => Promise<unknown>): Promise<number> {
  const before = tf.memory().numTensors;
  await run();
  return tf.memory().numTensors - before;
}
