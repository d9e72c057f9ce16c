import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { useBackend } from '../../../src/backends/select-backend.ts';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';

describe('the report of wasm-train', () => {
  afterEach(async () => {
    await tf.setBackend('cpu');
    if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
  });

  test('reports how it runs, and lists no operations if all ran on its own kernels', async () => {
    const backend = wasmTrain({ threads: 2, simd: 'plain' });
    await useBackend(backend);
    tf.tidy(() =>
      tf
        .matMul(tf.ones([4, 4]), tf.ones([4, 4]))
        .relu()
        .reshape([16])
        .dataSync(),
    );
    const report = backend.report();
    expect(report).toMatchObject({ simd: 'plain', threads: 2, why: undefined, inherited: [] });
    expect(report.bytesReserved).toBeGreaterThanOrEqual(report.bytesInUse);
    expect(String(report)).toBe('wasm-train: WebAssembly SIMD, 2 threads');
  });

  test('lists the operations on inherited kernels, with counts and times', async () => {
    const backend = wasmTrain({ threads: 1, simd: 'relaxed' });
    await useBackend(backend);
    tf.tidy(() => {
      const x = tf.tensor([3, 1, 2]);
      for (let i = 0; i < 5; i++) x.cumsum();
      // On integers, which no kernel here adds.
      tf.add(tf.tensor([1], [1], 'int32'), tf.tensor([2], [1], 'int32'));
    });
    const { inherited } = backend.report();
    const counts = Object.fromEntries(inherited.map(({ name, count }) => [name, count]));
    expect(counts).toEqual({ Cumsum: 5, Add: 1 });
    for (const { milliseconds } of inherited) expect(milliseconds).toBeGreaterThan(0);
    const times = inherited.map(({ milliseconds }) => milliseconds);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const lines = String(backend.report()).split('\n');
    expect(lines[0]).toBe('wasm-train: WebAssembly relaxed SIMD, 1 thread');
    expect(lines.slice(1).sort()).toEqual([
      expect.stringMatching(/^ {2}on cpu's JavaScript: Add, 1 time, \d+\.\d ms$/),
      expect.stringMatching(/^ {2}on cpu's JavaScript: Cumsum, 5 times, \d+\.\d ms$/),
    ]);
  });

  test('counts a kernel that failed, and rethrows its error', async () => {
    const backend = wasmTrain({ threads: 1 });
    await useBackend(backend);
    const bad = (): tf.Tensor => tf.tidy(() => tf.softmax(tf.ones([2, 3]), 0));
    expect(bad).toThrow('Softmax along a non-last dimension is not yet supported');
    const x = tf.tensor([1, 2]);
    const broken = (): unknown =>
      tf.engine().runKernel('SparseReshape', { inputIndices: x, inputShape: x, newShape: x });
    expect(broken).toThrow('should be a matrix');
    expect(backend.report().inherited).toMatchObject([{ name: 'SparseReshape', count: 1 }]);
    x.dispose();
  });

  test('is plain data that JSON can hold', async () => {
    const backend = wasmTrain({ threads: 1, simd: 'plain' });
    await useBackend(backend);
    expect(Object.keys(JSON.parse(JSON.stringify(backend.report())) as object)).toEqual([
      ...['simd', 'threads', 'bytesInUse', 'bytesReserved', 'inherited'],
    ]);
  });

  test('throws before the backend runs', () => {
    expect(() => wasmTrain().report()).toThrow(
      'Cannot report on wasm-train: it is not running. Activate it first: await useBackend(wasmTrain())',
    );
  });
});
