import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError } from '../../core/errors.ts';
import type { Availability } from '../backend.ts';
import { compileKernels, createBackend, flavourFor, missingFeature } from './load-kernels.ts';
import type { SimdChoice } from './load-kernels.ts';
import { largestMemory } from './memory-pool.ts';
import { fuseBatchNormLayers } from './batch-norm-layer.ts';
import { registerKernels } from './register-kernels.ts';
import { threadLimit } from './threads.ts';
import type { ThreadLimit } from './threads.ts';
import type { WasmTrainBackend } from './wasm-train-backend.ts';
import { wasmTrainReport } from './wasm-train-report.ts';
import type { WasmTrainReport } from './wasm-train-report.ts';

/** The backend's name in TensorFlow.js. @internal */
export const backendName = 'wasm-train';

/** A training step is too short to keep more threads busy. */
const threadsByDefault = 8;

/** The settings that a user requests; those of the first activation apply. @internal */
export interface Settings {
  readonly maximumMemory: number | undefined;
  readonly threads: number | undefined;
  readonly simd: SimdChoice;
}

/** The number of threads to start, and why it is only one. */
function threadsFor(requested: number | undefined): ThreadLimit {
  const limit = threadLimit();
  if (requested === 1) return { shared: false, threads: 1 };
  if (!limit.shared) return limit;
  // More threads than cores are slow, but work.
  if (requested !== undefined) return { shared: true, threads: requested };
  return { ...limit, threads: Math.min(limit.threads, threadsByDefault) };
}

/** Whether the backend can run here, and on what. @internal */
export function availability({ threads, simd }: Settings): Availability {
  const reason = missingFeature(simd);
  if (reason !== undefined) return { available: false, reason };
  return { available: true, detail: detailOf(runningBackend(), threads, simd) };
}

/** Reports how the backend runs. @internal */
export function report({ threads, simd }: Settings): WasmTrainReport {
  const backend = runningBackend();
  if (backend === undefined) {
    throw new Error(
      'Cannot report on wasm-train: it is not running. Activate it first: await useBackend(wasmTrain())',
    );
  }
  const count = threadsOf(backend);
  return wasmTrainReport(detailOf(backend, threads, simd), {
    simd: backend.flavour,
    threads: count?.alive ?? 1,
    why: count?.why,
    bytesInUse: backend.pool.bytesInUse,
    bytesReserved: backend.pool.bytesReserved,
    inherited: backend.inherited.list(),
  });
}

/** A description of what runs, or would run. */
function detailOf(
  running: WasmTrainBackend | undefined,
  requested: number | undefined,
  simd: SimdChoice,
): string {
  const { threads, alive, why } = threadsOf(running) ?? threadsBefore(requested);
  const count = alive === threads ? `${threads}` : `${alive} of ${threads}`;
  const kind = (running?.flavour ?? flavourFor(simd)) === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
  const detail = `WebAssembly ${kind}, ${count} ${threads === 1 ? 'thread' : 'threads'}`;
  return why === undefined ? detail : `${detail} (${why})`;
}

/** The threads requested, the threads that run, and why not more. */
interface ThreadCount {
  readonly threads: number;
  readonly alive: number;
  readonly why?: string | undefined;
}

function threadsBefore(requested: number | undefined): ThreadCount {
  const { threads, reason } = threadsFor(requested);
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

/** The pending activation: a second caller waits for the same one. */
let starting: Promise<WasmTrainBackend> | undefined;

/**
 * Makes the backend current; starts it if it is not running.
 *
 * @throws BackendUnavailableError if it cannot run, Error if it already runs with other settings.
 * @internal
 */
export async function activate({ maximumMemory, threads, simd }: Settings): Promise<void> {
  let backend = runningBackend();
  if (backend === undefined) {
    starting ??= start(
      Math.min(maximumMemory ?? largestMemory, largestMemory),
      threadsFor(threads).threads,
      simd,
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
  if (simd !== 'auto' && simd !== backend.flavour) {
    throw new Error(
      `Cannot activate wasm-train with ${simd} SIMD: it already runs with ${backend.flavour} SIMD, shared by ` +
        'all its users. Leave the option out, or set it before the first use',
    );
  }
  await tf.setBackend(backendName);
}

function runningBackend(): WasmTrainBackend | undefined {
  // Nothing else registers a backend of this name.
  return (tf.findBackend(backendName) ?? undefined) as WasmTrainBackend | undefined;
}

async function start(
  maximumMemory: number,
  threads: number,
  simd: SimdChoice,
): Promise<WasmTrainBackend> {
  const reason = missingFeature(simd);
  if (reason !== undefined) {
    const cure =
      simd === 'relaxed' && missingFeature('plain') === undefined
        ? "Leave simd out, or pass 'plain'"
        : 'Update the browser or Node, or use the cpu backend';
    throw new BackendUnavailableError(
      backendName,
      `Cannot use the wasm-train backend: ${reason}. ${cure}`,
    );
  }
  const flavour = flavourFor(simd);
  const module = await compileKernels(flavour, threads > 1);
  registerKernels(backendName);
  fuseBatchNormLayers();
  // Called at once, and again after tfjs discards its backends (`tf.engine().reset()`).
  tf.registerBackend(backendName, () => createBackend(module, flavour, maximumMemory, threads), 0);
  await tf.setBackend(backendName);
  const backend = runningBackend();
  if (backend !== undefined) {
    await backend.workers?.started();
    return backend;
  }
  tf.removeBackend(backendName);
  throw new BackendUnavailableError(
    backendName,
    'Cannot use the wasm-train backend: the engine refused to create a WebAssembly memory. ' +
      'Lower maximumMemory, or close other pages and workers that use WebAssembly',
  );
}
