import { type Remote, wrap } from 'comlink';
import { realClearTimeout, realSetTimeout } from '../../core/event-loop.ts';
import { formatValue } from '../../core/format.ts';
import { type NodeWorker, type PageWorker, watchWorker } from './endpoints.ts';
import { RemoteTrainer } from './remote-trainer.ts';
import type { TrainerService } from './trainer-service.ts';
import { WorkerCalls } from './worker-calls.ts';

/** Milliseconds between connection attempts. */
const patience = 200;

/**
 * Connects to the trainer that a worker serves.
 *
 * The page stays responsive: the worker does all training, sampling and drawing. This function
 * alone does not load TensorFlow.js into the page.
 *
 * @param worker - A Web Worker, or a worker of Node's `worker_threads`, whose file calls
 * {@link serveTrainer}.
 * @param options - Settings for the worker's function, and the timeout.
 * @returns The trainer, when the worker has created it.
 * @throws WorkerEndedError if the worker fails, or does not serve a trainer.
 * @throws TypeError if `worker` is invalid. Errors of the worker's function are thrown here.
 *
 * @example In a page
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * await trainer.fit({
 *   epochs: 5,
 *   onStepEnd: (step) => console.log(step.number, step.losses.generator),
 * });
 * const { data, width, height } = await trainer.draw(64, { seed: 7 });
 * document.querySelector('canvas')?.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
 * trainer.terminate();
 * ```
 */
export async function connectTrainer(
  worker: PageWorker | NodeWorker,
  options: {
    /**
     * Argument of the worker's function: plain data. Only the first connection to a worker may have
     * settings.
     *
     * @defaultValue `undefined`
     */
    readonly settings?: unknown;
    /**
     * How long to wait for a response, in milliseconds. Creating the GAN and its data is not
     * counted.
     *
     * @defaultValue `60000`
     */
    readonly timeoutMs?: number | undefined;
  } = {},
): Promise<RemoteTrainer> {
  const action = 'connect to the trainer';
  if (typeof (worker as Partial<PageWorker> | undefined)?.postMessage !== 'function') {
    throw new TypeError(`Cannot ${action}: worker must be a Worker, got ${formatValue(worker)}`);
  }
  const { settings, timeoutMs = 60_000 } = options;
  let greeted = false;
  const watched = watchWorker(
    worker,
    (reason, cause) => {
      calls.end(`the worker has ended: ${reason}`, cause);
    },
    (reason) => {
      if (!greeted) calls.end(`the worker has ended: ${reason}`);
    },
  );
  const calls = new WorkerCalls(wrap<TrainerService>(watched.endpoint), watched);
  try {
    await awaitService(calls, timeoutMs);
    const greeting = await calls.ask(action, (service) => service.connect(settings));
    greeted = true;
    return new RemoteTrainer(worker, calls, greeting);
  } catch (error) {
    watched.unwatch();
    throw error;
  }
}

/**
 * Repeats the request until there is a response: a message may be lost while a module of the worker
 * still loads.
 */
async function awaitService(calls: WorkerCalls, timeoutMs: number): Promise<void> {
  let timers: ReturnType<typeof setTimeout>[] = [];
  try {
    await calls.ask('connect to the trainer', async (service: Remote<TrainerService>) => {
      await new Promise<void>((resolve) => {
        const knock = (waited: number): void => {
          void service.hello().then(() => {
            resolve();
          });
          if (waited < timeoutMs) {
            const wait = Math.min(patience, timeoutMs - waited);
            timers = [realSetTimeout(knock, wait, waited + wait)];
          } else {
            calls.end(
              `the worker did not respond within ${timeoutMs} ms. Call serveTrainer at the top of its file`,
            );
          }
        };
        knock(0);
      });
      return { value: undefined };
    });
  } finally {
    for (const timer of timers) realClearTimeout(timer);
  }
}
