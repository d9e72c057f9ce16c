import { joinBytes } from '../core/join-bytes.ts';
import { encodeText } from '../core/text.ts';

/**
 * Writes an array as a NumPy file, format version 1.0, little-endian float32.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
 *
 * @internal
 */
export function encodeNpy(shape: readonly number[], values: Float32Array): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The header ends in a line feed, and the numbers begin at a multiple of 64 bytes.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const start = new Uint8Array([0x93, 0, 0, 0, 0, 0, 1, 0, length & 0xff, length >> 8]);
  start.set(encodeText('NUMPY'), 1);
  const numbers = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return joinBytes([start, encodeText(`${header.padEnd(length - 1)}\n`), numbers]);
}
