import { nodeProcess } from '../../core/node-process.ts';

/** What the engine and the machine have for threads. @internal */
export interface ThreadLimit {
  /** Whether threads can share a memory here; if not, there is one. */
  readonly shared: boolean;
  /** Cores to run on. */
  readonly threads: number;
  /** Why there is one, where that is so. */
  readonly reason?: string;
}

/** What becomes of a worker. @internal */
export interface WorkerEvents {
  /** It has all it needs, and looks for work. */
  readonly ready: () => void;
  /** It is no more, or never was. */
  readonly ended: (reason: string) => void;
}

/** A worker that was started. @internal */
export interface StartedWorker {
  /** Lets the process end while the worker lives. */
  release(): void;
  /** Ends it, whatever it does. */
  end(): void;
}

/** Starts a worker: {@link startWorker}, or what a test has in its place. @internal */
export type StartWorker = (source: string, data: unknown, events: WorkerEvents) => StartedWorker;

function nodeThreads() {
  return nodeProcess().getBuiltinModule?.('node:worker_threads');
}

/** How many threads can share a memory here. @internal */
export function threadLimit(): ThreadLimit {
  const workerThreads = nodeThreads();
  if (workerThreads === undefined && typeof Worker === 'undefined') {
    return { shared: false, threads: 1, reason: 'there are no workers here' };
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
    : { shared: true, threads: 1, reason: 'there is one core' };
}

/**
 * Starts a worker, in Node or in a page.
 *
 * @param source - A function of `data` and of one to call when ready, as text.
 * @param data - What can be cloned, or shared.
 * @throws Error where the engine refuses.
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
  // The process's own loaders and flags are of no use to it.
  const worker = new Worker(code, { eval: true, workerData: data, execArgv: [] });
  worker.on('message', events.ready);
  worker.on('error', (error) => {
    events.ended(error.message);
  });
  worker.on('exit', (code) => {
    events.ended(`it ended with code ${code}`);
  });
  return {
    release: () => {
      worker.unref();
    },
    end: () => void worker.terminate(),
  };
}

/** Why a page's worker never began. */
const blockedWorker =
  "the page's Content-Security-Policy may forbid workers of blobs; let it say worker-src 'self' blob:";

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
    // An event without a message: the browser did not let it begin.
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
