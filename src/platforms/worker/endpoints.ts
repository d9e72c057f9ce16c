import type { Endpoint } from 'comlink';
import nodeEndpoint, { type NodeEndpoint } from 'comlink/dist/esm/node-adapter.mjs';
import { nodeProcess } from '../../core/node-process.ts';
import { messageOf } from '../../core/realms.ts';

/**
 * A Web Worker, as far as it is used here.
 *
 * @example A worker that ends when the page is left
 * ```ts no-run
 * const worker: PageWorker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * addEventListener('pagehide', () => worker.terminate());
 * ```
 */
export interface PageWorker {
  /** Sends a message to it. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** Listens to it. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Listens no more. */
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Ends it at once. */
  terminate(): void;
}

/**
 * A worker of Node's `worker_threads`, as far as it is used here.
 *
 * @example A thread of Node, with memory of its own
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
  /** Listens to it. */
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  /** Listens no more. */
  off(event: string, listener: (...details: unknown[]) => void): unknown;
  /** Ends it at once. */
  terminate(): unknown;
}

/** What becomes of a worker, and the way to reach it. @internal */
export interface WatchedWorker {
  readonly endpoint: Endpoint;
  /** Listens no more. */
  unwatch(): void;
}

/**
 * Reaches a worker and watches over it.
 *
 * @param worker - The worker.
 * @param ended - Called when it is no more, with the reason.
 * @param failed - Called when it threw what nobody caught; in a page it then lives on.
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
    failed(message ?? 'its file cannot be loaded');
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

/** The way out of the worker this runs in; `undefined` on a main thread. @internal */
export function outsideOfWorker(): Endpoint | undefined {
  const { WorkerGlobalScope: Scope } = globalThis as { WorkerGlobalScope?: new () => object };
  if (Scope !== undefined && globalThis instanceof Scope) return globalThis as unknown as Endpoint;
  const port = nodeProcess().getBuiltinModule?.('node:worker_threads').parentPort;
  return port ? nodeEndpoint(port) : undefined;
}
