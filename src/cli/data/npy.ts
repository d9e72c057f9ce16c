import { DataFormatError } from '../../core/errors.ts';
import { formatShape } from '../../core/format.ts';

/** A parsed NumPy file. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data:
    Uint8Array | Int8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array;
}

type Reader = readonly [
  bytes: number,
  read: (view: DataView, at: number) => number,
  create: (length: number) => NpyArray['data'],
];

/** How to read the element types that images, vectors and labels have; all little-endian. */
const readers: Readonly<Record<string, Reader>> = {
  '|u1': [1, (view, at) => view.getUint8(at), (length) => new Uint8Array(length)],
  '|b1': [1, (view, at) => view.getUint8(at), (length) => new Uint8Array(length)],
  '|i1': [1, (view, at) => view.getInt8(at), (length) => new Int8Array(length)],
  '<i2': [2, (view, at) => view.getInt16(at, true), (length) => new Int16Array(length)],
  '<u2': [2, (view, at) => view.getUint16(at, true), (length) => new Uint16Array(length)],
  '<i4': [4, (view, at) => view.getInt32(at, true), (length) => new Int32Array(length)],
  '<i8': [
    8,
    (view, at) => Number(view.getBigInt64(at, true)),
    (length) => new Float64Array(length),
  ],
  '<f4': [4, (view, at) => view.getFloat32(at, true), (length) => new Float32Array(length)],
  '<f8': [8, (view, at) => view.getFloat64(at, true), (length) => new Float64Array(length)],
};

/**
 * Reads a NumPy file: one array in C order, of integers or floats.
 *
 * @throws DataFormatError if it is damaged, in Fortran order or of another element type.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const refuse = (wanted: string, got: string): DataFormatError =>
    new DataFormatError('npy', `Cannot read ${name}: ${wanted}, got ${got}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') {
    throw refuse('it must be a .npy file of NumPy', 'other bytes');
  }
  const isFirst = bytes[6] === 1;
  const start = isFirst ? 10 : 12;
  const end = start + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (type === undefined || sizes === undefined || end > bytes.length) {
    throw refuse('its header must have descr and shape', 'a damaged one');
  }
  const reader = readers[type.replace('=', '<')];
  if (reader === undefined) {
    throw refuse(
      'its elements must be integers or floats, little-endian',
      `'${type}'. Convert it: array.astype('float32')`,
    );
  }
  if (/'fortran_order':\s*True/.test(header)) {
    throw refuse(
      'it must be in C order',
      'Fortran order. Convert it: numpy.ascontiguousarray(array)',
    );
  }
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const length = shape.reduce((product, size) => product * size, 1);
  const [size, read, create] = reader;
  if (end + length * size !== bytes.length) {
    throw refuse(
      `it must hold ${formatShape(shape)} elements of ${size} bytes`,
      `${bytes.length - end} bytes`,
    );
  }
  const data = create(length);
  for (let i = 0; i < length; i += 1) data[i] = read(view, end + i * size);
  return { shape, data };
}
