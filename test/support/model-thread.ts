import { Worker } from 'node:worker_threads';
import type { ThreadSettings } from '../../src/platforms/node/serve/thread-messages.ts';

/** A thread that serves a model; by way of a line of JavaScript, because Node 20 starts no worker with a `.ts` file. */
export function modelThread(workerData: ThreadSettings): Worker {
  const file = new URL('../../src/platforms/node/serve/serve-thread.ts', import.meta.url).href;
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(file)})));`;
  return new Worker(code, { eval: true, workerData });
}
