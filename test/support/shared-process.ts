/** What each test file of a shared process finds: the CPU backend, one thread of `wasm-train`, and nothing mocked. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, vi } from 'vitest';
import { wasmTrain } from '../../src/backends/wasm-train/wasm-train.ts';

beforeAll(async () => {
  // The number of threads of a process cannot change later.
  await wasmTrain({ threads: 1 }).activate();
  await tf.setBackend('cpu');
});

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});
