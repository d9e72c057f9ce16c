import { DataFormatError } from '../core/errors.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { isUint8Array } from '../core/realms.ts';
import { encodeText } from '../core/text.ts';
import { type HeaderEntry, readSafetensorsHeader } from './safetensors-header.ts';

/**
 * Values of one tensor of a safetensors file.
 *
 * @example Convert the kernel of a PyTorch dense layer, [outputs, inputs], to TensorFlow.js,
 * [inputs, outputs]
 * ```ts
 * const bytes = encodeSafetensors({ weight: { shape: [1, 2], values: new Float32Array([3, 4]) } });
 * const { shape, values, dtype } = decodeSafetensors(bytes).tensors['weight'] as SafetensorsTensor;
 * const kernel = tf.tidy(() => tf.tensor(values as Float32Array, [...shape]).transpose());
 * console.log(dtype, kernel.shape); // F32 [ 2, 1 ]
 * kernel.dispose();
 * ```
 */
export interface SafetensorsTensor {
  /** Their dtype, as named by the format: `F32`, `BF16`, `I64`, … */
  readonly dtype: string;
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /**
   * The values, in row-major order: a copy. Half floats are converted to `Float32Array`, booleans
   * to 0 and 1.
   */
  readonly values:
    | Float32Array
    | Float64Array
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigUint64Array;
}

/**
 * A parsed safetensors file.
 *
 * @example List the content and the metadata of a file
 * ```ts
 * const bytes = encodeSafetensors({ bias: { shape: [2], values: new Float32Array(2) } }, { epoch: '12' });
 * const file: SafetensorsFile = decodeSafetensors(bytes);
 * console.log(Object.keys(file.tensors), file.metadata['epoch']); // [ 'bias' ] 12
 * ```
 */
export interface SafetensorsFile {
  /** Its tensors, by name, in the order of the file. */
  readonly tensors: Readonly<Record<string, SafetensorsTensor>>;
  /** Its metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Largest header that readers of the format accept, as in its own library. */
const longestHeader = 100_000_000;

/**
 * Writes arrays as a safetensors file, the format for exchanging weights with PyTorch, JAX and
 * others.
 *
 * The same arrays give the same bytes, in any order.
 *
 * @param arrays - The arrays, by name; they are not modified.
 * @param metadata - Strings for the header.
 * @returns The bytes of the file: a `Float32Array` as `F32`, a `Float64Array` as `F64`.
 * @throws RangeError if a shape and its values do not fit, or a name is reserved by the format.
 *
 * @example Write and read
 * ```ts
 * const bytes = encodeSafetensors({ kernel: { shape: [2, 1], values: new Float32Array([1, 2]) } });
 * for (const [name, { shape, values }] of Object.entries(decodeSafetensors(bytes).tensors)) {
 *   console.log(name, shape, [...values]); // kernel [ 2, 1 ] [ 1, 2 ]
 * }
 * ```
 *
 * @see {@link https://huggingface.co/docs/safetensors}, section "Format".
 */
export function encodeSafetensors(
  arrays: Readonly<
    Record<
      string,
      {
        /** Shape of the tensor. */
        readonly shape: readonly number[];
        /** Its values, in row-major order. */
        readonly values: Float32Array | Float64Array;
      }
    >
  >,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Wide numbers first, as in the format's own library: each tensor is then aligned to its dtype.
  const width = (name: string): number => arrays[name]!.values.BYTES_PER_ELEMENT;
  const names = Object.keys(arrays)
    .sort()
    .sort((a, b) => width(b) - width(a));
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set('__metadata__', metadata);
  let length = 0;
  for (const name of names) {
    const { shape, values } = arrays[name]!;
    checkArray(name, arrays[name]!);
    const end = length + values.byteLength;
    const dtype = values instanceof Float64Array ? 'F64' : 'F32';
    header.set(name, { dtype, shape, data_offsets: [length, end] });
    length = end;
  }
  const text = encodeText(JSON.stringify(Object.fromEntries(header)));
  // Padding to a multiple of 8, so that readers can map the numbers without a copy.
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + length).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const name of names) {
    const { values } = arrays[name]!;
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file.
 *
 * Every byte must belong to exactly one tensor, and nothing is allocated beyond the length of the
 * file.
 *
 * @param bytes - The whole file.
 * @param name - Name of the data in errors: usually the file's name.
 * @returns The tensors and the metadata.
 * @throws DataFormatError if the bytes are truncated, damaged or not a safetensors file, or have
 * 8-bit floats or other unsupported dtypes.
 *
 * @example Read weights that another program saved
 * ```ts no-run
 * const response = await fetch('model.safetensors');
 * const { tensors } = decodeSafetensors(new Uint8Array(await response.arrayBuffer()));
 * console.log(Object.keys(tensors));
 * ```
 *
 * @see {@link https://huggingface.co/docs/safetensors}, section "Format".
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  name = 'the safetensors file',
): SafetensorsFile {
  if (!isUint8Array(bytes)) {
    throw new TypeError(
      `Cannot read ${name}: bytes must be a Uint8Array, got ${formatValue(bytes)}`,
    );
  }
  const refuse = (what: string, cause?: unknown): DataFormatError =>
    new DataFormatError('safetensors', `Cannot read ${name}: ${what}`, { cause });
  if (bytes.length < 8) throw refuse(`a file has at least 8 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const promised = view.getBigUint64(0, true);
  const left = bytes.length - 8;
  if (promised > BigInt(Math.min(left, longestHeader))) {
    throw refuse(
      promised > BigInt(left)
        ? `its first 8 bytes state a header of ${promised} bytes, but ${left} bytes follow. ` +
            'The file is truncated or has another format'
        : `its header must have at most ${longestHeader} bytes, got ${promised}`,
    );
  }
  const body = 8 + Number(promised);
  const header = readSafetensorsHeader(bytes.subarray(8, body), bytes.length - body, refuse);
  const tensors = header.entries.map((entry): [string, SafetensorsTensor] => {
    const { dtype, shape, begin, end } = entry;
    // A copy is aligned to its dtype, and does not keep the whole file in memory.
    const copy = new Uint8Array(bytes.subarray(body + begin, body + end));
    const read = Object.hasOwn(readers, dtype) ? readers[dtype] : undefined;
    if (read === undefined) throw refuse(unread(entry));
    return [entry.name, { dtype, shape, values: read(copy) }];
  });
  return { tensors: Object.fromEntries(tensors), metadata: header.metadata };
}

/**
 * From separate bytes; numbers of the format are little-endian, like every machine with
 * WebAssembly.
 */
const readers: Readonly<Record<string, (copy: Uint8Array) => SafetensorsTensor['values']>> = {
  BOOL: (copy) => copy,
  U8: (copy) => copy,
  I8: ({ buffer }) => new Int8Array(buffer),
  U16: ({ buffer }) => new Uint16Array(buffer),
  I16: ({ buffer }) => new Int16Array(buffer),
  U32: ({ buffer }) => new Uint32Array(buffer),
  I32: ({ buffer }) => new Int32Array(buffer),
  U64: ({ buffer }) => new BigUint64Array(buffer),
  I64: ({ buffer }) => new BigInt64Array(buffer),
  F32: ({ buffer }) => new Float32Array(buffer),
  F64: ({ buffer }) => new Float64Array(buffer),
  F16: ({ buffer }) => Float32Array.from(new Uint16Array(buffer), fromHalf),
  BF16: ({ buffer }) =>
    // The upper half of a float32.
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
};

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = (half & 0x3ff) / 1024;
  if (exponent === 0) return sign * 2 ** -14 * fraction;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction);
}

function unread({ name, dtype }: HeaderEntry): string {
  return (
    `the dtype of ${formatValue(name)} must be one of ${Object.keys(readers).join(', ')}, got ${dtype}. ` +
    'Convert it to F32 in the program that wrote it'
  );
}

function checkArray(
  name: string,
  { shape, values }: Parameters<typeof encodeSafetensors>[0][string],
): void {
  if (name === '__metadata__') {
    throw new RangeError(
      `Cannot write a safetensors file: a tensor must have an unreserved name, got '${name}'`,
    );
  }
  const wanted = shape.reduce((product, size) => product * size, 1);
  if (values.length === wanted) return;
  throw new RangeError(
    `Cannot write a safetensors file: '${name}' must have ${wanted} values for the shape ` +
      `${formatShape(shape)}, got ${values.length}`,
  );
}
