import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../src/core/errors.ts';
import { parseIdx } from '../../src/data/idx.ts';

const codes = { uint8: 0x08, int8: 0x09, int16: 0x0b, int32: 0x0c, float32: 0x0d, float64: 0x0e };
const widths = { uint8: 1, int8: 1, int16: 2, int32: 4, float32: 4, float64: 8 };
type Type = keyof typeof codes;

/** An independent writer of the format, from its description. */
function writeIdx(type: Type, shape: number[], numbers: readonly number[]): Uint8Array {
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + numbers.length * widths[type]);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, codes[type], shape.length]);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  numbers.forEach((number, i) => {
    const at = header + i * widths[type];
    if (type === 'uint8') view.setUint8(at, number);
    if (type === 'int8') view.setInt8(at, number);
    if (type === 'int16') view.setInt16(at, number);
    if (type === 'int32') view.setInt32(at, number);
    if (type === 'float32') view.setFloat32(at, number);
    if (type === 'float64') view.setFloat64(at, number);
  });
  return bytes;
}

const numbersOf: Record<Type, fc.Arbitrary<number>> = {
  uint8: fc.integer({ min: 0, max: 255 }),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  float32: fc.float(),
  float64: fc.double(),
};

describe('parseIdx', () => {
  test.each(Object.keys(codes) as Type[])('gives back %s of any shape', (type) => {
    const file = fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
      .chain((shape) => {
        const length = shape.reduce((product, size) => product * size, 1);
        const numbers = fc.array(numbersOf[type], { minLength: length, maxLength: length });
        return fc.tuple(fc.constant(shape), numbers);
      });
    fc.assert(
      fc.property(file, fc.integer({ min: 0, max: 3 }), ([shape, numbers], offset) => {
        const bytes = writeIdx(type, shape, numbers);
        // Files often come as a window into a larger buffer, at any alignment.
        const window = new Uint8Array(bytes.length + offset).subarray(offset);
        window.set(bytes);
        const array = parseIdx(window);
        expect(array.type).toBe(type);
        expect(array.shape).toEqual(shape);
        expect([...array.data]).toEqual(numbers);
      }),
    );
  });

  test('takes an ArrayBuffer too', () => {
    const { buffer } = writeIdx('uint8', [2], [5, 6]);
    expect([...parseIdx(buffer as ArrayBuffer).data]).toEqual([5, 6]);
  });

  test('looks into the bytes it was given, without copying', () => {
    const bytes = writeIdx('uint8', [3], [1, 2, 3]);
    expect(parseIdx(bytes).data.buffer).toBe(bytes.buffer);
  });

  test('counts exactly what is missing from a cut file', () => {
    const bytes = writeIdx('uint8', [60000, 28, 28], new Array<number>(1200).fill(0));
    expect(() => parseIdx(bytes)).toThrow(
      'Cannot read IDX data: the header states [60000, 28, 28] of uint8 (47040000 bytes), ' +
        'but 1200 bytes follow. The download may be truncated',
    );
  });

  test('counts exactly what is too much', () => {
    expect(() => parseIdx(writeIdx('int16', [1], [1, 2]), 'labels')).toThrow(
      'Cannot read labels: the header states [1] of int16 (2 bytes), but 4 bytes follow. ' +
        'The file is too long',
    );
  });

  test('is not led to allocate by a lying header', () => {
    const bytes = writeIdx('float64', [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []);
    expect(() => parseIdx(bytes)).toThrow(
      '(633825299671392843082401579000 bytes), but 0 bytes follow',
    );
  });

  test.each([
    ['no bytes', [], 'an IDX header has at least 4 bytes, got 0'],
    ['three bytes', [0, 0, 8], 'an IDX header has at least 4 bytes, got 3'],
    ['text', [0x3c, 0x68, 0x74, 0x6d], 'begins with two zero bytes, got 0x3c 0x68. It is not an'],
    [
      'half of gzip',
      [0x1f, 0x8b, 8, 0],
      'must be valid gzip, got damaged bytes. The download may be truncated',
    ],
    [
      'gzip that promises 4 GB',
      [...gzipSync(new Uint8Array(9)).subarray(0, -4), 255, 255, 255, 255],
      'valid gzip',
    ],
    ['gzip of text', [...gzipSync('<html>')], 'begins with two zero bytes, got 0x3c 0x68'],
    ['another type', [0, 0, 0x0a, 1, 0, 0, 0, 0], '0x08 uint8, 0x09 int8, 0x0b int16'],
    ['no dimension', [0, 0, 8, 0, 1], 'the header must name at least one dimension, got 0'],
    ['half a header', [0, 0, 8, 3, 0, 0], 'a header of 3 dimensions has 16 bytes, got 6'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(new Uint8Array(bytes))).toThrow(DataFormatError);
    expect(() => parseIdx(new Uint8Array(bytes))).toThrow(message);
  });

  test('unpacks gzip', () => {
    const file = writeIdx('int16', [2, 2], [1, -2, 300, -400]);
    for (const packed of [gzipSync(file), new Uint8Array(gzipSync(file)).buffer]) {
      expect(parseIdx(packed)).toEqual(parseIdx(file));
    }
  });

  test('refuses what is not bytes', () => {
    expect(() => parseIdx('train-images' as unknown as Uint8Array)).toThrow(
      'Cannot read IDX data: bytes must be a Uint8Array or an ArrayBuffer, got string',
    );
  });

  test('reads or refuses any bytes with a DataFormatError, nothing else', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((rest) => new Uint8Array([0, 0, 8, 1, ...rest])),
      fc.uint8Array({ maxLength: 64 }).map((rest) => new Uint8Array([0x1f, 0x8b, 8, ...rest])),
      fc
        .tuple(fc.nat(18), fc.nat(255))
        .map(([at, byte]) =>
          writeIdx('uint8', [3], [1, 2, 3]).map((b, i) => (i === at ? byte : b)),
        ),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          const { shape, data } = parseIdx(bytes);
          expect(data).toHaveLength(shape.reduce((product, size) => product * size, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(DataFormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
