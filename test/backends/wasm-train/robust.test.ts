import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { currentBackend, noisy } from './support.ts';

/** One step of gradient descent on a convolution; the loss before it. */
function step(filter: tf.Variable, batch: number): number {
  const loss = tf.tidy(() => {
    const images = noisy([batch, 16, 16, 8], 1) as tf.Tensor4D;
    const { value, grads } = tf.variableGrads(() =>
      tf
        .conv2d(images, filter as unknown as tf.Tensor4D, 2, 'same')
        .square()
        .mean<tf.Scalar>(),
    );
    filter.assign(filter.sub(Object.values(grads)[0]?.mul(0.1) ?? 0));
    return value;
  });
  const value = loss.dataSync()[0] ?? Number.NaN;
  loss.dispose();
  return value;
}

function newFilter(): tf.Variable {
  return tf.tidy(() => tf.variable(noisy([5, 5, 8, 16], 2)));
}

describe('a training on wasm-train', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await tf.setBackend('cpu');
    if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
  });

  test('that does not fit into the memory ends in an error, leaks nothing and goes on smaller', async () => {
    await wasmTrain({ maximumMemory: 2 ** 21, threads: 2 }).activate();
    const filter = newFilter();
    const first = step(filter, 4);
    const before = { tensors: tf.memory().numTensors, bytes: currentBackend().pool.bytesInUse };
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(() => step(filter, 256)).toThrow(/^Cannot allocate .* on wasm-train: .*maximumMemory/);
      const after = { tensors: tf.memory().numTensors, bytes: currentBackend().pool.bytesInUse };
      expect(after).toEqual(before);
    }
    expect(step(filter, 4)).toBeLessThan(first);
    filter.dispose();
  });

  test('goes on to the bit when a thread ends, and the report tells', async () => {
    const backend = wasmTrain({ threads: 2, simd: 'plain' });
    const train = async (between: () => Promise<unknown>): Promise<number[]> => {
      const filter = newFilter();
      const losses: number[] = [];
      for (let i = 0; i < 6; i++) {
        losses.push(step(filter, 32));
        if (i === 2) await between();
      }
      filter.dispose();
      return losses;
    };
    const workerThreads = process.getBuiltinModule('node:worker_threads');
    const started: Worker[] = [];
    const Real = workerThreads.Worker;
    vi.spyOn(workerThreads, 'Worker').mockImplementation(function (...args) {
      const worker = new Real(...args);
      started.push(worker);
      return worker;
    });
    await backend.activate();
    const wanted = await train(() => Promise.resolve());
    expect(backend.report()).toMatchObject({ threads: 2, why: undefined });

    expect(await train(() => Promise.all(started.map((worker) => worker.terminate())))).toEqual(
      wanted,
    );
    expect(backend.report()).toMatchObject({ threads: 1, why: 'it ended with code 1' });
    expect(String(backend.report())).toBe(
      'wasm-train: WebAssembly SIMD, 1 of 2 threads (it ended with code 1)',
    );
  });
});
