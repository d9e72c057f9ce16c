import { DataFormatError } from '../core/errors.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { nodeProcess } from '../core/node-process.ts';

/** Whether bytes are gzipped. @internal */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip up to a limit: a small file can unpack to more than the memory can hold. Bytes that
 * are not gzipped are returned unchanged: fetch has already unpacked a response that declares its
 * encoding.
 *
 * @internal
 */
export async function gunzip(
  action: string,
  name: string,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  const { readable, writable } = new (decompressor())('gzip');
  // A write error also causes a read error, which is handled there.
  const fed = feed(writable, bytes).catch(() => undefined);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    // Not every browser supports iterating over a stream.
    const reader = readable.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > limit) {
        await reader.cancel();
        break;
      }
      parts.push(part.value);
    }
  } catch (error) {
    throw new DataFormatError(
      'gzip',
      `Cannot ${action}: ${name} must be valid gzip, got damaged bytes after ${length} unpacked bytes. ` +
        'The download may be truncated',
      { cause: error },
    );
  }
  await fed;
  if (length > limit) {
    throw new DataFormatError(
      'gzip',
      `Cannot ${action}: ${name} must unpack to at most ${limit} bytes, got more. It is a different file`,
    );
  }
  return joinBytes(parts);
}

/** jsdom does not have it. */
function decompressor(): typeof DecompressionStream {
  const own = (globalThis as Partial<typeof globalThis>).DecompressionStream;
  const found = own ?? nodeProcess().getBuiltinModule?.('node:stream/web').DecompressionStream;
  if (found !== undefined) return found as typeof DecompressionStream;
  throw new Error(
    'Cannot unpack gzip: the global DecompressionStream must exist, got none. Unpack the files first',
  );
}

/** Bytes unpacked at a time, so that little is unpacked beyond the limit. */
const slice = 2 ** 16;

/** Not a Blob, because jsdom's has no stream. */
async function feed(writable: WritableStream<BufferSource>, packed: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < packed.length; at += slice) {
    await writer.write(packed.subarray(at, at + slice) as Uint8Array<ArrayBuffer>);
  }
  await writer.close();
}
