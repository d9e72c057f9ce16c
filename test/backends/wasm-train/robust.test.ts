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

  test('that does not fit into the memory throws an error, leaks nothing and continues with smaller batches', async () => {
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

  test('continues bit-for-bit when a thread ends, and the report says so', async () => {
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
    expect(backend.report()).toMatchObject({ threads: 1, why: 'a worker ended with code 1' });
    expect(String(backend.report())).toBe(
      'wasm-train: WebAssembly SIMD, 1 of 2 threads (a worker ended with code 1)',
    );
  });

  test('continues while every other step runs on cpu, and leaves nothing on either', async () => {
    const losses = async (backends: readonly string[]): Promise<number[]> => {
      const filter = newFilter();
      const values: number[] = [];
      for (let i = 0; i < 10; i++) {
        await tf.setBackend(backends[i % backends.length] ?? '');
        values.push(step(filter, 2));
      }
      filter.dispose();
      return values;
    };
    await wasmTrain({ threads: 2 }).activate();
    const { pool } = currentBackend();
    const wanted = await losses(['cpu']);
    const tensors = tf.memory().numTensors;
    const got = await losses(['wasm-train', 'cpu']);
    for (const [i, loss] of wanted.entries()) expect(got[i]).toBeCloseTo(loss, 3);
    expect(wanted.at(-1)).toBeLessThan(wanted[0] ?? 0);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(pool.bytesInUse).toBe(0);
    await tf.setBackend('cpu');
    expect(tf.backend().numDataIds()).toBe(tensors);
  });

  test('returns the same bits alone and next to another one in the process', async () => {
    const train = async (batch: number): Promise<number[]> => {
      await wasmTrain().activate();
      const filter = newFilter();
      const values: number[] = [];
      for (let i = 0; i < 6; i++) {
        values.push(step(filter, batch));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      filter.dispose();
      return values;
    };
    const alone = [await train(3), await train(16)];
    expect(await Promise.all([train(3), train(16)])).toEqual(alone);
    expect(currentBackend().pool.bytesInUse).toBe(0);
  });

  test('tensors that move to cpu and back many times take no more memory than once', async () => {
    await wasmTrain({ threads: 1 }).activate();
    const { pool } = currentBackend();
    const values = noisy([1000], 1);
    const seen = new Set<string>();
    for (let turn = 0; turn < 50; turn++) {
      await tf.setBackend('wasm-train');
      const squares = values.square();
      seen.add(
        `${tf.memory().numTensors} tensors, ${pool.bytesInUse} bytes, ${pool.bytesReserved}`,
      );
      await tf.setBackend('cpu');
      // Moved here by the read, and disposed here.
      const sum = tf.tidy(() => squares.add(values).sum());
      tf.dispose([squares, sum]);
      expect(pool.bytesInUse).toBe(0);
    }
    expect(seen.size).toBe(1);
    values.dispose();
  });
});
