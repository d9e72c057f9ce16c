import type { Batcher } from './batcher.ts';
import type { ServeSettings } from './serve-options.ts';
import type { GeneratorAbout, ModelAbout } from './served-model.ts';

/**
 * One address of the server and what it does. The list of routes is also what `/openapi.json` is
 * written from.
 *
 * @internal
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** One line for `/openapi.json`. */
  readonly summary: string;
  /** Every parameter that the address may have. */
  readonly query?: Readonly<Record<string, Field>>;
  /** The body of a POST request: the JSON schema of each media type. */
  readonly body?: Readonly<Record<string, object>>;
  /** Media types of its response. */
  readonly returns: readonly string[];
  readonly run: (call: Call) => Response | Promise<Response>;
}

/** A value in a request: what it may be, and its schema for `/openapi.json`. @internal */
export interface Field {
  readonly help: string;
  readonly schema: object;
}

/** A request to a route. @internal */
export interface Call {
  readonly request: Request;
  /** The parameters of its address; all are known to the route. */
  readonly query: ReadonlyMap<string, string>;
}

/** What routes work with. @internal */
export interface RouteContext<A extends ModelAbout = GeneratorAbout> {
  readonly about: A;
  readonly settings: ServeSettings;
  readonly batcher: Batcher;
}
