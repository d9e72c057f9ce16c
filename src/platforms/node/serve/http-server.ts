import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestHandler } from '../../../serve/request-handler.ts';
import { nodeRequest } from './node-request.ts';

/** Where a server listens, and how long it waits for clients. @internal */
export interface HttpServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Longest time for a whole request to arrive. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Most connections at once: each may hold a body. */
const maxConnections = 1024;

/** How long a client may take none of a response: what is not read stays in memory. */
const stalledMs = 30_000;

/** How long the rest of a body that is not wanted may take. */
const discardMs = 1_000;

/** A server of `node:http` in front of a {@link RequestHandler}. @internal */
export class HttpServer {
  /** Its address, with the port it has. */
  readonly url: string;
  readonly #server: Server;
  readonly #handler: RequestHandler;
  #isDraining = false;

  private constructor(handler: RequestHandler, server: Server) {
    this.#handler = handler;
    this.#server = server;
    server.on('request', (incoming, outgoing) => {
      void this.#respond(incoming, outgoing);
    });
    const { address, family, port } = server.address() as AddressInfo;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /**
   * Starts a server.
   *
   * @throws Error if the port is in use or not allowed, or the host is none of this machine.
   */
  static async start(
    handler: RequestHandler,
    { host, port, requestTimeoutMs = 10_000 }: HttpServerOptions,
  ): Promise<HttpServer> {
    const server = createServer({
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(5_000, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
      maxHeaderSize: 8_192,
    });
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(listenError(error, host, port));
      });
      server.listen(port, host, resolve);
    });
    return new HttpServer(handler, server);
  }

  /**
   * Ends the server: it accepts no more connections and responds to the requests it has.
   *
   * @param timeoutMs - After this time open connections are closed.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#isDraining = true;
    this.#handler.drain();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), timeoutMs);
    await closed;
    clearTimeout(timer);
  }

  async #respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const request = nodeRequest(incoming, gone.signal);
    if (request === undefined) {
      outgoing.writeHead(400, { 'content-type': 'application/json', connection: 'close' });
      outgoing.end('{"error":"the request must name a path with a method of HTTP"}');
      return;
    }
    const response = await this.#handler.handle(request);
    const body = Buffer.from(await response.arrayBuffer());
    const isWhole = incoming.complete;
    if (!isWhole) await discardRest(incoming);
    if (outgoing.destroyed) return;
    outgoing.writeHead(response.status, {
      ...Object.fromEntries(response.headers),
      ...(request.method !== 'HEAD' && { 'content-length': body.length }),
      // Otherwise the client would send its next request to a server that ends.
      ...((this.#isDraining || !isWhole) && { connection: 'close' }),
    });
    outgoing.setTimeout(stalledMs);
    outgoing.end(body);
  }
}

/**
 * Reads what a client still sends, for a while: otherwise it would see a broken connection in place
 * of the response.
 */
async function discardRest(incoming: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, discardMs);
    incoming.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    incoming.resume();
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const wanted: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} of ${host} must be free, got one that is in use. Pass another --port, or 0 for any free one`,
    EACCES: `port ${port} must be allowed, got one that needs permission. Pass a --port of 1024 or more`,
    EADDRNOTAVAIL: `the host must be an address of this machine, got '${host}'`,
    ENOTFOUND: `the host must be an address of this machine, got '${host}'`,
  };
  const reason = wanted[error.code ?? ''] ?? error.message;
  return new Error(`Cannot serve: ${reason}`, { cause: error });
}
