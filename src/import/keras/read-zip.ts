import { unzipSync } from 'fflate';
import { decodeText } from '../../core/text.ts';
import { crc32 } from '../../io/crc.ts';

/**
 * Files of a zip, by name, compared with their checksums, which fflate skips.
 *
 * @param bytes - The whole zip.
 * @param wanted - Names of the files to read.
 * @returns Those that it has.
 * @throws Error if it is damaged, has a name twice, or a file unpacks to far more than is usual.
 *
 * @see APPNOTE.TXT, .ZIP File Format Specification, sections 4.3.12 and 4.3.16.
 *
 * @internal
 */
export function readZip(
  bytes: Uint8Array,
  wanted: readonly string[],
): Readonly<Record<string, Uint8Array>> {
  const found = new Set<string>();
  const files = unzipSync(bytes, {
    filter: ({ name, size, originalSize }) => {
      if (!wanted.includes(name)) return false;
      if (found.has(name)) throw new Error(`${name} twice`);
      found.add(name);
      // A small file can unpack to more than the memory can hold; text packs well, floats do not.
      if (originalSize <= 100 * Math.min(size, bytes.length) + 1e6) return true;
      throw new Error(`${size} bytes of ${name} that would unpack to ${originalSize}`);
    },
  });
  const sums = checksums(bytes);
  for (const [name, content] of Object.entries(files)) {
    if (crc32(content) !== sums.get(name)) throw new Error(`another checksum of ${name}`);
  }
  return files;
}

/** The checksums in the central directory, which fflate has found. */
function checksums(bytes: Uint8Array): ReadonlyMap<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
  const sums = new Map<string, number>();
  let at = view.getUint32(end + 16, true);
  while (at + 46 <= end && view.getUint32(at, true) === 0x02014b50) {
    const length = view.getUint16(at + 28, true);
    const name = decodeText(bytes.subarray(at + 46, at + 46 + length));
    sums.set(name, view.getUint32(at + 16, true));
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return sums;
}
