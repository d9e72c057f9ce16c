import { joinBytes } from '../core/join-bytes.ts';
import { decodeText } from '../core/text.ts';
import { ClientGoneError, HttpError } from './http-error.ts';

/**
 * Deepest lists and objects in each other: far more than samples need, far less than recursion
 * fails at.
 */
const deepest = 32;

/**
 * The bytes of a request's body.
 *
 * @throws HttpError if there are more than `limit`, or none.
 *
 * @internal
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLong = (): HttpError =>
    new HttpError(413, `the body must have at most ${limit} bytes (maxBodyBytes)`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLong();
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = (request.body as ReadableStream<Uint8Array> | null)?.getReader();
  try {
    for (;;) {
      const part = await reader?.read();
      if (part?.value === undefined) break;
      length += part.value.length;
      if (length > limit) throw tooLong();
      parts.push(part.value);
    }
  } catch (error) {
    await reader?.cancel().catch(() => undefined);
    throw error instanceof HttpError ? error : new ClientGoneError();
  }
  return joinBytes(parts);
}

/**
 * The JSON of a request's body.
 *
 * @throws HttpError if it is too long, too deep or not JSON.
 *
 * @internal
 */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  return decodeJson(await readBytes(request, limit));
}

/** @internal */
export function decodeJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decodeText(bytes, { strict: true });
  } catch {
    throw new HttpError(400, 'the body must be JSON in UTF-8');
  }
  return parseJson('the body', text);
}

/** @internal */
export function parseJson(name: string, text: string): unknown {
  checkDepth(name, text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, `${name} must be JSON`);
  }
}

/** Before parsing: what walks the value later may recurse. */
function checkDepth(name: string, text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepest) throw new HttpError(400, `${name} must be at most ${deepest} levels deep`);
  }
}
