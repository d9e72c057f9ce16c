import { formatValue } from '../../core/format.ts';
import type { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';
import { outsideOfWorker } from './endpoints.ts';
import { exposeTrainer } from './expose-trainer.ts';
import type { ServedTrainer } from './served-trainer.ts';

/**
 * Lets other threads train a GAN: the only call in a worker's file.
 *
 * The function is called at the first connection, and again at a connection after the last one was
 * disposed. Select the backend inside it. Works in Web Workers and in Node's `worker_threads`.
 *
 * @param make - Creates the GAN, or a trainer, or either of them and what belongs to it. Its
 * argument is the `settings` of `connectTrainer`; declare their type.
 * @throws TypeError if `make` is not a function.
 * @throws Error if this is not a worker, or it serves a trainer already.
 *
 * @example The file train.worker.ts
 * ```ts no-run
 * serveTrainer(() => createDcgan({ imageShape: [28, 28, 1] }));
 * ```
 *
 * @example With a backend, data and settings
 * ```ts no-run
 * serveTrainer(async ({ backend }: { backend: BackendName }) => ({
 *   backend: await useBackend([backend, 'wasm-train']),
 *   gan: createDcgan({ imageShape: [28, 28, 1] }),
 *   data: datasetFromIdx({ images: await (await fetch('/digits.idx')).arrayBuffer() }),
 * }));
 * ```
 */
export function serveTrainer(
  make: (
    settings: never,
  ) => Gan | Trainer | ServedTrainer | Promise<Gan> | Promise<Trainer> | Promise<ServedTrainer>,
): void {
  const action = 'serve a trainer';
  if (typeof make !== 'function') {
    throw new TypeError(
      `Cannot ${action}: serveTrainer must be called with a function that creates a GAN, got ${formatValue(make)}`,
    );
  }
  const outside = outsideOfWorker();
  if (outside === undefined) {
    throw new Error(
      `Cannot ${action}: serveTrainer must be called in a worker, got the main thread. ` +
        'Put it into its own file and pass new Worker(…) of that file to connectTrainer',
    );
  }
  if (serving) throw new Error(`Cannot ${action}: this worker serves a trainer already`);
  serving = true;
  exposeTrainer(make, outside);
}

let serving = false;
