import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DataFormatError } from '../../../src/core/errors.ts';
import { decodeJpeg } from '../../../src/io/jpeg/jpeg.ts';
import type { ImageFolderOptions } from '../../../src/platforms/pictures/image-folder.ts';
import { imageFolder } from '../../../src/platforms/node/image-folder.ts';
import { datasetContract, labelsOf, valuesOf } from '../../data/dataset-contract.ts';
import { bytesOf, goldenPictures, jpegNamed } from '../../io/golden-pictures.ts';
import { folderOf, plain } from './folder-of.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const gray = { imageShape: [1, 1, 1] } as const;

describe('imageFolder', () => {
  datasetContract(
    async () => {
      const names = Array.from({ length: 10 }, (_, i) => `${i % 3}/${i}.png`);
      const folder = await folderOf(
        Object.fromEntries(names.map((name, i) => [name, plain(2, 2, i * 20)])),
      );
      return imageFolder(folder, { imageShape: [2, 2, 1], labels: 'subfolders' });
    },
    ([first = NaN]) => Math.round(((first + 1) * 127.5) / 20) % 3,
  );

  test('takes PNG files in the order of their names, and nothing else', async () => {
    const folder = await folderOf({
      'b.png': plain(1, 1, 51),
      'B.PNG': plain(1, 1, 0),
      'a10.png': plain(1, 1, 204),
      'a2.png': plain(1, 1, 255),
      'notes.txt': 'not an image',
      '.hidden.png': 'not an image',
      'more/c.png': plain(1, 1, 9),
    });
    const dataset = await imageFolder(folder, { ...gray, valueRange: [0, 255] });
    expect(await valuesOf(dataset, { batchSize: 4 })).toEqual([[0, 204, 255, 51]]);
    expect([dataset.sampleShape, dataset.classes, dataset.classNames]).toEqual([
      [1, 1, 1],
      undefined,
      undefined,
    ]);
  });

  test('numbers subfolders as classes, linked ones too', async () => {
    const folder = await folderOf({
      'dog/1.png': plain(1, 1, 1),
      'cat/1.png': plain(1, 1, 2),
      'cat/2.png': plain(1, 1, 3),
    });
    await symlink(join(folder, 'dog'), join(folder, 'wolf'));
    const dataset = await imageFolder(folder, {
      ...gray,
      labels: 'subfolders',
      valueRange: [0, 255],
    });
    expect([dataset.classNames, dataset.classes]).toEqual([['cat', 'dog', 'wolf'], 3]);
    expect(await labelsOf(dataset, { batchSize: 4 })).toEqual([[0, 0, 1, 2]]);
    expect(await valuesOf(dataset, { batchSize: 4 })).toEqual([[2, 3, 1, 1]]);
  });

  test.each([
    ['gray to color', plain(1, 1, 77), 3, {}, [77, 77, 77]],
    ['color to gray', plain(1, 1, 255, 0, 0), 1, {}, [76]],
    ['transparency onto white', plain(1, 1, 9, 9, 9, 0), 3, {}, [255, 255, 255]],
    ['transparency onto a color', plain(1, 1, 9, 9, 9, 0), 3, { background: [1, 2, 3] }, [1, 2, 3]],
  ] as const)('brings %s', async (_, png, channels, options, wanted) => {
    const folder = await folderOf({ 'a.png': png });
    const dataset = await imageFolder(folder, {
      imageShape: [1, 1, channels],
      valueRange: [0, 255],
      ...options,
    });
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([wanted]);
  });

  test('scales other sizes on request', async () => {
    const folder = await folderOf({ 'a.png': plain(9, 5, 10, 20, 30), 'b.png': plain(2, 7, 40) });
    const dataset = await imageFolder(folder, {
      imageShape: [3, 2, 3],
      resize: true,
      valueRange: [0, 255],
    });
    const [values = []] = await valuesOf(dataset, { batchSize: 2 });
    const pixels = [
      ...new Array<number[]>(6).fill([10, 20, 30]),
      ...new Array<number[]>(6).fill([40, 40, 40]),
    ];
    expect(values).toEqual(pixels.flat());
  });

  test('reads JPEG files among PNG files, and each by its bytes rather than its name', async () => {
    const folder = await folderOf({
      'a.jpeg': jpegNamed('8×8, 4:2:0, progressive'),
      'b.png': jpegNamed('8×8, 4:2:0, progressive'),
      'c.JPG': plain(8, 8, 9, 9, 9),
    });
    const dataset = await imageFolder(folder, { imageShape: [8, 8, 3], valueRange: [0, 255] });
    const [[...values] = []] = await valuesOf(dataset, { batchSize: 3 });
    const pixels = [...decodeJpeg(jpegNamed('8×8, 4:2:0, progressive')).data];
    expect(values).toEqual([...pixels, ...pixels, ...new Array<number>(192).fill(9)]);
  });

  test('turns photographs upright before it looks at their size', async () => {
    const folder = await folderOf({ 'a.jpg': jpegNamed('orientation 6') });
    const dataset = await imageFolder(folder, { imageShape: [11, 6, 3] });
    expect(dataset.size).toBe(1);
  });

  test('keeps opacity as a fourth channel, whatever the files have', async () => {
    const folder = await folderOf({
      'a.png': plain(1, 1, 9, 8, 7, 60),
      'b.png': plain(1, 1, 9, 8, 7),
      'c.png': plain(1, 1, 50),
    });
    const dataset = await imageFolder(folder, { imageShape: [1, 1, 4], valueRange: [0, 255] });
    expect(await valuesOf(dataset, { batchSize: 3 })).toEqual([
      [...[9, 8, 7, 60], ...[9, 8, 7, 255], ...[50, 50, 50, 255]],
    ]);
  });

  test.each([
    [{ fit: 'contain' }, 3, [...[1, 2, 3], ...[40, 50, 60], ...[40, 50, 60], ...[1, 2, 3]]],
    [
      { fit: 'contain' },
      4,
      [...[0, 0, 0, 0], ...[40, 50, 60, 255], ...[40, 50, 60, 255], ...[0, 0, 0, 0]],
    ],
    [{ fit: 'stretch', filter: 'nearest' }, 3, new Array<number[]>(4).fill([40, 50, 60]).flat()],
  ] as const)('resizes by %o to %i channels', async (resize, channels, wanted) => {
    const folder = await folderOf({ 'a.png': plain(4, 2, 40, 50, 60) });
    const dataset = await imageFolder(folder, {
      imageShape: [1, 4, channels],
      resize,
      background: [1, 2, 3],
      valueRange: [0, 255],
    });
    // A picture of 4×2 pixels fits into 4×1 as 2×1.
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([wanted]);
  });

  test('cuts parts that keep the classes', async () => {
    const folder = await folderOf({
      'cat/1.png': plain(1, 1, 1),
      'dog/1.png': plain(1, 1, 2),
      'dog/2.png': plain(1, 1, 3),
    });
    for (const onDemand of [false, true]) {
      const all = await imageFolder(folder, {
        ...gray,
        labels: 'subfolders',
        valueRange: [0, 255],
        onDemand,
      });
      const part = all.slice(1).slice(-2, -1);
      expect([part.size, part.classNames, part.classCounts]).toEqual([1, ['cat', 'dog'], [0, 1]]);
      expect(await valuesOf(part, { batchSize: 1 })).toEqual([[2]]);
      expect(await labelsOf(part, { batchSize: 1 })).toEqual([[1]]);
    }
  });

  test('takes as many as limit says', async () => {
    const folder = await folderOf({ 'a.png': plain(1, 1, 1), 'b.png': plain(1, 1, 2) });
    expect((await imageFolder(folder, { ...gray, limit: 1 })).size).toBe(1);
  });

  test('names the file of another size, and the cure', async () => {
    const folder = await folderOf({ 'a.png': plain(1, 1, 1), 'b.png': plain(3, 2, 1) });
    await expect(imageFolder(folder, gray)).rejects.toThrow(
      `Cannot read the images of '${folder}': '${join(folder, 'b.png')}' must have the 1×1 pixels of ` +
        'imageShape (height×width), got 2×3. Pass resize: true to scale and crop it',
    );
  });

  test('names the file that is damaged', async () => {
    const folder = await folderOf({ 'a.png': plain(4, 4, 1).subarray(0, 50) });
    await expect(imageFolder(folder, gray)).rejects.toThrow(DataFormatError);
    await expect(imageFolder(folder, gray)).rejects.toThrow(
      `'${join(folder, 'a.png')}' must be a valid picture. Cannot read the PNG: the file is damaged (`,
    );
  });

  test.each([
    [
      'a photograph cut short',
      'a.jpg',
      jpegNamed('33×40, 4:2:0, baseline').subarray(0, 400),
      'Cannot read the JPEG: the file is truncated',
    ],
    [
      'four inks',
      'a.jpg',
      bytesOf(goldenPictures.cmyk),
      'Cannot read the JPEG: its colors must be gray or RGB, got four inks (CMYK)',
    ],
    [
      'a text',
      'a.png',
      'my holiday',
      'Cannot read the picture: it must be a PNG or a JPEG, got a text',
    ],
    [
      'nothing',
      'a.png',
      '',
      'Cannot read the picture: it must be a PNG or a JPEG, got an empty file',
    ],
    [
      'a WebP',
      'a.jpg',
      'RIFF....WEBPVP8 ',
      'Cannot read the picture: it must be a PNG or a JPEG, got a WebP',
    ],
    [
      'a web page',
      'a.jpg',
      '<!doctype html>',
      'Cannot read the picture: it must be a PNG or a JPEG, got a web page',
    ],
  ])('names the file that is %s', async (_, name, content, message) => {
    const folder = await folderOf({ [name]: content });
    const file = join(folder, name);
    const refusal = `Cannot read the images of '${folder}': '${file}' must be a valid picture. ${message}`;
    await expect(imageFolder(folder, { ...gray, resize: true })).rejects.toThrow(refusal);
    // On demand, when its turn comes.
    const dataset = await imageFolder(folder, { ...gray, resize: true, onDemand: true });
    await expect(valuesOf(dataset, { batchSize: 1 })).rejects.toThrow(refusal);
  });

  test('names the file that cannot be read', async () => {
    const folder = await folderOf({ 'a.png': plain(1, 1, 1) });
    const dataset = await imageFolder(folder, { ...gray, onDemand: true });
    await rm(join(folder, 'a.png'));
    await expect(valuesOf(dataset, { batchSize: 1 })).rejects.toThrow(
      `Cannot read the images of '${folder}': '${join(folder, 'a.png')}' must be readable, got no such file`,
    );
  });

  test('skips what cannot be used on request, and says what and why', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    const folder = await folderOf({
      'a.png': plain(1, 1, 10),
      'b.png': plain(1, 1, 20).subarray(0, 50),
      'c.jpg': 'a photo',
      'd.png': plain(3, 2, 30),
      'e.png/no.txt': 'a folder with that name',
      'f.png': plain(1, 1, 40),
    });
    const dataset = await imageFolder(folder, { ...gray, valueRange: [0, 255], onError: 'skip' });
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[10, 40]]);
    expect(dataset.size).toBe(2);
    const [b, c, d] = ['b.png', 'c.jpg', 'd.png'].map((name) => join(folder, name));
    expect(dataset.skipped.map(({ file }) => file)).toEqual([b, c, d]);
    const reasons = dataset.skipped.map(({ error }) => error.message);
    expect(reasons[0]).toContain(
      `'${b}' must be a valid picture. Cannot read the PNG: the file is`,
    );
    expect(reasons[1]).toContain(
      `'${c}' must be a valid picture. Cannot read the picture: it must be a PNG or a JPEG, got a text`,
    );
    expect(reasons[2]).toContain(`'${d}' must have the 1×1 pixels of imageShape`);
    expect(warn.mock.calls).toEqual([
      [
        `tfjs-gan: skipped 3 of 5 images of '${folder}': '${b}', '${c}', '${d}'. ` +
          `The first: ${reasons[0]}`,
      ],
    ]);
  });

  test('keeps labels and limit to the images that it takes', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    const bad = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`cat/${i}.png`, 'bad']));
    const folder = await folderOf({
      ...bad,
      'cat/9.png': plain(1, 1, 1),
      'dog/1.png': plain(1, 1, 2),
      'dog/2.png': plain(1, 1, 3),
    });
    const options = { ...gray, labels: 'subfolders', limit: 2, valueRange: [0, 255] } as const;
    const dataset = await imageFolder(folder, { ...options, onError: 'skip' });
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[1, 2]]);
    expect(await labelsOf(dataset, { batchSize: 2 })).toEqual([[0, 1]]);
    expect(warn.mock.calls[0]?.[0]).toContain(`'${join(folder, 'cat/4.png')}', 2 more. `);
  });

  test('lists nothing and warns of nothing if all is well', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    const folder = await folderOf({ 'a.png': plain(1, 1, 1) });
    expect((await imageFolder(folder, { ...gray, onError: 'skip' })).skipped).toEqual([]);
    expect((await imageFolder(folder, gray)).skipped).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('refuses a folder of which it would skip all', async () => {
    const folder = await folderOf({ 'a.png': 'bad', 'b.png': 'bad' });
    await expect(imageFolder(folder, { ...gray, onError: 'skip' })).rejects.toThrow(
      `Cannot read the images of '${folder}': at least one image must be usable, got none of 2. ` +
        `Cannot read the images of '${folder}': '${join(folder, 'a.png')}' must be a valid picture`,
    );
  });

  test.each([
    ['a folder without images', { 'a.txt': '' }, {}, 'it must hold PNG or JPEG files, got none'],
    [
      'images one level down',
      { 'cat/a.png': plain(1, 1, 1) },
      {},
      "it must hold PNG or JPEG files, got none. Pass labels: 'subfolders' for those in its subfolders",
    ],
    [
      'no subfolders',
      { 'a.png': plain(1, 1, 1) },
      { labels: 'subfolders' },
      'its subfolders must hold PNG or JPEG files, got no subfolder',
    ],
    [
      'an empty class',
      { 'cat/a.png': plain(1, 1, 1), 'dog/a.txt': '' },
      { labels: 'subfolders' },
      "its subfolders must hold PNG or JPEG files, got none in 'dog'",
    ],
    [
      'other kinds of image',
      { 'a.png': plain(1, 1, 1), 'b.WEBP': '' },
      {},
      "b.WEBP'. Convert it, for example with ImageMagick",
    ],
    [
      'two sides',
      {},
      { imageShape: [1, 1] },
      'imageShape must be [height, width, 1, 3 or 4], got [1, 1]',
    ],
    [
      'two channels',
      {},
      { imageShape: [1, 1, 2] },
      'must be [height, width, 1, 3 or 4], got [1, 1, 2]',
    ],
    [
      'half a side',
      {},
      { imageShape: [0.5, 1, 1] },
      'imageShape[0] must be a positive integer, got 0.5',
    ],
    ['other words', {}, { labels: 'yes' }, "labels must be one of 'none', 'subfolders', got 'yes'"],
    [
      'another onError',
      {},
      { onError: 'warn' },
      "onError must be one of 'throw', 'skip', got 'warn'",
    ],
    ['an unknown option', {}, { shuffle: true }, "onError, got 'shuffle'"],
    [
      'another fit',
      {},
      { resize: { fit: 'crop' } },
      "fit of resize must be one of 'cover', 'contain', 'stretch', got 'crop'",
    ],
    [
      'another filter',
      {},
      { resize: { filter: 'cubic' } },
      "filter of resize must be one of 'nearest', 'box'",
    ],
    ['an unknown option of resize', {}, { resize: { size: 3 } }, "names fit, filter, got 'size'"],
    [
      'a background that is no color',
      {},
      { background: 300 },
      'background must be a gray from 0 to 255',
    ],
    ['no limit at all', {}, { limit: 0 }, 'limit must be a positive integer, got 0'],
  ])('refuses %s', async (_, files, options, message) => {
    const folder = await folderOf(files);
    await expect(
      imageFolder(folder, { ...gray, ...options } as ImageFolderOptions),
    ).rejects.toThrow(message);
  });

  test.each([
    ['none', 'b.png'],
    ['subfolders', 'dog'],
  ] as const)('names a broken link, labels %s', async (labels, name) => {
    const folder = await folderOf({ 'a.png': plain(1, 1, 1), 'cat/a.png': plain(1, 1, 1) });
    const link = join(folder, name);
    await symlink(join(folder, 'gone'), link);
    await expect(imageFolder(folder, { ...gray, labels })).rejects.toThrow(
      `Cannot read the images of '${folder}': '${link}' must lead to a file or a folder, ` +
        'got a broken link. Fix or remove the link',
    );
  });

  test('names a link that leads to itself', async () => {
    const folder = await folderOf({ 'a.png': plain(1, 1, 1) });
    const link = join(folder, 'b.png');
    await symlink(link, link);
    await expect(imageFolder(folder, gray)).rejects.toThrow(
      `'${link}' must lead to a file or a folder, got ELOOP`,
    );
  });

  test('says that there is no such folder', async () => {
    const folder = join(await temporaryFolder(), 'none');
    await expect(imageFolder(folder, gray)).rejects.toThrow(
      `Cannot read the images of '${folder}': '${folder}' must be a folder, got no such folder`,
    );
  });
});
