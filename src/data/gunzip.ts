import { DataFormatError } from '../core/errors.ts';

/** Whether bytes are packed by gzip. @internal */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip, up to a number of bytes: a small file can unpack to more than memory holds.
 *
 * @internal
 */
export async function gunzip(
  asked: string,
  name: string,
  packed: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    // Not every browser can loop over a stream.
    const reader = stream.getReader();
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
      `Cannot ${asked}: ${name} must be sound gzip, got damaged bytes after ${length} unpacked ones. ` +
        'The download may be cut short',
      { cause: error },
    );
  }
  if (length > limit) {
    throw new DataFormatError(
      'gzip',
      `Cannot ${asked}: ${name} must unpack to at most ${limit} bytes, got more. It is another file`,
    );
  }
  const unpacked = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    unpacked.set(part, at);
    at += part.length;
  }
  return unpacked;
}
