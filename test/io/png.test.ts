import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../src/core/errors.ts';
import type { Picture } from '../../src/io/picture.ts';
import { decodePng, encodePng } from '../../src/io/png.ts';
import { netpbmPngs, sampleOf } from './netpbm-pngs.ts';
import { crc32, type RawPng, writePng } from './write-png.ts';

/** What a PNG of a single pixel has, in bytes. */
const pixel = { width: 1, height: 1, depth: 8 } as const;

const pictures = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
  })
  .chain(({ width, height, channels }) => {
    const length = width * height * channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data): Picture => ({ width, height, channels, data }));
  });

describe('encodePng and decodePng', () => {
  test('give back every picture', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const { data, ...size } = decodePng(encodePng(picture));
        const { data: wanted, ...wantedSize } = picture;
        expect(size).toEqual(wantedSize);
        expect(Buffer.compare(data, wanted)).toBe(0);
      }),
    );
  });

  test('read or refuse damaged files with a DataFormatError, nothing else', () => {
    const original = fc.sample(pictures, { numRuns: 5, seed: 1 }).map(encodePng);
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .record({ which: fc.nat(4), at: fc.nat(), byte: fc.nat(255), cut: fc.nat() })
        .map(({ which, at, byte, cut }) => {
          const bytes = new Uint8Array(original[which] ?? []);
          bytes[at % bytes.length] = byte;
          return cut % 2 ? bytes : bytes.subarray(0, cut % bytes.length);
        }),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          const { width, height, channels, data } = decodePng(bytes);
          expect(data).toHaveLength(width * height * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(DataFormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decodePng', () => {
  test('reads a window into a larger buffer', () => {
    const bytes = encodePng({ width: 2, height: 1, channels: 1, data: new Uint8Array([7, 9]) });
    const window = new Uint8Array(bytes.length + 5).subarray(5);
    window.set(bytes);
    expect([...decodePng(window).data]).toEqual([7, 9]);
  });

  test.each([
    ['1 bit', 1, [0b10110000], [255, 0, 255, 255, 0]],
    ['2 bits', 2, [0b00011011, 0b10000000], [0, 85, 170, 255, 170]],
    ['4 bits', 4, [0x0f, 0x18, 0x70], [0, 255, 17, 136, 119]],
    ['16 bits', 16, [0, 0, 255, 255, 128, 0, 0, 128, 1, 1], [0, 255, 128, 0, 1]],
  ])('brings gray of %s to 8', (_, depth, row, wanted) => {
    const png = writePng({ width: 5, height: 2, depth, colorType: 0, rows: [row, row] });
    const picture = decodePng(png);
    expect(picture.channels).toBe(1);
    expect([...picture.data]).toEqual([...wanted, ...wanted]);
  });

  test.each(netpbmPngs)('reads color type %i of %i bits, interlaced: %s', (...png) => {
    const [colorType, depth, , base64] = png;
    const picture = decodePng(new Uint8Array(Buffer.from(base64, 'base64')));
    const inFile = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType] ?? 0;
    const wanted = Array.from({ length: 7 * 6 }, (_, i) => {
      const samples = Array.from({ length: inFile }, (_unused, channel) =>
        sampleOf(i % 7, Math.floor(i / 7), channel, depth),
      );
      const [first = 0] = samples;
      if (colorType === 3) return [first, (3 * first) % 256, 255 - first];
      const bytes = samples.map((sample) => Math.round((sample * 255) / (2 ** depth - 1)));
      const [gray, opacity] = bytes;
      return colorType === 4 ? [gray, gray, gray, opacity] : bytes;
    });
    expect(picture).toEqual({
      width: 7,
      height: 6,
      channels: wanted[0]?.length,
      data: Uint8Array.from(wanted.flat() as number[]),
    });
  });

  describe('skips a damaged chunk that the image does not need', () => {
    const text = (words: string): number[] => [...Buffer.from(words, 'latin1')];
    const profile = [...deflateSync(Buffer.alloc(300))];

    test.each<[string, string, readonly number[]]>([
      ['a cut profile', 'iCCP', [...text('ICC\0\0'), ...profile.slice(0, 8)]],
      ['a profile that is none', 'iCCP', text('ICC\0\0rubbish')],
      ['a profile of another compression', 'iCCP', [...text('ICC\0\x01'), ...profile]],
      ['a profile without a name', 'iCCP', profile],
      ['text with too long a keyword', 'tEXt', text(`${'K'.repeat(90)}\0v`)],
      ['text without a keyword', 'tEXt', text('\0v')],
      ['text without an end', 'tEXt', text('Comment')],
      ['half a resolution', 'pHYs', [0, 0, 0, 1]],
      ['too long a resolution', 'pHYs', [0, 0, 0, 1, 0, 0, 0, 1, 1, 0]],
      ['a gamma of nothing', 'gAMA', []],
      ['a chunk of one’s own', 'abCd', [1, 2, 3]],
      ['a transparent color of half a sample', 'tRNS', [0, 9, 0, 8, 0]],
      ['a transparent gray beside colors', 'tRNS', [0, 9]],
      ['no transparent color', 'tRNS', []],
    ])('%s', (_name, type, data) => {
      const png = { width: 1, height: 1, depth: 8, colorType: 2, rows: [[9, 8, 7]] };
      const wanted = decodePng(writePng(png));
      expect([...wanted.data]).toEqual([9, 8, 7]);
      expect(decodePng(writePng({ ...png, chunks: [[type, data]] }))).toEqual(wanted);
    });

    test.each(['iCCP', 'tEXt', 'pHYs', 'tRNS', 'gAMA', 'abCd'])(
      '%s with a wrong checksum',
      (type) => {
        const chunks = [[type, [0, 9, 0, 8, 0, 7], 'wrong checksum']] as const;
        const png = { width: 1, height: 1, depth: 8, colorType: 2, rows: [[9, 8, 7]], chunks };
        expect([...decodePng(writePng(png)).data]).toEqual([9, 8, 7]);
      },
    );

    const colors = { width: 2, height: 1, depth: 8, colorType: 3, rows: [[1, 0]] };
    const palette = ['PLTE', [1, 2, 3, 4, 5, 6]] as const;
    test.each<[string, RawPng]>([
      ['longer than the palette', { ...colors, chunks: [palette, ['tRNS', [9, 9, 9]]] }],
      ['before the palette', { ...colors, chunks: [['tRNS', [9]], palette] }],
      ['of no color', { ...colors, chunks: [palette, ['tRNS', []]] }],
    ])('opacities %s', (_name, png) => {
      const { channels, data } = decodePng(writePng(png));
      expect([channels, [...data]]).toEqual([3, [4, 5, 6, 1, 2, 3]]);
    });

    test.each([
      ['gray', 4, [9, 70], [9, 9, 9, 70]],
      ['color', 6, [9, 8, 7, 70], [9, 8, 7, 70]],
    ])('a transparent color beside %s with opacity', (_name, colorType, row, wanted) => {
      const chunks = [['tRNS', colorType === 4 ? [0, 9] : [0, 9, 0, 8, 0, 7]]] as const;
      const png = { width: 1, height: 1, depth: 8, colorType, rows: [row], chunks };
      expect([...decodePng(writePng(png)).data]).toEqual(wanted);
    });
  });

  test.each<[string, RawPng, number[]]>([
    [
      'one pixel of the transparent color',
      { width: 1, height: 1, depth: 8, colorType: 2, rows: [[1, 2, 3]] },
      [1, 2, 3, 0],
    ],
    [
      'one pixel of another color',
      { width: 1, height: 1, depth: 8, colorType: 2, rows: [[1, 2, 4]] },
      [1, 2, 4, 255],
    ],
    [
      'two pixels, in 16 bits',
      {
        width: 2,
        height: 1,
        depth: 16,
        colorType: 2,
        rows: [[0, 1, 0, 2, 0, 3, 1, 1, 0, 2, 0, 3]],
      },
      [0, 0, 0, 0, 1, 0, 0, 255],
    ],
  ])('knows the transparent color in %s', (_name, png, wanted) => {
    const chunks = [['tRNS', [0, 1, 0, 2, 0, 3]]] as const;
    expect([...decodePng(writePng({ ...png, chunks })).data]).toEqual(wanted);
  });

  test('compares as many bits of the transparent gray as samples have', () => {
    const chunks = [['tRNS', [1, 3]]] as const;
    const png = { width: 4, height: 1, depth: 2, colorType: 0, rows: [[0b11_10_01_00]], chunks };
    expect([...decodePng(writePng(png)).data].filter((_, i) => i % 4 === 3)).toEqual([
      0, 255, 255, 255,
    ]);
  });

  test('looks colors up in a palette, with their opacity', () => {
    const palette = ['PLTE', [255, 0, 0, 0, 255, 0, 0, 0, 255]] as const;
    const base = { width: 3, height: 1, depth: 2, colorType: 3, rows: [[0b10010000]] };
    expect(decodePng(writePng({ ...base, chunks: [palette] }))).toEqual({
      width: 3,
      height: 1,
      channels: 3,
      data: new Uint8Array([0, 0, 255, 0, 255, 0, 255, 0, 0]),
    });
    const chunks = [palette, ['tRNS', [0, 128]] as const];
    expect([...decodePng(writePng({ ...base, chunks })).data]).toEqual([
      0, 0, 255, 255, 0, 255, 0, 128, 255, 0, 0, 0,
    ]);
  });

  test('leaves colors as they are if a palette is only suggested', () => {
    const chunks = [['PLTE', [1, 2, 3]] as const];
    const png = { width: 1, height: 1, depth: 8, colorType: 2, rows: [[9, 8, 7]], chunks };
    expect([...decodePng(writePng(png)).data]).toEqual([9, 8, 7]);
  });

  test('reads the color that is named transparent as transparent', () => {
    const chunks = [['tRNS', [0, 9]] as const];
    const gray = writePng({ width: 2, height: 1, depth: 8, colorType: 0, rows: [[9, 8]], chunks });
    expect([...decodePng(gray).data]).toEqual([9, 9, 9, 0, 8, 8, 8, 255]);
  });

  test('widens gray with opacity to four channels', () => {
    const png = writePng({ width: 1, height: 1, depth: 8, colorType: 4, rows: [[50, 60]] });
    expect(decodePng(png)).toEqual({
      width: 1,
      height: 1,
      channels: 4,
      data: new Uint8Array([50, 50, 50, 60]),
    });
  });

  const png = encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) });
  const swap = (at: number, byte: number): Uint8Array => png.map((b, i) => (i === at ? byte : b));

  test.each([
    ['no bytes', new Uint8Array(0), 'the bytes do not begin with the signature of a PNG'],
    ['a JPEG', new Uint8Array([0xff, 0xd8, 0xff]), 'The file has another format'],
    ['a cut header', png.subarray(0, 20), 'a PNG has at least 33 bytes, got 20'],
    ['cut pixels', png.subarray(0, 50), 'the file is damaged ('],
    ['a flipped bit', swap(45, 0xff), 'the file is damaged ('],
    ['an unknown color type', swap(25, 5), 'the file is damaged (its header is not one of a PNG)'],
    [
      'an unknown depth',
      swap(24, 7),
      'the file is damaged (samples of its kind have 1, 2, 4, 8, 16 bits, got 7)',
    ],
    [
      'a header that promises too much',
      swap(16, 0x7f),
      `the header states 2130706436×4 pixels, more than ${png.length} bytes can contain`,
    ],
    ['no width', swap(19, 0), 'it must have pixels, got 0×4'],
    [
      'a color outside its palette',
      writePng({ ...pixel, colorType: 3, rows: [[2]], chunks: [['PLTE', [0, 0, 0]]] }),
      'the file is damaged (color 2 of a palette of 1)',
    ],
    [
      'no palette',
      writePng({ width: 1, height: 1, depth: 8, colorType: 3, rows: [[0]] }),
      'the file is damaged (color 0 of a palette of 0)',
    ],
    [
      'a palette of half colors',
      writePng({ ...pixel, colorType: 3, rows: [[0]], chunks: [['PLTE', [1, 2, 3, 4]]] }),
      'the file is damaged (a palette has 1 to 256 colors of 3 bytes, got 4 bytes)',
    ],
    [
      'an unknown filter',
      writePng({ width: 1, height: 1, depth: 8, colorType: 0, rows: [[0]], filter: 5 }),
      'the file is damaged (a row has the filter 5)',
    ],
    [
      'rows that are missing',
      writePng({
        width: 2,
        height: 3,
        depth: 8,
        colorType: 0,
        rows: [
          [1, 2],
          [3, 4],
        ],
      }),
      'the file is damaged (it has 6 of the 9 bytes of its pixels)',
    ],
    [
      'unknown interlacing',
      writePng({ width: 1, height: 1, depth: 8, colorType: 0, rows: [[0]], interlace: 2 }),
      'the file is damaged (its header names the methods 0, 0 and 2 for compression, filter and interlacing)',
    ],
    [
      'bits that its kind of samples does not have',
      writePng({ width: 1, height: 1, depth: 4, colorType: 2, rows: [[0, 0]] }),
      'the file is damaged (samples of its kind have 8, 16 bits, got 4)',
    ],
    ['no end', png.subarray(0, -12), 'the file is damaged (it ends without the chunk IEND)'],
    [
      'no pixels',
      Uint8Array.from([...png.subarray(0, 33), ...png.subarray(-12)]),
      'the file is damaged (invalid zlib data)',
    ],
    [
      'a wrong checksum of its header',
      swap(32, png[32]! ^ 1),
      'the file is damaged (the checksum of the chunk IHDR is wrong)',
    ],
    [
      'a wrong checksum of its pixels',
      swap(png.length - 13, png.at(-13) ^ 1),
      'the file is damaged (the checksum of the chunk IDAT is wrong)',
    ],
    [
      'a wrong checksum of its palette',
      writePng({
        ...pixel,
        colorType: 3,
        rows: [[0]],
        chunks: [['PLTE', [1, 2, 3], 'wrong checksum']],
      }),
      'the file is damaged (the checksum of the chunk PLTE is wrong)',
    ],
    [
      'a critical chunk that nobody knows',
      writePng({ ...pixel, colorType: 0, rows: [[0]], chunks: [['ABCD', []]] }),
      'the file is damaged (it must not have the chunk ABCD there)',
    ],
    [
      'a second header',
      writePng({
        ...pixel,
        colorType: 0,
        rows: [[0]],
        chunks: [['IHDR', [0, 0, 0, 9, 0, 0, 0, 9, 8, 0, 0, 0, 0]]],
      }),
      'the file is damaged (it must not have the chunk IHDR there)',
    ],
    [
      'a chunk without a name',
      writePng({ ...pixel, colorType: 0, rows: [[0]], chunks: [['t\0xt', []]] }),
      'the file is damaged (a chunk has no name)',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodePng(bytes)).toThrow(DataFormatError);
    expect(() => decodePng(bytes)).toThrow('Cannot read the PNG: ');
    expect(() => decodePng(bytes)).toThrow(message);
  });
});

describe('decodePng', () => {
  /** A PNG whose pixels are these bytes, packed, in two chunks. */
  const withPixels = (png: Uint8Array, unpacked: Uint8Array): Uint8Array => {
    const packed = deflateSync(unpacked);
    const chunks = [packed.subarray(0, 1000), packed.subarray(1000)].map((data) => {
      const chunk = Buffer.alloc(12 + data.length);
      chunk.writeUInt32BE(data.length);
      chunk.write('IDAT', 4);
      data.copy(chunk, 8);
      chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
      return chunk;
    });
    return new Uint8Array(Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(-12)]));
  };

  test('is not led to unpack more than the header promises', () => {
    const png = encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) });
    const bomb = withPixels(png, new Uint8Array(2 ** 27));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decodePng(bomb)).toThrow(
      'Cannot read the PNG: its pixels unpack to more than the 4×4 that the header states. The file is damaged or malicious',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });

  test('reads large pictures all the same', () => {
    const side = 400;
    const data = Uint8Array.from(
      { length: side * side },
      (_, i) => Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 24,
    );
    const picture = { width: side, height: side, channels: 1, data } as const;
    const rows = Uint8Array.from({ length: side * (side + 1) }, (_, i) =>
      i % (side + 1) === 0 ? 0 : (data[i - 1 - Math.floor(i / (side + 1))] ?? 0),
    );
    const bytes = withPixels(encodePng(picture), rows);
    // Long enough to be unpacked twice.
    expect(bytes.length).toBeGreaterThan(2 ** 26 / 1032);
    expect(Buffer.compare(decodePng(bytes).data, data)).toBe(0);
  });
});

describe('encodePng refuses', () => {
  const good: Picture = { width: 2, height: 1, channels: 3, data: new Uint8Array(6) };

  test.each([
    [{ width: 0 }, 'Cannot write a PNG: width must be a positive integer, got 0'],
    [{ height: 1.5 }, 'Cannot write a PNG: height must be a positive integer, got 1.5'],
    [{ channels: 2 }, 'Cannot write a PNG: channels must be 1, 3 or 4, got 2'],
    [
      { data: new Uint8Array(5) },
      'Cannot write a PNG: data must have 6 bytes (2×1 pixels of 3), got 5',
    ],
    [{ data: [0] }, 'Cannot write a PNG: data must be a Uint8Array, got [0]'],
  ])('%o', (part, message) => {
    expect(() => encodePng({ ...good, ...part } as Picture)).toThrow(message);
  });
});
