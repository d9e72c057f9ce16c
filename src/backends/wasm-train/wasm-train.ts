import { checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Backend } from '../backend.ts';
import { activate, availability, backendName, report } from './running.ts';
import type { WasmTrainReport } from './wasm-train-report.ts';

/** Less is too little for training; such a value is most likely meant in megabytes. */
const smallestMemory = 2 ** 20;

/** Each thread takes scratch memory and a stack. */
const mostThreads = 32;

/**
 * Settings of {@link wasmTrain}.
 *
 * @example Bit-for-bit equal weights in old and new engines, with cores left for other work
 * ```ts no-run
 * const options: WasmTrainOptions = { simd: 'plain', threads: 2 };
 * await useBackend(wasmTrain(options));
 * ```
 */
export interface WasmTrainOptions {
  /**
   * The maximum size in bytes of all tensors in the backend's WebAssembly memory, which grows as
   * needed. An operation that exceeds it throws an error and leaves existing tensors intact.
   *
   * @defaultValue just under 4 GiB, the limit of WebAssembly addresses
   */
  readonly maximumMemory?: number | undefined;
  /**
   * The number of threads that share the work, including this one; at most 32. Results are
   * bit-for-bit the same for any number. If threads cannot share memory (in a page that is not
   * cross-origin isolated), one thread runs, and `isAvailable()` returns the reason.
   *
   * @defaultValue the number of cores, at most 8
   */
  readonly threads?: number | undefined;
  /**
   * The kernels to run. `'relaxed'` multiplies and adds in one instruction, `'plain'` in two, which
   * is slower but runs in older engines. They round differently, so training continues bit-for-bit
   * only on the same kernels.
   *
   * Node 20 has relaxed SIMD behind an engine flag: `'relaxed'` sets the flag while the kernels
   * compile, and `'auto'` does not.
   *
   * @defaultValue `'auto'`: relaxed in engines that enable it by default (Node 22, Chrome 114),
   * else plain
   */
  readonly simd?: 'auto' | 'plain' | 'relaxed' | undefined;
}

/**
 * The result of {@link wasmTrain}: a backend that can report how it runs.
 *
 * @example The size of 64 images in bytes
 * ```ts
 * const backend: WasmTrain = wasmTrain();
 * await useBackend(backend);
 * const images = generator.sample(64, { seed: 1 }); // [64, 8, 8, 1]
 * const held = backend.report().bytesInUse;
 * images.dispose();
 * console.log(held - backend.report().bytesInUse); // 16384
 * ```
 */
export interface WasmTrain extends Backend {
  /**
   * Reports how the backend runs: its kernels, its threads, its memory, and the operations that ran
   * on the cpu backend's slower JavaScript. All users share one backend, so the report covers them
   * all.
   *
   * @returns A report that prints as text.
   * @throws Error if the backend is not running.
   */
  report(): WasmTrainReport;
}

/**
 * This library's backend: TensorFlow.js on WebAssembly, with every kernel that training needs.
 *
 * It runs in every engine with WebAssembly SIMD (Node 20.19, Chrome 93, Firefox 92, Safari 16.4,
 * and later) and needs no installation. Operations without a kernel here run on the cpu backend's
 * JavaScript, so every operation of TensorFlow.js works. All users in one process share one
 * backend. The first activation compiles and creates it.
 *
 * @param options - The settings of the backend, if it is not running yet.
 * @returns The backend, to pass to `useBackend` or to activate directly.
 * @throws RangeError if `maximumMemory` is not an integer from 1 MiB to 4 GiB, `threads` is not an
 * integer from 1 to 32, or `simd` is not one of its three values.
 *
 * @example Train on it
 * ```ts
 * await useBackend(wasmTrain());
 * console.log(tf.getBackend()); // wasm-train
 * ```
 *
 * @example Limit it to one gigabyte, before its first use
 * ```ts no-run
 * await useBackend(wasmTrain({ maximumMemory: 2 ** 30 }));
 * ```
 *
 * @example List the operations that run on slow code
 * ```ts
 * const backend = wasmTrain();
 * await useBackend(backend);
 * tf.tensor([1, 2, 3]).cumsum().dispose();
 * console.log(backend.report().inherited.some(({ name }) => name === 'Cumsum')); // true
 * ```
 *
 * @example Leave the other cores to the rest of the program
 * ```ts no-run
 * await useBackend(wasmTrain({ threads: 1 }));
 * ```
 */
export function wasmTrain(options: WasmTrainOptions = {}): WasmTrain {
  const { maximumMemory, threads, simd = 'auto' } = options;
  if (maximumMemory !== undefined) checkMaximumMemory(maximumMemory);
  if (threads !== undefined) checkThreads(threads);
  checkSimd(simd);
  const settings = { maximumMemory, threads, simd };
  return {
    name: backendName,
    isAvailable: () => Promise.resolve(availability(settings)),
    activate: () => activate(settings),
    report: () => report(settings),
  };
}

function checkMaximumMemory(bytes: number): void {
  const action = 'use the wasm-train backend';
  checkPositiveInteger(action, 'maximumMemory', bytes);
  if (bytes < smallestMemory) {
    throw new RangeError(
      `Cannot ${action}: maximumMemory must be at least ${smallestMemory} bytes (1 MiB), got ${bytes}`,
    );
  }
  if (bytes <= 2 ** 32) return;
  throw new RangeError(
    `Cannot ${action}: maximumMemory must be at most ${2 ** 32} bytes (4 GiB), got ${bytes}`,
  );
}

function checkThreads(threads: number): void {
  const action = 'use the wasm-train backend';
  checkPositiveInteger(action, 'threads', threads);
  if (threads <= mostThreads) return;
  throw new RangeError(`Cannot ${action}: threads must be at most ${mostThreads}, got ${threads}`);
}

function checkSimd(simd: unknown): void {
  const choices: readonly unknown[] = ['auto', 'plain', 'relaxed'];
  if (choices.includes(simd)) return;
  const expected = choices.map(formatValue).join(', ');
  throw new RangeError(
    `Cannot use the wasm-train backend: simd must be one of ${expected}, got ${formatValue(simd)}`,
  );
}
