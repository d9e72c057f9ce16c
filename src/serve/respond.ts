/** A response with JSON. @internal */
export function jsonResponse(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return bodyResponse(JSON.stringify(value), 'application/json', { status, headers });
}

/**
 * A response with a body of a media type, which must not be stored unless `headers` say otherwise.
 *
 * @internal
 */
export function bodyResponse(
  body: string | Uint8Array,
  type: string,
  of: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { status = 200, headers } = of;
  return new Response(body as BodyInit, {
    status,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  });
}
