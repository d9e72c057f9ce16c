import { stopwatch } from '../core/stopwatch.ts';
import { Batcher } from './batcher.ts';
import { ClientGoneError, HttpError } from './http-error.ts';
import { openApi } from './open-api.ts';
import { jsonResponse } from './respond.ts';
import type { Call, Route, RouteContext } from './route.ts';
import { modelRoutes } from './routes/model-routes.ts';
import { serverRoutes } from './routes/server-routes.ts';
import type { ServeSettings } from './serve-options.ts';
import { ServerMetrics } from './server-metrics.ts';
import type { ModelAbout, ServedModel } from './served-model.ts';

/**
 * Status of a request whose client has gone: nobody reads it but `/metrics`. As nginx counts them.
 */
const clientGone = 499;

/** Responds to requests for a model. @internal */
export class RequestHandler {
  readonly #settings: ServeSettings;
  readonly #metrics = new ServerMetrics();
  readonly #batcher: Batcher;
  /** By path, then by method. */
  readonly #routes = new Map<string, Map<string, Route>>();
  #isDraining = false;

  constructor(model: ServedModel, settings: ServeSettings) {
    this.#settings = settings;
    this.#batcher = new Batcher(model, {
      ...settings,
      onBatch: (samples) => this.#metrics.batch(samples),
    });
    const context: RouteContext<ModelAbout> = {
      about: model.about,
      settings,
      batcher: this.#batcher,
    };
    const routes: Route[] = [
      ...modelRoutes(context),
      ...serverRoutes({
        notReady: () => this.#notReady(),
        metrics: () => this.#metrics.text(this.#batcher.queued),
        openApi: () => openApi(routes, settings.basePath),
      }),
    ];
    for (const route of routes) {
      const methods = this.#routes.get(route.path) ?? new Map<string, Route>();
      this.#routes.set(route.path, methods.set(route.method, route));
    }
  }

  /** Turns `/readyz` to 503. Requests still get responses. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Responds to one request; never rejects. */
  async handle(request: Request): Promise<Response> {
    const seconds = stopwatch();
    let label = 'other';
    let response: Response;
    try {
      const { route, url } = this.#find(request);
      label = route.path;
      response = await route.run({ request, query: queryOf(url, route) });
    } catch (error) {
      response = this.#failure(error);
    }
    this.#metrics.response(label, response.status, seconds());
    if (request.method !== 'HEAD') return response;
    return new Response(null, { status: response.status, headers: response.headers });
  }

  #notReady(): string | undefined {
    if (this.#isDraining) return 'the server is shutting down';
    return this.#batcher.hasRoom ? undefined : 'too many samples are waiting';
  }

  #find(request: Request): { readonly route: Route; readonly url: URL } {
    const url = new URL(request.url);
    const { basePath } = this.#settings;
    const { pathname } = url;
    const isBelow = pathname === basePath || pathname.startsWith(`${basePath}/`);
    const methods = isBelow ? this.#routes.get(pathname.slice(basePath.length) || '/') : undefined;
    if (methods === undefined) {
      throw new HttpError(404, 'there is no such address here; /openapi.json lists what there is');
    }
    const route = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (route !== undefined) return { route, url };
    const allow = [...methods.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : name));
    throw new HttpError(405, `the method must be ${allow.join(' or ')}`, {
      allow: allow.join(', '),
    });
  }

  #failure(error: unknown): Response {
    if (error instanceof ClientGoneError) {
      return jsonResponse({ error: error.message }, clientGone);
    }
    if (error instanceof HttpError && error.status !== 500) {
      return jsonResponse({ error: error.message }, error.status, error.headers);
    }
    this.#settings.onError(error);
    return jsonResponse({ error: 'the server failed; its log says why' }, 500);
  }
}

/** The parameters of an address. */
function queryOf({ searchParams }: URL, { query = {} }: Route): Call['query'] {
  const read = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (!Object.hasOwn(query, name)) {
      const known = Object.keys(query).join(', ');
      throw new HttpError(
        400,
        `the address must have ${known === '' ? 'no parameters' : `only the parameters ${known}`}`,
      );
    }
    if (read.has(name)) throw new HttpError(400, `${name} must be given once`);
    read.set(name, value);
  }
  return read;
}
