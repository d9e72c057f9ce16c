import { gunzipSync } from 'fflate';
import { DataFormatError } from '../core/errors.ts';
import { formatShape } from '../core/format.ts';
import { isArrayBuffer, isUint8Array } from '../core/realms.ts';
import { isGzip } from './gunzip.ts';

/**
 * A parsed IDX file.
 *
 * @example Count a label
 * ```ts
 * const { shape, data }: IdxArray = parseIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 7]));
 * const sevens = [...data].filter((label) => label === 7);
 * console.log(`${sevens.length} of ${shape[0]}`); // 2 of 3
 * ```
 */
export interface IdxArray {
  /** Sizes of the dimensions: `[60000, 28, 28]` for MNIST's training images. */
  readonly shape: readonly number[];
  /** Stored type of the numbers. */
  readonly type: 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';
  /**
   * The numbers, the last dimension fastest. One-byte types are views of the parsed bytes; wider
   * ones are copies in this machine's byte order.
   */
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

/** The element types of the format, by their code in the header's third byte. */
const elements = {
  0x08: Uint8Array,
  0x09: Int8Array,
  0x0b: Int16Array,
  0x0c: Int32Array,
  0x0d: Float32Array,
  0x0e: Float64Array,
} as const;

type Element = (typeof elements)[keyof typeof elements];

function typeOf({ name }: Element): IdxArray['type'] {
  return name.replace('Array', '').toLowerCase() as IdxArray['type'];
}

/** The numbers after the header; wide ones are stored with the highest byte first. */
function numbersIn(view: DataView, element: Element): IdxArray['data'] {
  const bytes = element.BYTES_PER_ELEMENT;
  const count = view.byteLength / bytes;
  if (bytes === 1) return new element(view.buffer as ArrayBuffer, view.byteOffset, count);
  const read = `get${element.name.replace('Array', '')}` as 'getInt16';
  return (element as Float64ArrayConstructor).from({ length: count }, (_, i) =>
    view[read](bytes * i),
  );
}

/**
 * Reads an IDX file, the format of MNIST, Fashion-MNIST, KMNIST and EMNIST.
 *
 * The length must match the header exactly, and nothing is allocated before that is checked. A
 * gzipped file (`train-images-idx3-ubyte.gz`) is unpacked first.
 *
 * @param bytes - The whole file.
 * @param name - Name of the data in errors: usually the file's name.
 * @returns The shape, the stored type and the numbers.
 * @throws DataFormatError if the bytes are truncated, too long, or not an IDX file.
 *
 * @example A file of three labels
 * ```ts
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * const { shape, data } = parseIdx(bytes);
 * console.log(shape, [...data]); // [ 3 ] [ 7, 2, 1 ]
 * ```
 *
 * @see LeCun, Cortes and Burges, The MNIST database, section "File formats".
 */
export function parseIdx(bytes: Uint8Array | ArrayBuffer, name = 'IDX data'): IdxArray {
  if (!isUint8Array(bytes) && !isArrayBuffer(bytes)) {
    throw new TypeError(
      `Cannot read ${name}: bytes must be a Uint8Array or an ArrayBuffer, got ${typeof bytes}`,
    );
  }
  const given = isArrayBuffer(bytes) ? new Uint8Array(bytes) : bytes;
  const view = viewOf(isGzip(given) ? unpacked(given, name) : given);
  const refuse = (what: string): DataFormatError =>
    new DataFormatError('IDX', `Cannot read ${name}: ${what}`);

  if (view.byteLength < 4) {
    throw refuse(`an IDX header has at least 4 bytes, got ${view.byteLength}`);
  }
  if (view.getUint16(0) !== 0) {
    const first = [view.getUint8(0), view.getUint8(1)].map(hex).join(' ');
    throw refuse(`an IDX file begins with two zero bytes, got ${first}. It is not an IDX file`);
  }
  const code = view.getUint8(2);
  const element = (elements as Readonly<Record<number, Element>>)[code];
  if (element === undefined) {
    const known = Object.entries(elements).map(
      ([key, one]) => `${hex(Number(key))} ${typeOf(one)}`,
    );
    throw refuse(`the element type must be one of ${known.join(', ')}, got ${hex(code)}`);
  }
  const rank = view.getUint8(3);
  if (rank === 0) throw refuse('the header must name at least one dimension, got 0');
  const header = 4 + 4 * rank;
  if (view.byteLength < header) {
    throw refuse(
      `a header of ${rank} dimensions has ${header} bytes, got ${view.byteLength}. ` +
        'The download may be truncated',
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Sizes are up to 2³² − 1 each: their product requires a BigInt.
  const promised = shape.reduce(
    (count, size) => count * BigInt(size),
    BigInt(element.BYTES_PER_ELEMENT),
  );
  const follow = view.byteLength - header;
  if (promised !== BigInt(follow)) {
    const cure =
      promised > BigInt(follow) ? 'The download may be truncated' : 'The file is too long';
    throw refuse(
      `the header states ${formatShape(shape)} of ${typeOf(element)} (${promised} bytes), ` +
        `but ${follow} bytes follow. ${cure}`,
    );
  }
  const body = new DataView(view.buffer, view.byteOffset + header, follow);
  return { shape, type: typeOf(element), data: numbersIn(body, element) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** Maximum ratio of unpacked to packed length in deflate, whatever a damaged trailer states. */
const largestRatio = 1032;

function unpacked(packed: Uint8Array, name: string): Uint8Array {
  const refuse = (cause?: unknown): DataFormatError =>
    new DataFormatError(
      'gzip',
      `Cannot read ${name}: it must be valid gzip, got damaged bytes. The download may be truncated`,
      { cause },
    );
  // A header of 10 bytes, and 8 after the data; the last four are the unpacked length.
  if (packed.length < 18) throw refuse();
  const promised = viewOf(packed).getUint32(packed.length - 4, true);
  if (promised > largestRatio * packed.length) throw refuse();
  try {
    return gunzipSync(packed);
  } catch (error) {
    throw refuse(error);
  }
}
