import { describe, expect, test } from 'vitest';
import { convertPicture } from '../../src/io/convert-picture.ts';
import type { Picture } from '../../src/io/picture.ts';

const pixel = (channels: Picture['channels'], ...data: number[]): Picture => ({
  width: 1,
  height: 1,
  channels,
  data: new Uint8Array(data),
});

describe('convertPicture', () => {
  test.each([
    ['gray to color repeats it', pixel(1, 77), 3, 0, [77, 77, 77]],
    ['red to gray weighs it 0.299', pixel(3, 255, 0, 0), 1, 0, [76]],
    ['green to gray weighs it 0.587', pixel(3, 0, 255, 0), 1, 0, [150]],
    ['blue to gray weighs it 0.114', pixel(3, 0, 0, 255), 1, 0, [29]],
    ['white stays white', pixel(3, 255, 255, 255), 1, 0, [255]],
    ['opacity lets the background through', pixel(4, 200, 100, 0, 51), 3, 255, [244, 224, 204]],
    ['nothing opaque gives the background', pixel(4, 9, 9, 9, 0), 3, [1, 2, 3] as const, [1, 2, 3]],
    ['opaque pixels hide the background', pixel(4, 9, 8, 7, 255), 3, 128, [9, 8, 7]],
    ['opacity counts before gray', pixel(4, 0, 0, 0, 0), 1, 255, [255]],
  ] as const)('%s', (_, picture, channels, background, wanted) => {
    const converted = convertPicture(picture, channels, background);
    expect(converted.channels).toBe(channels);
    expect([...converted.data]).toEqual(wanted);
  });
});
