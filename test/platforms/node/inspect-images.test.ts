import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { adviceOn as sentencesOn } from '../../../src/io/picture-advice.ts';
import { encodePng } from '../../../src/io/png.ts';
import {
  type InspectImagesOptions,
  inspectImages,
} from '../../../src/platforms/node/inspect-images.ts';
import { jpegNamed } from '../../io/golden-pictures.ts';
import { folderOf, plain } from './folder-of.ts';

/** Noise, another for each seed. */
function noise(width: number, height: number, channels: 1 | 3, seed: number): Uint8Array {
  const random = new Random(seed);
  const data = new Uint8Array(width * height * channels).map(() => random.integer(256));
  return encodePng({ width, height, channels, data });
}

/** So many pictures of noise. */
function many(count: number, width: number, height: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${i}.png`, noise(width, height, 3, i)]),
  );
}

async function adviceOn(
  files: Record<string, Uint8Array | string>,
  options: InspectImagesOptions = {},
): Promise<readonly string[]> {
  return (await inspectImages(await folderOf(files), options)).advice;
}

describe('inspectImages', () => {
  test('counts kinds, sizes, colors, copies, empty and unusable files', async () => {
    const folder = await folderOf({
      'a.png': noise(5, 4, 3, 1),
      'b.png': noise(5, 4, 3, 1),
      'c.png': noise(6, 4, 1, 2),
      'd.jpg': jpegNamed('orientation 6'),
      'e.png': plain(5, 4, 200, 200, 200, 255),
      'f.png': plain(5, 4, 90, 20, 30, 128),
      'g.jpg': jpegNamed('33×40, 4:2:0, baseline').subarray(0, 300),
      'h.webp': 'RIFF....WEBPVP8 ',
    });
    const at = (name: string): string => join(folder, name);
    const { unusable, ...rest } = await inspectImages(folder);
    expect(rest).toEqual({
      advice: expect.any(Array) as string[],
      count: 6,
      formats: { PNG: 5, JPEG: 1 },
      sizes: [
        { width: 5, height: 4, count: 4 },
        { width: 6, height: 4, count: 1 },
        { width: 6, height: 11, count: 1 },
      ],
      modes: { gray: 2, color: 4, transparent: 1 },
      duplicates: [[at('a.png'), at('b.png')]],
      nearEmpty: [at('e.png'), at('f.png')],
    });
    expect(unusable.map(({ file }) => file)).toEqual([at('g.jpg'), at('h.webp')]);
    expect(unusable[0]?.error.message).toContain('the file is truncated');
    expect(unusable[1]?.error.message).toContain('got a WebP');
  });

  test('finds the same pixels in files of two kinds', async () => {
    const data = new Uint8Array(12).map((_, i) => 20 * i);
    const gray = encodePng({ width: 4, height: 3, channels: 1, data });
    const color = encodePng({
      width: 4,
      height: 3,
      channels: 3,
      data: new Uint8Array(36).map((_, i) => 20 * Math.floor(i / 3)),
    });
    const turned = encodePng({ width: 3, height: 4, channels: 1, data });
    const folder = await folderOf({ 'a.png': gray, 'b.png': color, 'c.png': turned });
    expect((await inspectImages(folder)).duplicates).toEqual([
      [join(folder, 'a.png'), join(folder, 'b.png')],
    ]);
  });

  test('advises nothing on classes and counts of a part of the files', async () => {
    const files = Object.fromEntries(
      ['cat', 'dog'].flatMap((name) =>
        [0, 1, 2].map((i) => [`${name}/${i}.png`, noise(8, 8, 3, i + name.charCodeAt(0))]),
      ),
    );
    const options = { labels: 'subfolders', imageShape: [8, 8, 3] } as const;
    expect(await adviceOn(files, { ...options, limit: 3 })).toEqual([]);
    expect((await adviceOn(files, options)).join(' ')).toContain('6 pictures are few');
  });

  test('counts the pictures of each class', async () => {
    const folder = await folderOf({
      'cat/1.png': noise(4, 4, 3, 1),
      'dog/1.png': noise(4, 4, 3, 2),
      'dog/2.png': 'bad',
    });
    const { classes, count } = await inspectImages(folder, { labels: 'subfolders' });
    expect([classes, count]).toEqual([{ cat: 1, dog: 1 }, 2]);
  });

  test('has nothing to say of a set without faults', async () => {
    const folder = await folderOf(many(2, 4, 4));
    const { unusable, advice, ...survey } = await inspectImages(folder, { imageShape: [4, 4, 3] });
    expect(advice).toHaveLength(1);
    // But that it is small.
    const large = { ...survey, count: 1000, unusable: unusable.length };
    expect(sentencesOn({ ...large, imageShape: [4, 4, 3] })).toEqual([]);
  });

  test.each<[string, Record<string, Uint8Array | string>, InspectImagesOptions, string]>([
    [
      'unusable files',
      { ...many(2, 4, 4), 'x.png': 'text' },
      {},
      "1 of 3 files cannot be used: repair or remove them, or pass onError: 'skip'.",
    ],
    [
      'sizes',
      { ...many(2, 40, 40), 'x.png': noise(36, 40, 3, 9) },
      {},
      'The pictures have 2 sizes, with sides from 36 pixels on: pass resize: true, with imageShape [32, 32, 3] for example.',
    ],
    [
      'one other size',
      many(2, 70, 66),
      {},
      'All pictures have 70×66 pixels (width×height): pass resize: true, with imageShape [64, 64, 3] for example.',
    ],
    [
      'wide and high ones',
      { 'a.png': noise(20, 40, 3, 1), 'b.png': noise(40, 20, 3, 1) },
      {},
      "resize: { fit: 'contain' } keeps wide and high ones whole, resize: true cuts them to the middle",
    ],
    [
      'small ones',
      { ...many(2, 40, 40), 'x.png': noise(20, 30, 3, 9) },
      { imageShape: [32, 32, 3] },
      '1 of 3 pictures is smaller than 32×32 and would be enlarged',
    ],
    [
      'gray ones',
      { 'a.png': noise(4, 4, 1, 1) },
      { imageShape: [4, 4, 3] },
      'All pictures are gray: 1 channel in imageShape trains faster than 3.',
    ],
    [
      'gray among color',
      { ...many(2, 4, 4), 'x.png': noise(4, 4, 1, 9) },
      {},
      '1 of 3 pictures is gray among ones in color',
    ],
    [
      'opacity',
      { 'a.png': plain(4, 4, 1, 2, 3, 9) },
      {},
      '1 of 1 picture is partly transparent: background shows through',
    ],
    [
      'copies',
      { ...many(2, 4, 4), 'x.png': noise(4, 4, 3, 0) },
      {},
      '1 of 3 pictures is a copy, such as ',
    ],
    [
      'empty ones',
      { ...many(2, 4, 4), 'x.png': plain(4, 4, 8, 9, 7) },
      {},
      '1 of 3 pictures is nearly a single color: ',
    ],
    [
      'few',
      many(2, 4, 4),
      {},
      '2 pictures are few: below about 1000, generators repeat what they were shown.',
    ],
    ['a single one', many(1, 4, 4), {}, '1 picture is few'],
    [
      'much memory',
      many(2, 4, 4),
      { imageShape: [20000, 20000, 3] },
      'At [20000, 20000, 3] they take 2.2 GiB of memory: pass onDemand: true.',
    ],
  ])('advises on %s', async (_, files, options, sentence) => {
    expect((await adviceOn(files, options)).join('\n')).toContain(sentence);
  });

  test('advises on classes of very different sizes', async () => {
    const dogs = Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`dog/${i}.png`, noise(4, 4, 3, i)]),
    );
    const advice = await adviceOn(
      { ...dogs, 'cat/1.png': noise(4, 4, 3, 99) },
      { labels: 'subfolders' },
    );
    expect(advice.join('\n')).toContain("Class 'cat' has 1 picture and 'dog' 11");
  });

  test('does not advise a channel of opacity, or of gray, that is already requested', async () => {
    const advice = await adviceOn({ 'a.png': plain(4, 4, 9, 9, 9, 7) }, { imageShape: [4, 4, 4] });
    expect(advice.join('\n')).not.toContain('partly transparent');
  });

  test('says nothing of a folder in which nothing can be used', async () => {
    const folder = await folderOf({ 'a.png': 'text' });
    const { count, unusable, advice } = await inspectImages(folder);
    expect([count, unusable.length, advice]).toEqual([
      0,
      1,
      ['The file cannot be used: unusable says why.'],
    ]);
  });

  test.each<[string, Record<string, string>, InspectImagesOptions, string]>([
    ['an empty folder', {}, {}, 'it must hold PNG or JPEG files, got none'],
    ['an unknown option', {}, { resize: true } as never, "limit, got 'resize'"],
    [
      'other labels',
      {},
      { labels: 'names' as never },
      "labels must be one of 'none', 'subfolders'",
    ],
    [
      'a shape of two sides',
      {},
      { imageShape: [4, 4] as never },
      'imageShape must be [height, width, 1, 3 or 4], got [4, 4]',
    ],
    ['no limit at all', {}, { limit: 0 }, 'limit must be a positive integer, got 0'],
  ])('refuses %s', async (_, files, options, message) => {
    const folder = await folderOf(files);
    await expect(inspectImages(folder, options)).rejects.toThrow(
      `Cannot inspect the images of '${folder}': `,
    );
    await expect(inspectImages(folder, options)).rejects.toThrow(message);
  });
});
