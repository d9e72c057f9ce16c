import { readdirSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasmTrain } from '../../../../src/backends/wasm-train/index.ts';
import { currentBackend } from '../support.ts';

/** All tests of the kernels once more, with all work split as finely as possible over threads. */
describe('on three threads', async () => {
  beforeAll(async () => {
    await wasmTrain({ threads: 3, simd: 'plain' }).activate();
    const { workers } = currentBackend();
    if (workers !== undefined) workers.leastOperations = 1;
  });

  await Promise.all(
    readdirSync(new URL('.', import.meta.url))
      .filter((name) => name.endsWith('.test.ts') && !name.startsWith('on-'))
      .map((name): Promise<unknown> => import(new URL(name, import.meta.url).href)),
  );

  // The tests above would start another backend if none ran: this one still runs.
  test('they were', () => {
    expect(currentBackend().workers).toMatchObject({ threads: 3, alive: 3, leastOperations: 1 });
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
  });
});
