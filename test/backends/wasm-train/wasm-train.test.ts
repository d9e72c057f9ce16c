import os from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import type { Backend } from '../../../src/backends/backend.ts';
import { useBackend } from '../../../src/backends/select-backend.ts';
import { BackendUnavailableError } from '../../../src/core/errors.ts';
import { kernelBytes } from '../../../src/backends/wasm-train/kernel-bytes.ts';
import { currentBackend } from './support.ts';

const relaxedKernels = Buffer.from(kernelBytes('relaxed'));

async function detailOf(backend: Backend): Promise<string | undefined> {
  const availability = await backend.isAvailable();
  return availability.available ? availability.detail : availability.reason;
}

describe('wasmTrain', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await tf.setBackend('cpu');
    if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
  });

  test('becomes the current backend of TensorFlow.js', async () => {
    const backend = wasmTrain({ threads: 1, simd: 'plain' });
    expect(backend.name).toBe('wasm-train');
    expect(await backend.isAvailable()).toEqual({
      available: true,
      detail: 'WebAssembly SIMD, 1 thread',
    });
    await backend.activate();
    expect(tf.getBackend()).toBe('wasm-train');
    expect(tf.tidy(() => tf.add([1, 2], [3, 4]).arraySync())).toEqual([4, 6]);
  });

  test('compiles nothing and creates no memory before it is activated', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile');
    const backend = wasmTrain();
    await backend.isAvailable();
    expect(compile).not.toHaveBeenCalled();
    expect(tf.findBackend('wasm-train')).toBeNull();
    await backend.activate();
    expect(compile).toHaveBeenCalledOnce();
  });

  test('is one backend for all users that activate it, at once or later', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile');
    await Promise.all([wasmTrain().activate(), wasmTrain().activate()]);
    const backend = tf.backend();
    const kept = tf.tensor([1, 2, 3]).square();
    await tf.setBackend('cpu');
    await wasmTrain().activate();
    expect(tf.backend()).toBe(backend);
    expect(compile).toHaveBeenCalledOnce();
    expect([...(await kept.data())]).toEqual([1, 4, 9]);
    kept.dispose();
  });

  test('can be created again after it was removed', async () => {
    await wasmTrain({ maximumMemory: 2 ** 24 }).activate();
    const first = tf.backend();
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
    await wasmTrain({ maximumMemory: 2 ** 25 }).activate();
    expect(tf.backend()).not.toBe(first);
    expect(tf.tidy(() => tf.sum([1, 2, 3]).arraySync())).toBe(6);
  });

  test('does not recommend another backend on the console', async () => {
    const warn = vi.spyOn(console, 'warn');
    await wasmTrain().activate();
    tf.tensor([1]).dispose();
    expect(warn).not.toHaveBeenCalled();
  });

  test('refuses another maximumMemory while it runs', async () => {
    await wasmTrain({ maximumMemory: 2 ** 24 }).activate();
    await expect(wasmTrain({ maximumMemory: 2 ** 25 }).activate()).rejects.toThrow(
      `Cannot activate wasm-train with a maximumMemory of ${2 ** 25} bytes: it already runs with ` +
        `${2 ** 24}, shared by all its users. Leave the option out, or set it before the first use`,
    );
    await wasmTrain().activate();
    await wasmTrain({ maximumMemory: 2 ** 24 }).activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test.each([
    [0, 'maximumMemory must be a positive integer, got 0'],
    [-1, 'maximumMemory must be a positive integer, got -1'],
    [1.5, 'maximumMemory must be a positive integer, got 1.5'],
    [Number.NaN, 'maximumMemory must be a positive integer, got NaN'],
    [100, 'maximumMemory must be at least 1048576 bytes (1 MiB), got 100'],
    [2 ** 33, `maximumMemory must be at most ${2 ** 32} bytes (4 GiB), got ${2 ** 33}`],
  ])('refuses a maximumMemory of %d', (maximumMemory, message) => {
    expect(() => wasmTrain({ maximumMemory })).toThrow(
      new RangeError(`Cannot use the wasm-train backend: ${message}`),
    );
  });

  test('shares the work with the requested number of threads, and reports it', async () => {
    expect(await wasmTrain({ threads: 3, simd: 'plain' }).isAvailable()).toEqual({
      available: true,
      detail: 'WebAssembly SIMD, 3 threads',
    });
    await wasmTrain({ threads: 3, simd: 'plain' }).activate();
    const { workers, pool } = currentBackend();
    expect(workers?.alive).toBe(3);
    expect(pool.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    // Reports what runs, not what a later caller requests.
    expect(await detailOf(wasmTrain())).toBe('WebAssembly SIMD, 3 threads');
  });

  test('starts nothing and shares nothing with one thread', async () => {
    await wasmTrain({ threads: 1, simd: 'plain' }).activate();
    const { workers, pool } = currentBackend();
    expect(workers).toBeUndefined();
    expect(pool.memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(await detailOf(wasmTrain())).toBe('WebAssembly SIMD, 1 thread');
  });

  test('has a thread for every core, up to eight', async () => {
    const cores = vi.spyOn(os, 'availableParallelism');
    for (const [count, threads] of [
      [2, '2 threads'],
      [64, '8 threads'],
      [1, '1 thread (the machine has one core)'],
    ] as const) {
      cores.mockReturnValue(count);
      expect(await detailOf(wasmTrain({ simd: 'plain' }))).toBe(`WebAssembly SIMD, ${threads}`);
    }
    expect(await detailOf(wasmTrain({ threads: 2 }))).toMatch(/2 threads$/);
  });

  test('runs on one thread if memory cannot be shared, and reports why', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    try {
      const action = wasmTrain({ threads: 2, simd: 'plain' });
      const detail = 'WebAssembly SIMD, 1 thread (this JavaScript engine has no SharedArrayBuffer)';
      expect(await detailOf(action)).toBe(detail);
      await action.activate();
      expect(await detailOf(action)).toBe(detail);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(currentBackend().workers).toBeUndefined();
    expect(tf.tidy(() => tf.add([1, 2], [3, 4]).arraySync())).toEqual([4, 6]);
  });

  test('runs on fewer threads if they cannot start, and reports why', async () => {
    const workerThreads = process.getBuiltinModule('node:worker_threads');
    vi.spyOn(workerThreads, 'Worker').mockImplementation(function () {
      throw new Error('no more threads');
    });
    const report = await useBackend(wasmTrain({ threads: 3, simd: 'plain' }));
    expect(report.detail).toBe('WebAssembly SIMD, 1 of 3 threads (no more threads)');
    expect(tf.tidy(() => tf.add([1, 2], [3, 4]).arraySync())).toEqual([4, 6]);
  });

  test('ends its threads when it is removed', async () => {
    await wasmTrain({ threads: 3 }).activate();
    const { workers } = currentBackend();
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
    expect(workers?.alive).toBe(1);
  });

  test('restarts with its threads after TensorFlow.js was reset', async () => {
    await wasmTrain({ threads: 2 }).activate();
    const first = currentBackend();
    tf.engine().reset();
    await wasmTrain().activate();
    const second = currentBackend();
    expect(second).not.toBe(first);
    expect(first.workers?.alive).toBe(1);
    expect(second.workers?.alive).toBe(2);
    expect(tf.tidy(() => tf.sum(tf.ones([1000, 1000])).arraySync())).toBe(1e6);
  });

  test('refuses another number of threads while it runs', async () => {
    await wasmTrain({ threads: 2 }).activate();
    await expect(wasmTrain({ threads: 3 }).activate()).rejects.toThrow(
      'Cannot activate wasm-train with 3 threads: it already runs with 2, shared by all its users. ' +
        'Leave the option out, or set it before the first use',
    );
    await wasmTrain().activate();
    await wasmTrain({ threads: 2 }).activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test.each([
    [0, 'threads must be a positive integer, got 0'],
    [2.5, 'threads must be a positive integer, got 2.5'],
    [33, 'threads must be at most 32, got 33'],
  ])('refuses to have %d threads', (threads, message) => {
    expect(() => wasmTrain({ threads })).toThrow(
      new RangeError(`Cannot use the wasm-train backend: ${message}`),
    );
  });

  test('runs plain or relaxed SIMD as requested, and reports which', async () => {
    for (const [simd, kind] of [
      ['plain', 'SIMD'],
      ['relaxed', 'relaxed SIMD'],
    ] as const) {
      const detail = `WebAssembly ${kind}, 1 thread`;
      const backend = wasmTrain({ simd, threads: 1 });
      expect(await detailOf(backend)).toBe(detail);
      expect((await useBackend(backend)).detail).toBe(detail);
      expect(currentBackend().flavour).toBe(simd);
      await tf.setBackend('cpu');
      tf.removeBackend('wasm-train');
    }
  });

  test('takes the same SIMD by default, whatever was requested before', async () => {
    const taken: string[] = [];
    for (const simd of ['auto', 'relaxed', 'auto', 'plain', 'auto'] as const) {
      await wasmTrain({ simd, threads: 1 }).activate();
      if (simd === 'auto') taken.push(currentBackend().flavour);
      await tf.setBackend('cpu');
      tf.removeBackend('wasm-train');
    }
    const inTheOpen = !process.versions.v8.startsWith('11.3.');
    expect(new Set(taken)).toEqual(new Set([inTheOpen ? 'relaxed' : 'plain']));
  });

  test('hides a flag that it set from all other code', async () => {
    const before = WebAssembly.validate(relaxedKernels);
    await wasmTrain({ simd: 'relaxed' }).activate();
    expect(WebAssembly.validate(relaxedKernels)).toBe(before);
  });

  test('throws if the engine has no relaxed SIMD', async () => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    vi.spyOn(WebAssembly, 'validate').mockImplementation(
      (bytes) => Buffer.compare(bytes as Uint8Array, relaxedKernels) !== 0 && validate(bytes),
    );
    expect(await detailOf(wasmTrain({ simd: 'relaxed' }))).toBe(
      'the WebAssembly of this engine has no relaxed SIMD',
    );
    await expect(wasmTrain({ simd: 'relaxed' }).activate()).rejects.toThrow(
      'Cannot use the wasm-train backend: the WebAssembly of this engine has no relaxed SIMD. ' +
        "Leave simd out, or pass 'plain'",
    );
    await wasmTrain().activate();
    expect(currentBackend().flavour).toBe('plain');
  });

  test('refuses the other SIMD while it runs', async () => {
    await wasmTrain({ simd: 'relaxed' }).activate();
    await expect(wasmTrain({ simd: 'plain' }).activate()).rejects.toThrow(
      'Cannot activate wasm-train with plain SIMD: it already runs with relaxed SIMD, shared by ' +
        'all its users. Leave the option out, or set it before the first use',
    );
    await wasmTrain().activate();
    await wasmTrain({ simd: 'relaxed' }).activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test('refuses a simd that it does not know', () => {
    expect(() => wasmTrain({ simd: 'fused' as 'plain' })).toThrow(
      new RangeError(
        "Cannot use the wasm-train backend: simd must be one of 'auto', 'plain', 'relaxed', got 'fused'",
      ),
    );
  });

  test('takes all four gigabytes if requested', async () => {
    await wasmTrain({ maximumMemory: 2 ** 32 }).activate();
    await wasmTrain({ maximumMemory: 2 ** 32 }).activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test('reports what is missing if the engine has no SIMD', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(await wasmTrain().isAvailable()).toEqual({
      available: false,
      reason: 'the WebAssembly of this engine has no SIMD',
    });
    const refusal = await wasmTrain()
      .activate()
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BackendUnavailableError);
    expect(refusal).toMatchObject({
      backend: 'wasm-train',
      message:
        'Cannot use the wasm-train backend: the WebAssembly of this engine has no SIMD. ' +
        'Update the browser or Node, or use the cpu backend',
    });
    expect(tf.getBackend()).toBe('cpu');
  });

  test('reports that the engine has no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const availability = await wasmTrain().isAvailable();
    vi.unstubAllGlobals();
    expect(availability).toEqual({
      available: false,
      reason: 'this JavaScript engine has no WebAssembly',
    });
  });

  test('throws if the engine refuses a memory', async () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await expect(wasmTrain().activate()).rejects.toThrow(
      'Cannot use the wasm-train backend: the engine refused to create a WebAssembly memory. ' +
        'Lower maximumMemory, or close other pages and workers that use WebAssembly',
    );
    vi.restoreAllMocks();
    await wasmTrain().activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });
});
