import type { IncomingMessage } from 'node:http';

/**
 * A request of `node:http` as a standard one. Of its headers it has those that routes look at.
 *
 * @returns undefined if the request names no path, or its method is none of HTTP's for resources.
 *
 * @internal
 */
export function nodeRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '', headers } = incoming;
  if (!url.startsWith('/')) return undefined;
  const kept = Object.entries({
    accept: headers.accept,
    'content-length': headers['content-length'],
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    const init = { method, headers: kept, signal };
    if (method === 'GET' || method === 'HEAD') return new Request(`http://localhost${url}`, init);
    const withBody = { ...init, body: bodyOf(incoming), duplex: 'half' };
    return new Request(`http://localhost${url}`, withBody);
  } catch {
    // An address that cannot be parsed, or TRACE, which a Request refuses.
    return undefined;
  }
}

/**
 * Node's own conversion destroys the connection if the body is not read to its end; here a response
 * still follows.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const parts = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = (await parts.next()) as IteratorResult<Buffer, undefined>;
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await parts.return?.();
    },
  });
}
