import { checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Backend } from '../backend.ts';
import { activate, availability, backendName, report } from './running.ts';
import type { WasmTrainReport } from './wasm-train-report.ts';

/** Less is no memory to train in, and most likely a number of megabytes. */
const smallestMemory = 2 ** 20;

/** Each takes scratch memory and a stack. */
const mostThreads = 32;

/**
 * Settings of {@link wasmTrain}.
 *
 * @example Weights that are the same to the bit in old and new engines, with cores left for other work
 * ```ts no-run
 * const options: WasmTrainOptions = { simd: 'plain', threads: 2 };
 * await useBackend(wasmTrain(options));
 * ```
 */
export interface WasmTrainOptions {
  /**
   * The most bytes the tensors may take in the backend's WebAssembly memory, which grows as needed. Beyond it an
   * operation fails with an error that says so, and nothing is lost.
   *
   * @defaultValue just under 4 GiB, all that WebAssembly can address
   */
  readonly maximumMemory?: number | undefined;
  /**
   * How many threads share the work, this one included; at most 32. Results are the same to the bit, however many. Where
   * threads cannot share memory (a page that is not cross-origin isolated) there is one, and `isAvailable()` says why.
   *
   * @defaultValue the number of cores, at most 8
   */
  readonly threads?: number | undefined;
  /**
   * Which kernels run: `'relaxed'` multiplies and adds in one instruction, `'plain'` in two, which is slower and runs in
   * older engines. They round differently, so a training continues with the same bits only on the same ones.
   *
   * Node 20 has relaxed SIMD behind a switch of its engine: `'relaxed'` turns it on while the kernels compile, and
   * `'auto'` leaves it alone.
   *
   * @defaultValue `'auto'`: relaxed in engines that have it in the open (Node 22, Chrome 114), else plain
   */
  readonly simd?: 'auto' | 'plain' | 'relaxed' | undefined;
}

/**
 * What {@link wasmTrain} gives: a backend to choose, which can tell how it runs.
 *
 * @example How many bytes 64 images hold
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
   * Tells how the backend runs: its kernels, its threads, its memory, and which operations it had to leave to the cpu
   * backend's slower JavaScript. All users share one backend, so any of them may ask.
   *
   * @returns A report, made to be printed.
   * @throws Error if the backend is not running.
   */
  report(): WasmTrainReport;
}

/**
 * The library's own backend: TensorFlow.js on WebAssembly with every kernel that training needs.
 *
 * It runs wherever WebAssembly has SIMD (Node 20.19, Chrome 93, Firefox 92, Safari 16.4, and later) with nothing to
 * install. Kernels not yet written for it run on the cpu backend's JavaScript, so every operation of TensorFlow.js
 * works. All users in one process share one such backend; it is made, and anything compiled, at the first activation.
 *
 * @param options - How it is set up, if it is not running yet.
 * @returns The backend, to pass to `useBackend` or to activate by hand.
 * @throws RangeError if `maximumMemory` is not a whole number of bytes from 1 MiB to 4 GiB, or `threads` not one from 1 to 32, or
 * `simd` none of its three words.
 *
 * @example Train on it
 * ```ts
 * await useBackend(wasmTrain());
 * console.log(tf.getBackend()); // wasm-train
 * ```
 *
 * @example Hold it to one gigabyte, before its first use
 * ```ts no-run
 * await useBackend(wasmTrain({ maximumMemory: 2 ** 30 }));
 * ```
 *
 * @example See what runs on slow code
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
  const wanted = choices.map(formatValue).join(', ');
  throw new RangeError(
    `Cannot use the wasm-train backend: simd must be one of ${wanted}, got ${formatValue(simd)}`,
  );
}
