import { describe, expect, test } from 'vitest';
import { imageGrid } from '../../src/io/image-grid.ts';

/** The rows of a gray picture. */
function rows({ data, width, channels }: ReturnType<typeof imageGrid>): number[][] {
  const stride = width * channels;
  return Array.from({ length: data.length / stride }, (_, y) => [
    ...data.subarray(y * stride, (y + 1) * stride),
  ]);
}

describe('imageGrid', () => {
  test('lays images out row by row, with the background between and around', () => {
    // Three images of 1×2 pixels: black-white, white-black, gray-gray.
    const grid = imageGrid([-1, 1, 1, -1, 0, 0], [3, 1, 2, 1], { columns: 2, padding: 1 });
    expect(grid.channels).toBe(1);
    expect(rows(grid)).toEqual([
      [128, 128, 128, 128, 128, 128, 128],
      [128, 0, 255, 128, 255, 0, 128],
      [128, 128, 128, 128, 128, 128, 128],
      [128, 128, 128, 128, 128, 128, 128].map((gray, i) => (i === 1 || i === 2 ? 128 : gray)),
      [128, 128, 128, 128, 128, 128, 128],
    ]);
  });

  test('draws each pixel scale × scale', () => {
    const grid = imageGrid([-1, 1, 0.2, -0.2], [1, 2, 2, 1], { padding: 0, scale: 2 });
    expect(rows(grid)).toEqual([
      [0, 0, 255, 255],
      [0, 0, 255, 255],
      [153, 153, 102, 102],
      [153, 153, 102, 102],
    ]);
  });

  test('keeps the channels of color apart', () => {
    const grid = imageGrid([0, 0.5, 1, 1, 0, 0], [2, 1, 1, 3], {
      padding: 0,
      valueRange: [0, 1],
      columns: 2,
    });
    expect([grid.width, grid.height, grid.channels]).toEqual([2, 1, 3]);
    expect([...grid.data]).toEqual([0, 128, 255, 255, 0, 0]);
  });

  test('becomes a color picture on a colored background', () => {
    const grid = imageGrid([1], [1, 1, 1, 1], { padding: 1, background: [10, 20, 30] });
    expect(grid.channels).toBe(3);
    expect([...grid.data.subarray(0, 3)]).toEqual([10, 20, 30]);
    expect([...grid.data.subarray(12, 15)]).toEqual([255, 255, 255]);
  });

  test('gives back the bytes that were scaled to −1…1', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const values = Float32Array.from(bytes, (byte) => -1 + byte * (2 / 255));
    const grid = imageGrid(values, [1, 16, 16, 1], { padding: 0 });
    expect(grid.data).toEqual(bytes);
  });

  test('clips what lies outside the range, infinity too', () => {
    const grid = imageGrid([-7, 7, -Infinity, Infinity], [1, 1, 4, 1], { padding: 0 });
    expect([...grid.data]).toEqual([0, 255, 0, 255]);
  });

  test('is nearly square unless told otherwise, and no wider than its images', () => {
    const size = (batch: number, columns?: number): number[] => {
      const { width, height } = imageGrid(new Float32Array(batch), [batch, 1, 1, 1], {
        padding: 0,
        columns,
      });
      return [width, height];
    };
    expect(size(64)).toEqual([8, 8]);
    expect(size(10)).toEqual([4, 3]);
    expect(size(3, 10)).toEqual([3, 1]);
  });

  test.each([
    [
      [0],
      [1, 1, 1],
      {},
      'the images must have the shape [batch, height, width, 1 or 3], got [1, 1, 1]',
    ],
    [
      [0, 0],
      [1, 1, 1, 2],
      {},
      'the images must have the shape [batch, height, width, 1 or 3], got [1, 1, 1, 2]',
    ],
    [
      [],
      [0, 1, 1, 1],
      {},
      'the images must have the shape [batch, height, width, 1 or 3], got [0, 1, 1, 1]',
    ],
    [[0], [2, 1, 1, 1], {}, 'values must fill the shape [2, 1, 1, 1], got 1 numbers'],
    [[0, NaN], [2, 1, 1, 1], {}, 'all values must be numbers, got NaN in image 1'],
    [[0], [1, 1, 1, 1], { columns: 0 }, 'columns must be a positive integer, got 0'],
    [[0], [1, 1, 1, 1], { padding: -1 }, 'padding must be an integer of at least 0, got -1'],
    [[0], [1, 1, 1, 1], { scale: 1.5 }, 'scale must be a positive integer, got 1.5'],
    [
      [0],
      [1, 1, 1, 1],
      { background: 300 },
      'background must be a gray from 0 to 255 or [red, green, blue], got 300',
    ],
    [
      [0],
      [1, 1, 1, 1],
      { valueRange: [1, 1] as const },
      'valueRange must be two finite numbers, the lower first, got [1, 1]',
    ],
  ])('refuses %j of %j with %j', (values, shape, options, message) => {
    expect(() => imageGrid(values, shape, options)).toThrow(
      `Cannot draw an image grid: ${message}`,
    );
  });
});
