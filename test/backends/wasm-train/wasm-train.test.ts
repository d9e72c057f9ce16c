import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { BackendUnavailableError } from '../../../src/core/errors.ts';

describe('wasmTrain', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await tf.setBackend('cpu');
    if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
  });

  test('becomes the current backend of TensorFlow.js', async () => {
    const backend = wasmTrain();
    expect(backend.name).toBe('wasm-train');
    expect(await backend.isAvailable()).toEqual({
      available: true,
      detail: expect.stringMatching(/^WebAssembly SIMD, \d+ threads?( \(.+\))?$/),
    });
    await backend.activate();
    expect(tf.getBackend()).toBe('wasm-train');
    expect(tf.tidy(() => tf.add([1, 2], [3, 4]).arraySync())).toEqual([4, 6]);
  });

  test('compiles nothing and makes no memory before it is activated', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile');
    const backend = wasmTrain();
    await backend.isAvailable();
    expect(compile).not.toHaveBeenCalled();
    expect(tf.findBackend('wasm-train')).toBeNull();
    await backend.activate();
    expect(compile).toHaveBeenCalledOnce();
  });

  test('is one backend for all who activate it, at once or later', async () => {
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

  test('can be made again after it was removed', async () => {
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

  test('takes all four gigabytes when asked', async () => {
    await wasmTrain({ maximumMemory: 2 ** 32 }).activate();
    await wasmTrain({ maximumMemory: 2 ** 32 }).activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });

  test('says what is missing where the engine has no SIMD', async () => {
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

  test('says so where the engine has no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const availability = await wasmTrain().isAvailable();
    vi.unstubAllGlobals();
    expect(availability).toEqual({
      available: false,
      reason: 'this JavaScript engine has no WebAssembly',
    });
  });

  test('says so where the engine refuses a memory', async () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await expect(wasmTrain().activate()).rejects.toThrow(
      'Cannot use the wasm-train backend: the engine refused to make a WebAssembly memory. ' +
        'Lower maximumMemory, or close other pages and workers that use WebAssembly',
    );
    vi.restoreAllMocks();
    await wasmTrain().activate();
    expect(tf.getBackend()).toBe('wasm-train');
  });
});
