import { libraryVersion } from '../core/version.ts';
import type { Route } from './route.ts';

/**
 * The description of all routes.
 *
 * @param basePath - Where the routes lie, if below a path.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.0}
 *
 * @internal
 */
export function openApi(routes: readonly Route[], basePath: string): object {
  const paths = new Map<string, Record<string, object>>();
  for (const route of routes) {
    const operations = paths.get(route.path) ?? {};
    operations[route.method.toLowerCase()] = operationOf(route);
    paths.set(route.path, operations);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'tfjs-gan', version: libraryVersion },
    ...(basePath !== '' && { servers: [{ url: basePath }] }),
    paths: Object.fromEntries(paths),
  };
}

function operationOf({ summary, query = {}, body, returns }: Route): object {
  const parameters = Object.entries(query).map(([name, { help, schema }]) => ({
    name,
    in: 'query',
    description: help,
    ...asParameter(schema),
  }));
  const content = Object.fromEntries(returns.map((type) => [type, {}]));
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        content: Object.fromEntries(
          Object.entries(body).map(([type, schema]) => [type, { schema }]),
        ),
      },
    }),
    responses: {
      200: { description: 'Done', content },
      default: {
        description: 'Failed, and why',
        content: { 'application/json': { schema: failure } },
      },
    },
  };
}

const failure = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' } },
};

/** Integers are written as they are, other values as JSON. */
function asParameter(schema: object): object {
  const isPlain = (schema as { type?: unknown }).type === 'integer';
  return isPlain ? { schema } : { content: { 'application/json': { schema } } };
}
