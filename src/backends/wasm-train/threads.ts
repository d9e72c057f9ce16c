import { nodeProcess } from '../../core/node-process.ts';

/** The thread support of the engine and the machine. @internal */
export interface ThreadLimit {
  /** Whether threads can share a memory here; if not, `threads` is 1. */
  readonly shared: boolean;
  /** The number of cores to run on. */
  readonly threads: number;
  /** Why `threads` is 1, if it is. */
  readonly reason?: string;
}

/** The events of a worker. @internal */
export interface WorkerEvents {
  /** The worker is set up and looks for work. */
  readonly ready: () => void;
  /** The worker ended, or never started. */
  readonly ended: (reason: string) => void;
}

/** A started worker. @internal */
export interface StartedWorker {
  /** Lets the process end while the worker runs. */
  release(): void;
  /** Terminates it, even if it is busy. */
  end(): void;
}

/** Starts a worker: {@link startWorker}, or a replacement in tests. @internal */
export type StartWorker = (source: string, data: unknown, events: WorkerEvents) => StartedWorker;

function nodeThreads() {
  return nodeProcess().getBuiltinModule?.('node:worker_threads');
}

/** How many threads can share a memory here. @internal */
export function threadLimit(): ThreadLimit {
  const workerThreads = nodeThreads();
  if (workerThreads === undefined && typeof Worker === 'undefined') {
    return { shared: false, threads: 1, reason: 'this environment has no workers' };
  }
  if (workerThreads === undefined && !globalThis.crossOriginIsolated) {
    return {
      shared: false,
      threads: 1,
      reason: 'the page is not cross-origin isolated (headers COOP and COEP)',
    };
  }
  if (typeof SharedArrayBuffer === 'undefined') {
    return { shared: false, threads: 1, reason: 'this JavaScript engine has no SharedArrayBuffer' };
  }
  const cores =
    workerThreads === undefined
      ? navigator.hardwareConcurrency
      : (nodeProcess().getBuiltinModule?.('node:os').availableParallelism() ?? 1);
  return cores > 1
    ? { shared: true, threads: cores }
    : { shared: true, threads: 1, reason: 'the machine has one core' };
}

/**
 * Starts a worker, in Node or in a page.
 *
 * @param source - The source text of a function of `data` and of a callback to call when ready.
 * @param data - A value that can be cloned, or shared.
 * @throws Error if the engine refuses.
 * @internal
 */
export const startWorker: StartWorker = (source, data, events) => {
  const workerThreads = nodeThreads();
  return workerThreads === undefined
    ? startInPage(source, data, events)
    : startInNode(workerThreads, source, data, events);
};

function startInNode(
  { Worker }: NonNullable<ReturnType<typeof nodeThreads>>,
  source: string,
  data: unknown,
  events: WorkerEvents,
): StartedWorker {
  const code = `const { parentPort, workerData } = require('node:worker_threads');
(${source})(workerData, () => parentPort.postMessage('ready'));`;
  // The worker does not need the loaders and flags of the process.
  const worker = new Worker(code, { eval: true, workerData: data, execArgv: [] });
  worker.on('message', events.ready);
  worker.on('error', (error) => {
    events.ended(error.message);
  });
  worker.on('exit', (code) => {
    events.ended(`a worker ended with code ${code}`);
  });
  return {
    release: () => {
      worker.unref();
    },
    end: () => void worker.terminate(),
  };
}

/** Why a page's worker did not start. */
const blockedWorker =
  "the page's Content-Security-Policy may forbid workers from blobs; add worker-src 'self' blob: to it";

function startInPage(source: string, data: unknown, events: WorkerEvents): StartedWorker {
  const code = `onmessage = ({ data }) => { (${source})(data, () => postMessage('ready')); };`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    events.ready();
  };
  worker.onerror = ({ message }) => {
    URL.revokeObjectURL(url);
    // An event without a message: the browser did not let the worker start.
    events.ended(message || blockedWorker);
  };
  worker.postMessage(data);
  return {
    // Workers end with their page.
    release: () => undefined,
    end: () => {
      worker.terminate();
    },
  };
}
