import { describe, expect, test } from 'vitest';
import { convertPicture } from '../../src/io/convert-picture.ts';
import { decodePng } from '../../src/io/png.ts';
import type { Picture } from '../../src/io/picture.ts';
import { resizePicture, type ResizePlan } from '../../src/io/resize-picture.ts';
import { bytesOf, goldenPictures, summaryOf } from './golden-pictures.ts';

/** The same pixels as in the script. */
function formula(width: number, height: number, channels: Picture['channels']): Picture {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i += 1) {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    data[i] = (x * x * 7 + y * 13 * (c + 1) + x * y * (c + 2)) % 256;
  }
  return { width, height, channels, data };
}

describe('resizePicture gives the pixels of Pillow', () => {
  test.each(goldenPictures.resized)('$fit, $filter, $channels channels, $from to $to', (golden) => {
    const { fit, filter, channels, from, to, pixels } = golden;
    const [width = 0, height = 0] = to;
    const source = formula(from[0] ?? 0, from[1] ?? 0, channels as Picture['channels']);
    const plan = { fit, filter } as ResizePlan;
    const { data } = resizePicture(source, { width, height }, { ...plan, background: 0 });
    const wanted = bytesOf(pixels);
    expect(data).toEqual(wanted);
  });
});

test('decodePng reads what Pillow writes', () => {
  const read = goldenPictures.pngs.map(({ name, file }) => ({
    name,
    ...summaryOf(decodePng(bytesOf(file))),
  }));
  expect(read).toEqual(goldenPictures.pngs.map(({ file: _, ...wanted }) => wanted));
});

test('convertPicture returns the grays of Pillow', () => {
  const { colors, gray } = goldenPictures;
  const data = Uint8Array.from(colors.flat());
  const picture: Picture = { width: colors.length, height: 1, channels: 3, data };
  expect([...convertPicture(picture, 1, 0).data]).toEqual(gray);
});
