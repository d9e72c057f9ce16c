import { MessageChannel } from 'node:worker_threads';
import type { Endpoint } from 'comlink';
import type { PageWorker } from 'tfjs-gan/worker';
import { exposeTrainer } from '../../../src/platforms/worker/expose-trainer.ts';

/** What stands for a worker: the same messages through a real port, without a thread to start. */
export interface Stand extends PageWorker {
  /** What went out of it by transfer, in order. */
  readonly moved: ArrayBuffer[];
  /** Throws what nobody catches, as a page hears of it. */
  fail(message?: string): void;
}

/** Serves a trainer in this thread. */
export function serveHere(make: Parameters<typeof exposeTrainer>[0]): Stand {
  const { port1, port2 } = new MessageChannel();
  const moved: ArrayBuffer[] = [];
  const inside = port1 as unknown as Endpoint;
  const send = port1.postMessage.bind(port1);
  inside.postMessage = (message, transfer = []) => {
    moved.push(...(transfer as ArrayBuffer[]));
    send(message, transfer as never);
  };
  exposeTrainer(make, inside);
  port2.unref();
  const port = port2 as unknown as PageWorker & { start(): void };
  const errors = new EventTarget();
  const target = (type: string): Pick<PageWorker, 'addEventListener' | 'removeEventListener'> =>
    type === 'error' ? errors : port;
  const stand = {
    moved,
    postMessage: (message: unknown, transfer: Transferable[]) => {
      port.postMessage(message, transfer);
    },
    addEventListener: (type: string, listener: (event: Event) => void) => {
      target(type).addEventListener(type, listener);
    },
    removeEventListener: (type: string, listener: (event: Event) => void) => {
      target(type).removeEventListener(type, listener);
    },
    start: () => {
      port.start();
    },
    terminate: () => {
      port1.close();
    },
    fail: (message?: string) => {
      errors.dispatchEvent(Object.assign(new Event('error'), message && { message }));
    },
  };
  return stand;
}
