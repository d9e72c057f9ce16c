import type { Worker } from 'node:worker_threads';
import { RequestHandler } from '../../../serve/request-handler.ts';
import { type ServeGeneratorOptions, serveSettings } from '../../../serve/serve-options.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { ThreadModel } from './thread-model.ts';

/** A server with the thread of its model. @internal */
export interface ModelServer {
  readonly url: string;
  /** The backend of the thread, in words. */
  readonly backend: string;
  /** Resolves to the reason if the model ends by itself. */
  readonly ended: Promise<Error>;
  /** Responds to the requests it has, for at most so long, then ends the server and the thread. */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * Serves the model of a thread.
 *
 * @param worker - Runs serve-thread.ts, with `ThreadSettings` as its data. It is ended with the
 *   server, or if that cannot start.
 * @throws the error of the thread if its model cannot be loaded; Error if the port cannot be used.
 *
 * @internal
 */
export async function serveModel(
  worker: Worker,
  options: ServeGeneratorOptions & HttpServerOptions,
): Promise<ModelServer> {
  const { host, port, requestTimeoutMs, ...others } = options;
  const model = await ThreadModel.start(worker);
  try {
    const settings = serveSettings('serve the model', others);
    const handler = new RequestHandler(model, settings);
    const server = await HttpServer.start(handler, { host, port, requestTimeoutMs });
    return {
      url: server.url,
      backend: model.backend,
      ended: model.ended,
      drain: async (timeoutMs) => {
        await server.drain(timeoutMs);
        await model.close();
      },
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}
