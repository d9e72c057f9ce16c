import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../../core/checks.ts';
import { BackendUnavailableError } from '../../core/errors.ts';
import type { Availability, Backend } from '../backend.ts';
import { compileKernels, createBackend, missingFeature } from './load-kernels.ts';
import { largestMemory } from './memory-pool.ts';
import { registerKernels } from './register-kernels.ts';
import { threadLimit } from './threads.ts';
import type { ThreadLimit } from './threads.ts';
import type { WasmTrainBackend } from './wasm-train-backend.ts';

const backendName = 'wasm-train';

/** Less is no memory to train in, and most likely a number of megabytes. */
const smallestMemory = 2 ** 20;

/** A step is too short to keep more busy. */
const threadsByDefault = 8;

/** Each takes scratch memory and a stack. */
const mostThreads = 32;

/** Settings of {@link wasmTrain}. */
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
 * @throws RangeError if `maximumMemory` is not a whole number of bytes from 1 MiB to 4 GiB, or `threads` not one from 1 to 32.
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
 * @example Leave the other cores to the rest of the program
 * ```ts no-run
 * await useBackend(wasmTrain({ threads: 1 }));
 * ```
 */
export function wasmTrain(options: WasmTrainOptions = {}): Backend {
  const { maximumMemory, threads } = options;
  if (maximumMemory !== undefined) checkMaximumMemory(maximumMemory);
  if (threads !== undefined) checkThreads(threads);
  return {
    name: backendName,
    isAvailable: () => Promise.resolve(availability(threads)),
    activate: () => activate(maximumMemory, threads),
  };
}

function checkMaximumMemory(bytes: number): void {
  const asked = 'use the wasm-train backend';
  checkPositiveInteger(asked, 'maximumMemory', bytes);
  if (bytes < smallestMemory) {
    throw new RangeError(
      `Cannot ${asked}: maximumMemory must be at least ${smallestMemory} bytes (1 MiB), got ${bytes}`,
    );
  }
  if (bytes <= 2 ** 32) return;
  throw new RangeError(
    `Cannot ${asked}: maximumMemory must be at most ${2 ** 32} bytes (4 GiB), got ${bytes}`,
  );
}

function checkThreads(threads: number): void {
  const asked = 'use the wasm-train backend';
  checkPositiveInteger(asked, 'threads', threads);
  if (threads <= mostThreads) return;
  throw new RangeError(`Cannot ${asked}: threads must be at most ${mostThreads}, got ${threads}`);
}

/** How many threads to start, and why only one. */
function threadsFor(asked: number | undefined): ThreadLimit {
  const limit = threadLimit();
  if (asked === 1) return { shared: false, threads: 1 };
  if (!limit.shared) return limit;
  // More than there are cores is slow, but works.
  if (asked !== undefined) return { shared: true, threads: asked };
  return { ...limit, threads: Math.min(limit.threads, threadsByDefault) };
}

function availability(asked: number | undefined): Availability {
  const reason = missingFeature();
  if (reason !== undefined) return { available: false, reason };
  const { threads, alive, why } = threadsOf(runningBackend()) ?? threadsBefore(asked);
  const count = alive === threads ? `${threads}` : `${alive} of ${threads}`;
  const detail = `WebAssembly SIMD, ${count} ${threads === 1 ? 'thread' : 'threads'}`;
  return { available: true, detail: why === undefined ? detail : `${detail} (${why})` };
}

/** How many threads there were to be, how many there are, and why not more. */
interface ThreadCount {
  readonly threads: number;
  readonly alive: number;
  readonly why?: string | undefined;
}

function threadsBefore(asked: number | undefined): ThreadCount {
  const { threads, reason } = threadsFor(asked);
  return { threads, alive: threads, why: reason };
}

function threadsOf(running: WasmTrainBackend | undefined): ThreadCount | undefined {
  if (running === undefined) return undefined;
  const { workers } = running;
  if (workers !== undefined) {
    return { threads: workers.threads, alive: workers.alive, why: workers.failure };
  }
  const { shared, reason } = threadLimit();
  return { threads: 1, alive: 1, why: shared ? undefined : reason };
}

/** The activation under way: a second caller waits for the same one. */
let starting: Promise<WasmTrainBackend> | undefined;

async function activate(
  maximumMemory: number | undefined,
  threads: number | undefined,
): Promise<void> {
  let backend = runningBackend();
  if (backend === undefined) {
    starting ??= start(
      Math.min(maximumMemory ?? largestMemory, largestMemory),
      threadsFor(threads).threads,
    ).finally(() => {
      starting = undefined;
    });
    backend = await starting;
  }
  const limit = backend.pool.maximumBytes;
  if (maximumMemory !== undefined && Math.min(maximumMemory, largestMemory) !== limit) {
    throw new Error(
      `Cannot activate wasm-train with a maximumMemory of ${maximumMemory} bytes: it already runs ` +
        `with ${limit}, shared by all its users. Leave the option out, or set it before the first use`,
    );
  }
  const running = backend.workers?.threads ?? 1;
  if (threads !== undefined && threadsFor(threads).threads !== running) {
    throw new Error(
      `Cannot activate wasm-train with ${threads} threads: it already runs with ${running}, shared by ` +
        'all its users. Leave the option out, or set it before the first use',
    );
  }
  await tf.setBackend(backendName);
}

function runningBackend(): WasmTrainBackend | undefined {
  // Registered by nobody else under this name.
  return (tf.findBackend(backendName) ?? undefined) as WasmTrainBackend | undefined;
}

async function start(maximumMemory: number, threads: number): Promise<WasmTrainBackend> {
  const reason = missingFeature();
  if (reason !== undefined) {
    throw new BackendUnavailableError(
      backendName,
      `Cannot use the wasm-train backend: ${reason}. Update the browser or Node, or use the cpu backend`,
    );
  }
  const module = await compileKernels('plain', threads > 1);
  registerKernels(backendName);
  // Called at once, and again after tfjs threw its backends away (`tf.engine().reset()`).
  tf.registerBackend(backendName, () => createBackend(module, maximumMemory, threads), 0);
  await tf.setBackend(backendName);
  const backend = runningBackend();
  if (backend !== undefined) {
    await backend.workers?.started();
    return backend;
  }
  tf.removeBackend(backendName);
  throw new BackendUnavailableError(
    backendName,
    'Cannot use the wasm-train backend: the engine refused to make a WebAssembly memory. ' +
      'Lower maximumMemory, or close other pages and workers that use WebAssembly',
  );
}
