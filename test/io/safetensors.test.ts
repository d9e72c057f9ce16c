import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../src/core/errors.ts';
import type { NamedArrays } from '../../src/core/named-arrays.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import golden from '../golden/safetensors.json' with { type: 'json' };

/** A file put together from its header, as text or as JSON, and its body. */
function file(header: unknown, body: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const whole = new Uint8Array(8 + bytes.length + body.length);
  new DataView(whole.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  whole.set(bytes, 8);
  whole.set(body, 8 + bytes.length);
  return whole;
}

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
const four = [0, 0, 0x80, 0x3f];

const names = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((name) => name !== '__metadata__');
const someArrays: fc.Arbitrary<NamedArrays> = fc.dictionary(
  names,
  fc.array(fc.nat(3), { maxLength: 4 }).chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return fc
      .float32Array({ minLength: length, maxLength: length })
      .map((values) => ({ shape, values }));
  }),
);

describe('encodeSafetensors and decodeSafetensors', () => {
  test('give back any arrays bit-for-bit, under any names', () => {
    fc.assert(
      fc.property(someArrays, (arrays) => {
        const { tensors, metadata } = decodeSafetensors(encodeSafetensors(arrays));
        expect(metadata).toEqual({});
        expect(Object.keys(tensors).sort()).toEqual(Object.keys(arrays).sort());
        for (const [name, { dtype, shape, values }] of Object.entries(tensors)) {
          expect(dtype).toBe('F32');
          expect(shape).toEqual(arrays[name]?.shape);
          expect(values).toBeInstanceOf(Float32Array);
          const wanted = arrays[name]!.values;
          expect(new Uint32Array(values.buffer)).toEqual(new Uint32Array(wanted.slice().buffer));
        }
      }),
    );
  });

  test('read or refuse any bytes with a DataFormatError, nothing else', () => {
    const sound = fc
      .sample(someArrays, { numRuns: 5, seed: 1 })
      .map((made) => encodeSafetensors(made));
    const anyHeader = fc.oneof(fc.json(), fc.string(), fc.dictionary(fc.string(), fc.anything()));
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'I64', 'F8_E4M3', 'toString', '__proto__'),
      shape: fc.array(fc.oneof(fc.nat(4), fc.maxSafeNat(), fc.double()), { maxLength: 3 }),
      data_offsets: fc.array(fc.oneof(fc.nat(40), fc.maxSafeNat()), { maxLength: 3 }),
    });
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(anyHeader, fc.uint8Array({ maxLength: 20 }))
        .map(([header, body]) => file(header, body)),
      fc
        .tuple(fc.dictionary(fc.string(), entry), fc.uint8Array({ maxLength: 40 }))
        .map(([header, body]) => file(header, body)),
      fc
        .record({ which: fc.nat(4), at: fc.nat(), byte: fc.nat(255), cut: fc.nat() })
        .map(({ which, at, byte, cut }) => {
          const bytes = new Uint8Array(sound[which] ?? []);
          bytes[at % bytes.length] = byte;
          return cut % 2 ? bytes : bytes.subarray(0, cut % bytes.length);
        }),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          const { tensors } = decodeSafetensors(bytes);
          for (const { shape, values } of Object.values(tensors)) {
            expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DataFormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decodeSafetensors', () => {
  test('reads every kind of number, from a file that an independent program wrote', () => {
    const bytes = new Uint8Array(Buffer.from(golden.hex, 'hex'));
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(metadata).toEqual(golden.metadata);
    const held = Object.entries(tensors).map(([name, { dtype, shape, values }]) => {
      const numbers = Array.from(values, (value: number | bigint): unknown =>
        typeof value === 'bigint' ? String(value) : dtype === 'BOOL' ? value === 1 : value,
      );
      return [name, [dtype, shape, numbers]];
    });
    expect(Object.fromEntries(held)).toEqual(golden.held);
  });

  test('reads infinities and NaN of half floats', () => {
    const bytes = file({ a: { dtype: 'F16', shape: [3], data_offsets: [0, 6] } }, [
      ...[0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e],
    ]);
    expect([...decodeSafetensors(bytes).tensors['a']!.values]).toEqual([Infinity, -Infinity, NaN]);
  });

  test('reads a window into a larger buffer and does not hold on to it', () => {
    const bytes = encodeSafetensors({ a: { shape: [], values: new Float32Array([7]) } });
    const window = new Uint8Array(bytes.length + 3).subarray(3);
    window.set(bytes);
    const { values } = decodeSafetensors(window).tensors['a']!;
    window.fill(0);
    expect([...values]).toEqual([7]);
    expect(values.buffer.byteLength).toBe(4);
  });

  test('reads a Buffer of Node, whose slice is no copy', () => {
    const arrays = {
      a: { shape: [2], values: new Float32Array([7, 8]) },
      b: { shape: [1], values: new Float32Array([9]) },
    };
    const { tensors } = decodeSafetensors(Buffer.from(encodeSafetensors(arrays)));
    expect([...tensors['a']!.values]).toEqual([7, 8]);
    expect([...tensors['b']!.values]).toEqual([9]);
  });

  const cut = encodeSafetensors({ a: { shape: [2], values: new Float32Array(2) } });

  test.each([
    ['no bytes', new Uint8Array(0), 'a file has at least 8 bytes, got 0'],
    [
      'a header longer than the file',
      file('{}', [], 2n ** 63n),
      'its first 8 bytes state a header of 9223372036854775808 bytes, but 2 bytes follow',
    ],
    ['another kind of file', file('[]'), "its header must begin with '{'"],
    ['text that is no JSON', file('{"a":'), 'its header is not JSON. The file is damaged'],
    [
      'bytes that are no UTF-8',
      file('{"\u0000":1}'.replace('\u0000', ''), []).fill(0xff, 9, 11),
      'is not JSON',
    ],
    [
      'a cut body',
      cut.subarray(0, -1),
      'states 8 bytes of tensors, but 7 bytes follow. The file may be truncated',
    ],
    [
      'bytes at the end',
      file({ a: one }, [...four, 9]),
      '4 bytes of tensors, but 5 bytes follow. The file is too long',
    ],
    [
      'an unused beginning',
      file({ a: { ...one, data_offsets: [1, 5] } }, [9, ...four]),
      "'a' must begin at byte 0, got 1: it leaves bytes unused",
    ],
    [
      'an overlap',
      file({ a: one, b: { ...one, data_offsets: [2, 6] } }, [9, 9, ...four]),
      "'b' must begin at byte 4, got 2: it overlaps the tensor before it",
    ],
    [
      'the same bytes twice',
      file({ a: one, b: one }, four),
      "'b' must begin at byte 4, got 0: it overlaps",
    ],
    [
      'a name twice',
      file(`{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`, four),
      'its header has a name twice',
    ],
    [
      'a property twice',
      file('{"a":{"dtype":"F64","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
      'its header has a name twice',
    ],
    [
      'a wrong length',
      file({ a: { ...one, shape: [2] } }, four),
      "'a' must have as many bytes as [2] of F32 takes, got 4",
    ],
    [
      'a shape beyond all bounds',
      file({ a: { ...one, shape: [2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1] } }, four),
      "'a' must have as many bytes as",
    ],
    [
      'a shape of texts',
      file({ a: { ...one, shape: ['1'] } }, four),
      "'a' must have a shape of integers from 0, got ['1']",
    ],
    ['a negative size', file({ a: { ...one, shape: [-1] } }, four), 'got [-1]'],
    [
      'no place',
      file({ a: { dtype: 'F32', shape: [1] } }, four),
      "'a' must have data_offsets, its first byte and the one after the last, got undefined",
    ],
    ['a backward place', file({ a: { ...one, data_offsets: [4, 0] } }, four), 'got [4, 0]'],
    ['no dtype', file({ a: { ...one, dtype: 7 } }, four), "'a' must have a dtype, got 7"],
    [
      'an unknown dtype',
      file({ a: { ...one, dtype: 'constructor' } }, four),
      "'a' must have a valid dtype, got 'constructor'",
    ],
    ['a tensor that is a number', file({ a: 3 }), "'a' must have a dtype, got undefined"],
    [
      'notes that are no texts',
      file({ __metadata__: { a: 1 } }),
      '__metadata__ must be strings by name, got an object',
    ],
    [
      'floats of 8 bits, politely',
      file({ a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } }, four),
      "the dtype of 'a' must be one of BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, F16, BF16, got F8_E4M3. " +
        'Convert it to F32 in the program that wrote it',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(DataFormatError);
    expect(() => decodeSafetensors(bytes, 'a.safetensors')).toThrow('Cannot read a.safetensors: ');
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  test('refuses what is not bytes', () => {
    expect(() => decodeSafetensors('a' as never)).toThrow(
      "Cannot read the safetensors file: bytes must be a Uint8Array, got 'a'",
    );
  });

  test('takes a lying header of 100 MB for what it is', () => {
    // Long enough for the length that is promised, but full of opening brackets.
    const bytes = new Uint8Array(2_000_000).fill(0x5b);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
    bytes.set(new TextEncoder().encode('{"a":'), 8);
    expect(() => decodeSafetensors(bytes)).toThrow('its header is not JSON');
  });
});

describe('encodeSafetensors', () => {
  test('writes double floats as F64, before the single ones, so that each is aligned', () => {
    const values = Float64Array.of(Math.PI, -0, NaN);
    const bytes = encodeSafetensors({
      a: { shape: [1], values: Float32Array.of(1) },
      b: { shape: [3], values },
    });
    const { tensors } = decodeSafetensors(bytes);
    expect(Object.keys(tensors)).toEqual(['b', 'a']);
    expect(tensors['b']).toEqual({ dtype: 'F64', shape: [3], values });
    expect(tensors['a']).toEqual({ dtype: 'F32', shape: [1], values: Float32Array.of(1) });
  });

  test('gives the same bytes in any order, the numbers at a multiple of 8', () => {
    const [a, b] = [1, 2].map((value) => ({ shape: [1], values: new Float32Array([value]) }));
    const bytes = encodeSafetensors({ a: a!, b: b! }, { note: 'x' });
    expect(encodeSafetensors({ b: b!, a: a! }, { note: 'x' })).toEqual(bytes);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    expect(decodeSafetensors(bytes).metadata).toEqual({ note: 'x' });
  });

  test('refuses values that do not fit their shape, and the name of the notes', () => {
    const values = new Float32Array(3);
    expect(() => encodeSafetensors({ a: { shape: [2, 2], values } })).toThrow(
      "Cannot write a safetensors file: 'a' must have 4 values for the shape [2, 2], got 3",
    );
    expect(() => encodeSafetensors({ __metadata__: { shape: [3], values } })).toThrow(
      "Cannot write a safetensors file: a tensor must have an unreserved name, got '__metadata__'",
    );
  });
});
