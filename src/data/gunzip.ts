import { DataFormatError } from '../core/errors.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { nodeProcess } from '../core/node-process.ts';

/** Whether bytes are packed by gzip. @internal */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip, up to a number of bytes: a small file can unpack to more than memory holds. Bytes that are not packed are
 * returned as they are: a server that declares the packing has its answer unpacked by fetch already.
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
  // What goes wrong with writing goes wrong with reading too, and is told there.
  const fed = feed(writable, bytes).catch(() => undefined);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    // Not every browser can loop over a stream.
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
      `Cannot ${action}: ${name} must be sound gzip, got damaged bytes after ${length} unpacked ones. ` +
        'The download may be cut short',
      { cause: error },
    );
  }
  await fed;
  if (length > limit) {
    throw new DataFormatError(
      'gzip',
      `Cannot ${action}: ${name} must unpack to at most ${limit} bytes, got more. It is another file`,
    );
  }
  return joinBytes(parts);
}

/** jsdom has none of its own. */
function decompressor(): typeof DecompressionStream {
  const own = (globalThis as Partial<typeof globalThis>).DecompressionStream;
  const found = own ?? nodeProcess().getBuiltinModule?.('node:stream/web').DecompressionStream;
  if (found !== undefined) return found as typeof DecompressionStream;
  throw new Error(
    'Cannot unpack gzip: the global DecompressionStream must be there, got none. Unpack the files first',
  );
}

/** Bytes that are unpacked at a time, so that little is unpacked beyond a limit. */
const slice = 2 ** 16;

/** Not by a Blob, as that of jsdom is no stream. */
async function feed(writable: WritableStream<BufferSource>, packed: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < packed.length; at += slice) {
    await writer.write(packed.subarray(at, at + slice) as Uint8Array<ArrayBuffer>);
  }
  await writer.close();
}
