import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Picture } from '../../src/io/picture.ts';
import { resizePicture as resizeBy } from '../../src/io/resize-picture.ts';

const gray = (width: number, height: number, data: readonly number[]): Picture => ({
  width,
  height,
  channels: 1,
  data: new Uint8Array(data),
});

/** To cover the size, by the default filter. */
const resizePicture = (picture: Picture, width: number, height: number): Picture =>
  resizeBy(picture, { width, height }, { fit: 'cover', filter: 'bilinear', background: 255 });

describe('resizePicture', () => {
  test('returns the requested size and keeps one color one color', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
        const data = new Uint8Array(width * height * 3).map((_, i) => [10, 150, 255][i % 3] ?? 0);
        const resized = resizePicture({ width, height, channels: 3, data }, toWidth, toHeight);
        expect([resized.width, resized.height]).toEqual([toWidth, toHeight]);
        expect(resized.data).toHaveLength(toWidth * toHeight * 3);
        expect(resized.data.every((byte, i) => byte === [10, 150, 255][i % 3])).toBe(true);
      }),
    );
  });

  test('enlarges linearly between the centers of pixels', () => {
    // Centers of the result lie at −0.25, 0.25, 0.75, 1.25 of the original.
    expect([...resizePicture(gray(2, 2, [0, 200, 0, 200]), 4, 4).data.subarray(0, 4)]).toEqual([
      0, 50, 150, 200,
    ]);
  });

  test('shrinks by a triangle that reaches one step to both sides', () => {
    // By hand: weights ¼ ¾ ¾ ¼ around 0.5, 2.5, 4.5, 6.5; at the border the outer ¼ falls away.
    const row = [0, 10, 20, 30, 40, 50, 60, 70];
    const picture = gray(8, 8, Array.from({ length: 8 }, () => row).flat());
    expect([...resizePicture(picture, 4, 4).data.subarray(0, 4)]).toEqual([7, 25, 45, 63]);
  });

  test('turns a fine pattern gray if picking pixels would alias', () => {
    const stripes = gray(
      8,
      8,
      Array.from({ length: 64 }, (_, i) => (i % 2) * 200),
    );
    const middle = resizePicture(stripes, 4, 4).data.subarray(1, 3);
    for (const byte of middle) expect(byte).toBe(100);
  });

  test('cuts the longer side evenly', () => {
    // [0 0 | 9 9 9 9 | 0 0] wide: the middle stays.
    const wide = gray(
      8,
      4,
      Array.from({ length: 32 }, (_, i) => ([2, 3, 4, 5].includes(i % 8) ? 9 : 0)),
    );
    expect([...resizePicture(wide, 4, 4).data]).toEqual(new Array(16).fill(9));
  });

  test('leaves a picture of the right size alone', () => {
    const picture = gray(2, 1, [1, 2]);
    expect(resizePicture(picture, 2, 1)).toBe(picture);
  });
});
