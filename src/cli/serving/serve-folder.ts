import { Worker } from 'node:worker_threads';
import { messageOf } from '../../core/realms.ts';
import { type ModelServer, serveModel } from '../../platforms/node/serve/serve-model.ts';
import type { ThreadSettings } from '../../platforms/node/serve/thread-messages.ts';
import { onInterrupt } from '../../platforms/node/stop-on-interrupt.ts';
import { type ServeGeneratorOptions, serveSettings } from '../../serve/serve-options.ts';
import { modelFolder } from '../models/model-folder.ts';
import type { Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';

/** The settings of `npx tfjs-gan serve`. */
export interface ServeFolderSettings {
  readonly port: number;
  readonly host: string;
  readonly name: string;
  readonly threads: number | undefined;
  readonly batchSize: number;
  readonly maxCount: number | undefined;
  readonly maxQueued: number | undefined;
  readonly maxBody: number | undefined;
  readonly maxAge: number | undefined;
}

/** Longest time to respond to accepted requests after a signal. */
const drainMs = 30_000;

/**
 * Serves the model of a folder until a signal ends the program.
 *
 * @param path - A folder with `model.json`, that file, or the folder of a run.
 * @param settings - The values of the flags.
 * @param output - Prints the address.
 * @param startThread - Starts the thread of the model.
 * @returns 0 after a signal, when all accepted requests have a response; 1 if the model has ended
 *   by itself.
 * @throws UsageError if settings do not fit each other.
 */
export async function serveFolder(
  path: string,
  settings: ServeFolderSettings,
  output: Output,
  startThread: (settings: ThreadSettings) => Worker = builtThread,
): Promise<number> {
  const { port, host, threads, name, batchSize, maxCount, maxQueued } = settings;
  const options: ServeGeneratorOptions = {
    name,
    batchSize,
    maxCount,
    maxQueued,
    maxBodyBytes: settings.maxBody,
    maxAgeSeconds: settings.maxAge,
  };
  checkSettings(options);
  const model = modelFolder(path);
  if (model === undefined) {
    throw new UsageError(
      'Cannot serve: MODEL must be the folder of a run with a generator, or a folder with model.json, ' +
        `got '${path.slice(0, 80)}'`,
    );
  }
  const worker = startThread({ path: model, threads, batchSize });
  const server = await serveModel(worker, { ...options, host, port });
  output.note(`backend ${server.backend}`);
  output.result({ event: 'serving', url: server.url, model }, `Serving ${model} at ${server.url}`);
  return untilEnd(server, output);
}

/** The thread's file is built beside this one. */
function builtThread(workerData: ThreadSettings): Worker {
  return new Worker(new URL('./serve-thread.js', import.meta.url), { workerData });
}

/** Wrong flags are wrong use, whatever the model is. */
function checkSettings(options: ServeGeneratorOptions): void {
  try {
    serveSettings('serve', options);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

async function untilEnd(server: ModelServer, output: Output): Promise<number> {
  const signal = new Promise<void>((resolve) => {
    onInterrupt(() => {
      resolve();
    });
  });
  const end = await Promise.race([signal, server.ended]);
  if (end === undefined) output.note('Responding to the last requests; again to end at once');
  else output.note(end.message);
  await server.drain(end === undefined ? drainMs : 0);
  return end === undefined ? 0 : 1;
}
