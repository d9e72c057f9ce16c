import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { currentBackend, isResident, leavingNothingBehind, startedBackend } from './support.ts';

/** Fills freed blocks with other numbers, as the next steps of a training would. */
function reuseBlocks(): void {
  tf.tidy(() => {
    for (let i = 0; i < 20; i++) tf.fill([1000], -7 - i).square();
  });
}

describe('WasmTrainBackend', () => {
  const backend = leavingNothingBehind();

  test('values that were read do not change when the tensor is disposed and its block reused', async () => {
    const x = tf.range(0, 1000).square();
    expect(isResident(x)).toBe(true);
    const read = [x.dataSync(), await x.data(), (await x.buffer()).values, x.bufferSync().values];
    x.dispose();
    reuseBlocks();
    for (const values of read) {
      expect(values.buffer).not.toBe(backend().pool.memory.buffer);
      expect(values[999]).toBe(998_001);
      expect(values[3]).toBe(9);
    }
  });

  test('a pending read returns its values even if the tensor is disposed meanwhile', async () => {
    const x = tf.fill([1000], 3).square();
    const waiting = x.data();
    x.dispose();
    reuseBlocks();
    const values = await waiting;
    expect(values.every((value) => value === 9)).toBe(true);
  });

  test('writing into values that were read does not change the tensor', () => {
    const made = tf.tensor([1, 2, 3]);
    const computed = made.square();
    for (const [tensor, wanted] of [
      [made, [1, 2, 3]],
      [computed, [1, 4, 9]],
    ] as const) {
      tensor.dataSync().fill(0);
      expect([...tensor.dataSync()]).toEqual(wanted);
    }
    tf.dispose([made, computed]);
  });

  test("inherited kernels read the results of the backend's own, without a copy", () => {
    const x = tf.tensor([1, 2, 3, 4]).square();
    const stored = backend().data.get(x.dataId);
    expect(stored.values).toBeInstanceOf(Float32Array);
    expect((stored.values as Float32Array).buffer).toBe(backend().pool.memory.buffer);
    // cumsum and topk are inherited.
    expect(tf.tidy(() => [...x.cumsum().dataSync()])).toEqual([1, 5, 14, 30]);
    expect(tf.tidy(() => [...tf.topk(x as tf.Tensor1D, 2).values.dataSync()])).toEqual([16, 9]);
  });

  test('a slice that an inherited kernel takes of a block outlives that block', () => {
    const x = tf.range(0, 3000).square();
    // On cpu a split is three windows on the array it reads.
    const parts = tf.split(x, 3);
    x.dispose();
    reuseBlocks();
    expect(parts.map((part) => part.dataSync()[1])).toEqual([1, 1001 ** 2, 2001 ** 2]);
    tf.dispose(parts);
  });

  test('values stay readable when the memory grows', () => {
    const x = tf.tensor([1, 2, 3]).square();
    const before = backend().pool.bytesReserved;
    const large = tf.fill([Math.ceil(before / 4) + 100_000], 2).square();
    expect(backend().pool.bytesReserved).toBeGreaterThan(before);
    expect([...x.dataSync()]).toEqual([1, 4, 9]);
    expect(large.dataSync().at(-1)).toBe(4);
    tf.dispose([x, large]);
  });

  test('a clone and a reshape share values, which live as long as the last of them', () => {
    const x = tf.tensor([1, 2, 3, 4]).square();
    const inUse = backend().pool.bytesInUse;
    const clone = x.clone();
    const reshaped = clone.reshape([2, 2]);
    expect(backend().pool.bytesInUse).toBe(inUse);
    x.dispose();
    clone.dispose();
    reuseBlocks();
    expect(reshaped.arraySync()).toEqual([
      [1, 4],
      [9, 16],
    ]);
    reshaped.dispose();
  });

  test('complex tensors work and are freed whole', () => {
    const x = tf.tensor([1, 2]).square();
    const complex = tf.complex(x, tf.tensor([3, 4]));
    x.dispose();
    reuseBlocks();
    const squared = tf.mul(complex, complex);
    expect([...squared.dataSync()]).toEqual([1 - 9, 6, 16 - 16, 32]);
    expect([...tf.tidy(() => tf.real(squared).add(1).dataSync())]).toEqual([-7, 1]);
  });

  test('string tensors work', () => {
    const words = tf.tensor(['a', 'bé', '']);
    expect(words.reshape([3, 1]).arraySync()).toEqual([['a'], ['bé'], ['']]);
  });

  test('tensors move between backends and keep their values, of every type', async () => {
    const made = (): tf.Tensor[] => [
      tf.tensor([1, 2, 3]).square(),
      tf.tensor([1, -2, 3], [3], 'int32'),
      tf.tensor([1, 0, 1], [3], 'bool'),
      tf.tensor(['x', 'y', 'z']),
      tf.complex([1, 2], [3, 4]),
    ];
    const read = (tensors: tf.Tensor[]): unknown[] => tensors.map((one) => [...one.dataSync()]);
    const use = (tensors: tf.Tensor[]): unknown[] =>
      tensors.map((one) => {
        const again = tf.tidy(() => (one.dtype === 'string' ? one.reshape([3, 1]) : one.add(one)));
        const values = [...again.dataSync()];
        again.dispose();
        return values;
      });
    const ours = made();
    const wanted = read(ours);
    const wantedSums = use(ours);
    await tf.setBackend('cpu');
    // cpu itself loses complex tensors that come from elsewhere.
    expect(use(ours.slice(0, 4))).toEqual(wantedSums.slice(0, 4));
    const theirs = made();
    await tf.setBackend('wasm-train');
    expect(use(theirs)).toEqual(wantedSums);
    expect(use(ours.slice(0, 4))).toEqual(wantedSums.slice(0, 4));
    expect(read(theirs)).toEqual(wanted);
  });

  test('tf.memory counts tensors and reports the bytes in the WebAssembly memory', () => {
    const before = tf.memory() as tf.MemoryInfo & { wasmBytesInUse: number };
    tf.fill([1000], 2);
    const after = tf.memory() as tf.MemoryInfo & { wasmBytesInUse: number };
    expect(after.unreliable).toBe(false);
    expect(after.numTensors - before.numTensors).toBe(1);
    expect(after.numBytes - before.numBytes).toBe(4000);
    expect(after.wasmBytesInUse - before.wasmBytesInUse).toBe(4032);
  });
});

describe('a large memory', () => {
  test('works beyond two gigabytes, at which addresses are no longer small integers', async () => {
    await startedBackend();
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
    const { pool } = await startedBackend();
    // Never touched, so the engine backs it with no pages.
    pool.allocate(2.5 * 2 ** 30);
    tf.tidy(() => {
      const x = tf.range(0, 1003).square();
      expect(currentBackend().pointer(x)).toBeGreaterThan(2 ** 31);
      expect(x.sum().dataSync()[0]).toBeCloseTo(335_839_505, -2);
      expect(tf.concat([x, x]).slice([1002], [2]).arraySync()).toEqual([1002 ** 2, 0]);
      expect(x.greater(99).cast('float32').sum().dataSync()[0]).toBe(1003 - 10);
      expect(x.reshape([17, 59]).transpose().slice([58, 16]).dataSync()[0]).toBe(1002 ** 2);
    });
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
  });
});

describe('a full memory', () => {
  const megabyte = 2 ** 20;

  beforeEach(async () => {
    await tf.setBackend('cpu');
    if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
    await wasmTrain({ maximumMemory: 8 * megabyte }).activate();
  });

  afterEach(async () => {
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
  });

  test('is an error that names the cure, and loses nothing', () => {
    const pool = currentBackend().pool;
    const kept = tf.tidy(() => tf.fill([megabyte / 4], 3).square());
    const numTensors = tf.memory().numTensors;
    const inUse = pool.bytesInUse;
    expect(() => tf.tidy(() => tf.tile(kept.reshape([1, -1]), [10, 1]))).toThrow(
      'Cannot allocate 10.0 MB on wasm-train: 1.0 MB of its maximumMemory of 8.0 MB are in use. ' +
        'Dispose tensors sooner (tf.tidy), lower the batch size, or raise maximumMemory',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(pool.bytesInUse).toBe(inUse);
    expect(kept.dataSync().every((value) => value === 9)).toBe(true);
    const next = kept.add(1);
    expect(next.dataSync()[0]).toBe(10);
    tf.dispose([kept, next]);
    expect(pool.bytesInUse).toBe(0);
  });

  test('frees the allocations of a kernel when a later one does not fit', () => {
    const pool = currentBackend().pool;
    const size = megabyte / 4;
    const [value, gradient, firstMoment, secondMoment] = [1, 2, 3, 4].map((x) =>
      tf.fill([size], x),
    );
    const inUse = pool.bytesInUse;
    const attributes = { stepSize: 1, beta1: 0.5, beta2: 0.5, epsilon: 1e-8, secondCorrection: 1 };
    const inputs = { value, gradient, firstMoment, secondMoment } as tf.NamedTensorMap;
    // Four megabytes are in use and two of the three results fit.
    const filler = tf.fill([size], 0);
    expect(() => tf.engine().runKernel('AdamUpdate', inputs, attributes)).toThrow(
      'Cannot allocate',
    );
    filler.dispose();
    expect(pool.bytesInUse).toBe(inUse);
    const results = tf.engine().runKernel<tf.Tensor[]>('AdamUpdate', inputs, attributes);
    expect(results).toHaveLength(3);
    tf.dispose([results, inputs]);
    expect(pool.bytesInUse).toBe(0);
  });

  test('an array that does not fit stays in JavaScript, whole', () => {
    const large = tf.tensor(new Float32Array(3 * megabyte).fill(5));
    expect(() => large.square()).toThrow('Cannot allocate 12.0 MB on wasm-train');
    expect(large.dataSync().every((value) => value === 5)).toBe(true);
    large.dispose();
  });
});
