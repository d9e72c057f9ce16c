import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../../src/core/errors.ts';
import { decodeJpeg } from '../../../src/io/jpeg/jpeg.ts';
import { bytesOf, goldenPictures, jpegNamed, summaryOf } from '../golden-pictures.ts';

const readable = goldenPictures.jpegs.filter(({ name }) => name !== 'arithmetic');

/** A file with some of its bytes replaced, and perhaps cut. */
const damaged = fc
  .record({
    which: fc.nat(readable.length - 1),
    changes: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 4 }),
    cut: fc.option(fc.nat()),
  })
  .map(({ which, changes, cut }) => {
    const bytes = bytesOf(readable[which]?.file ?? '');
    for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
    return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
  });

describe('decodeJpeg', () => {
  test.each(readable)(
    'reads the pixels of Pillow, bit-for-bit: $name',
    ({ name, file, ...wanted }) => {
      expect(summaryOf(decodeJpeg(bytesOf(file)))).toEqual(wanted);
      expect(name).not.toBe('');
    },
  );

  test('reads a window into a larger buffer', () => {
    const bytes = jpegNamed('restarts');
    const window = new Uint8Array(bytes.length + 5).subarray(5);
    window.set(bytes);
    expect(decodeJpeg(window)).toEqual(decodeJpeg(bytes));
  });

  test('reads or refuses damaged files with a DataFormatError, nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          const { width, height, channels, data } = decodeJpeg(bytes);
          expect(data).toHaveLength(width * height * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(DataFormatError);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test.each([
    '33×40, 4:2:0, baseline',
    '33×40, 4:2:0, progressive',
    'restarts',
    'gray, progressive',
  ])('refuses a file cut short anywhere: %s', (name) => {
    const bytes = jpegNamed(name);
    // Without the marker of the end all pixels may still be there.
    for (let length = 3; length < bytes.length - 8; length += 7) {
      expect(() => decodeJpeg(bytes.subarray(0, length))).toThrow(/the file is truncated/);
    }
  });

  test('reads a file that lacks nothing but the marker of its end', () => {
    const bytes = jpegNamed('33×40, 4:2:0, progressive');
    expect(decodeJpeg(bytes.subarray(0, bytes.length - 2))).toEqual(decodeJpeg(bytes));
  });

  test('ignores what follows the end', () => {
    const bytes = jpegNamed('gray, baseline');
    expect(decodeJpeg(Uint8Array.from([...bytes, 0, 255, 216, 1]))).toEqual(decodeJpeg(bytes));
  });

  test('refuses four inks and says how to convert them', () => {
    expect(() => decodeJpeg(bytesOf(goldenPictures.cmyk))).toThrow(
      'Cannot read the JPEG: its colors must be gray or RGB, got four inks (CMYK), as for print. ' +
        'Convert it, for example with ImageMagick: magick mogrify -colorspace sRGB FILE',
    );
  });

  /** The header with other bytes: precision, height, width and what follows. */
  const withHeader = (change: (header: Uint8Array) => void): Uint8Array => {
    const bytes = jpegNamed('8×8, 4:4:4, baseline');
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    change(bytes.subarray(at));
    return bytes;
  };
  test.each([
    [
      'arithmetic coding',
      jpegNamed('arithmetic'),
      'must be baseline or progressive, got a arithmetic',
    ],
    [
      'no JPEG',
      new Uint8Array([1, 2, 3]),
      'do not begin as a JPEG does. The file has another format',
    ],
    ['nothing', new Uint8Array(0), 'do not begin as a JPEG does'],
    ['12 bits', withHeader((header) => (header[4] = 12)), 'its samples must have 8 bits, got 12'],
    ['no rows', withHeader((header) => header.set([0, 0], 5)), 'it must have pixels, got 8×0'],
    [
      'more pixels than it can hold',
      withHeader((header) => header.set([255, 255, 255, 255], 5)),
      'the header states 65535×65535 pixels, more than it can contain',
    ],
    [
      'two components',
      withHeader((header) => (header[9] = 2)),
      'it must have 1 or 3 components, got 2',
    ],
    ['sampling by no factor', withHeader((header) => (header[11] = 0)), 'a sampling factor is not'],
    [
      'sampling by 3 and 2',
      withHeader((header) => header.set([0x31, 0, 2, 0x21], 11)),
      'a whole number',
    ],
    [
      'two components of one number',
      withHeader((header) => (header[13] = header[10]!)),
      'two components have one number',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeJpeg(bytes)).toThrow(message);
  });

  test('refuses what is no bytes', () => {
    expect(() => decodeJpeg('photo.jpg' as unknown as Uint8Array)).toThrow(
      "Cannot read the JPEG: bytes must be a Uint8Array, got 'photo.jpg'",
    );
  });

  test('reads no more scans than a file in use has', () => {
    const bytes = jpegNamed('8×8, 4:4:4, baseline');
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xda);
    // Each of these scans only repeats the first; it would be read again and again.
    const scan = bytes.subarray(at, bytes.length - 2);
    expect(() => decodeJpeg(Uint8Array.from([...bytes.subarray(0, -2), ...scan]))).toThrow(
      'its scans do not follow each other',
    );
  });
});
