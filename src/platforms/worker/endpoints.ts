import type { Endpoint } from 'comlink';
import nodeEndpoint, { type NodeEndpoint } from 'comlink/dist/esm/node-adapter.mjs';
import { nodeProcess } from '../../core/node-process.ts';
import { messageOf } from '../../core/realms.ts';

/**
 * The members of a Web Worker that are used here.
 *
 * @example Terminate a worker when the page is closed
 * ```ts no-run
 * const worker: PageWorker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * addEventListener('pagehide', () => worker.terminate());
 * ```
 */
export interface PageWorker {
  /** Sends a message to it. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** Adds a listener. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Removes a listener. */
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Terminates it at once. */
  terminate(): void;
}

/**
 * The members of a worker of Node's `worker_threads` that are used here.
 *
 * @example A thread of Node, with its own memory
 * ```ts no-run
 * import { Worker } from 'node:worker_threads';
 * const options = { resourceLimits: { maxOldGenerationSizeMb: 4_096 } };
 * const worker: NodeWorker = new Worker(new URL('./train.worker.js', import.meta.url), options);
 * const trainer = await connectTrainer(worker);
 * ```
 */
export interface NodeWorker {
  /** Sends a message to it. */
  postMessage(message: unknown, transfer?: readonly never[]): void;
  /** Adds a listener. */
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  /** Removes a listener. */
  off(event: string, listener: (...details: unknown[]) => void): unknown;
  /** Terminates it at once. */
  terminate(): unknown;
}

/** The connection to a worker, and its end. @internal */
export interface WatchedWorker {
  readonly endpoint: Endpoint;
  /** Removes all listeners. */
  unwatch(): void;
}

/**
 * Connects to a worker and watches for its end.
 *
 * @param worker - The worker.
 * @param ended - Called when it has ended, with the reason.
 * @param failed - Called when it threw an uncaught error; in a page it then continues.
 * @internal
 */
export function watchWorker(
  worker: PageWorker | NodeWorker,
  ended: (reason: string, cause?: unknown) => void,
  failed: (reason: string) => void,
): WatchedWorker {
  if (!('addEventListener' in worker)) return watchNodeWorker(worker, ended);
  const onError = (event: Event): void => {
    const { message } = event as Partial<ErrorEvent>;
    failed(message ?? 'its file could not be loaded');
  };
  worker.addEventListener('error', onError);
  return {
    endpoint: worker,
    unwatch: () => {
      worker.removeEventListener('error', onError);
    },
  };
}

function watchNodeWorker(
  worker: NodeWorker,
  ended: (reason: string, cause?: unknown) => void,
): WatchedWorker {
  const onError = (error: unknown): void => {
    ended(messageOf(error), error);
  };
  const onExit = (code: unknown): void => {
    ended(`it ended with code ${String(code)}`);
  };
  worker.on('error', onError);
  worker.on('exit', onExit);
  return {
    endpoint: nodeEndpoint(worker as NodeEndpoint),
    unwatch: () => {
      worker.off('error', onError);
      worker.off('exit', onExit);
    },
  };
}

/** The endpoint of the worker that this runs in; `undefined` on a main thread. @internal */
export function outsideOfWorker(): Endpoint | undefined {
  const { WorkerGlobalScope: Scope } = globalThis as { WorkerGlobalScope?: new () => object };
  if (Scope !== undefined && globalThis instanceof Scope) return globalThis as unknown as Endpoint;
  const port = nodeProcess().getBuiltinModule?.('node:worker_threads').parentPort;
  return port ? nodeEndpoint(port) : undefined;
}
