import { deflateSync } from 'node:zlib';

/** What a hand-made PNG holds: rows of packed samples, and chunks between header and pixels. */
export interface RawPng {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly rows: readonly (readonly number[])[];
  readonly chunks?: readonly (readonly [
    type: string,
    data: readonly number[],
    damage?: 'wrong checksum',
  ])[];
  readonly interlace?: number;
  /** Of every row; 0 if left out. */
  readonly filter?: number;
  /** Of each row, in place of one for all. */
  readonly filters?: readonly number[];
}

/** A writer of the format from its specification, independent of the library's. */
export function writePng(png: RawPng): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(png.width, 0);
  header.writeUInt32BE(png.height, 4);
  header.set([png.depth, png.colorType, 0, 0, png.interlace ?? 0], 8);
  const pixels = deflateSync(
    Buffer.from(png.rows.flatMap((row, y) => [png.filters?.[y] ?? png.filter ?? 0, ...row])),
  );
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      ...(png.chunks ?? []).map(([type, data, damage]) => chunk(type, Buffer.from(data), damage)),
      chunk('IDAT', pixels),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

function chunk(type: string, data: Buffer, damage?: 'wrong checksum'): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(damage === undefined ? crc32(body) : (crc32(body) ^ 1) >>> 0);
  return Buffer.concat([length, body, sum]);
}

/** The CRC of the specification, appendix D, bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
