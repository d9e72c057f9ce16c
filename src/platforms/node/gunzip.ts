import { DataFormatError } from '../../core/errors.ts';

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
    for await (const part of stream as unknown as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > limit) break;
      parts.push(part);
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
  return Buffer.concat(parts);
}
