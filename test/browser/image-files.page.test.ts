import { describe, expect, test } from 'vitest';
import { imageFiles, type ImageFilesOptions } from 'tfjs-gan/browser';
import { decodeJpeg } from '../../src/io/jpeg/jpeg.ts';
import { encodePng } from '../../src/io/png.ts';
import golden from '../golden/pictures.json' with { type: 'json' };
import { labelsOf, valuesOf } from '../data/dataset-contract.ts';
import '../support/on-cpu.ts';

function file(name: string, bytes: Uint8Array, type = 'image/png'): File {
  const made = new File([new Uint8Array(bytes)], name.split('/').at(-1) ?? '', { type });
  // What a browser sets if the user chose a folder.
  if (name.includes('/')) Object.defineProperty(made, 'webkitRelativePath', { value: name });
  return made;
}

function plain(value: number, width = 1, height = 1): Uint8Array {
  const data = new Uint8Array(width * height).fill(value);
  return encodePng({ width, height, channels: 1, data });
}

function jpeg(name: string): Uint8Array {
  const base64 = golden.jpegs.find((one) => one.name === name)?.file ?? '';
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

const gray = { imageShape: [1, 1, 1], valueRange: [0, 255] } as const;

describe('imageFiles', () => {
  test('takes files by name, leaves out what is no picture, and reads on demand the same', async () => {
    const files = [
      file('b.png', plain(20)),
      file('a.png', plain(10)),
      file('.hidden.png', plain(9)),
      file('notes.txt', plain(8), 'text/plain'),
      new Blob([new Uint8Array(plain(30))]),
    ];
    for (const onDemand of [false, true]) {
      const dataset = await imageFiles(files, { ...gray, onDemand });
      expect([dataset.size, dataset.skipped, dataset.classNames]).toEqual([3, [], undefined]);
      expect(await valuesOf(dataset, { batchSize: 3 })).toEqual([[30, 10, 20]]);
      expect(await valuesOf(dataset.slice(1), { batchSize: 2 })).toEqual([[10, 20]]);
    }
  });

  test('reads the pixels of a JPEG as in Node, upright', async () => {
    for (const name of ['33×40, 4:4:4, baseline', '33×40, 4:2:0, progressive', 'orientation 6']) {
      const { width, height, data } = decodeJpeg(jpeg(name));
      const options = { imageShape: [height, width, 3], valueRange: [0, 255] } as const;
      const dataset = await imageFiles([file('a.jpg', jpeg(name), 'image/jpeg')], options);
      const [values = []] = await valuesOf(dataset, { batchSize: 1 });
      const furthest = Math.max(...values.map((value, i) => Math.abs(value - (data[i] ?? 0))));
      expect(furthest).toBeLessThanOrEqual(1);
    }
  });

  test('resizes, and takes folders as classes', async () => {
    const files = ['pets/dog/1.png', 'pets/cat/1.png', 'pets/dog/2.png'].map((name, i) =>
      file(name, plain(10 * i, 4, 2)),
    );
    const dataset = await imageFiles(files, { ...gray, resize: true, labels: 'subfolders' });
    expect([dataset.classNames, dataset.classCounts]).toEqual([
      ['cat', 'dog'],
      [1, 2],
    ]);
    expect(await valuesOf(dataset, { batchSize: 3 })).toEqual([[10, 0, 20]]);
    expect(await labelsOf(dataset, { batchSize: 3 })).toEqual([[0, 1, 1]]);
  });

  test('keeps opacity', async () => {
    const data = new Uint8Array([200, 100, 50, 255, 0, 0, 0, 0]);
    const png = encodePng({ width: 2, height: 1, channels: 4, data });
    const options = { imageShape: [1, 2, 4], valueRange: [0, 255] } as const;
    const dataset = await imageFiles([file('a.png', png)], options);
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[...data]]);
  });

  test('skips what the browser cannot read if it may, and says why', async () => {
    const files = [
      file('a.png', new Uint8Array([1, 2, 3])),
      file('b.png', plain(7)),
      file('c.png', plain(7, 2, 2)),
    ];
    const dataset = await imageFiles(files, { ...gray, onError: 'skip' });
    expect(dataset.skipped.map((one) => one.file)).toEqual(['a.png', 'c.png']);
    expect(dataset.skipped[0]?.error.message).toContain(
      "Cannot read image files: 'a.png' must be a picture that this browser can read, got 3 bytes of the type 'image/png'",
    );
    expect(dataset.size).toBe(1);
  });

  test.each<[string, Iterable<Blob>, ImageFilesOptions, string]>([
    ['no files', [], gray, 'files must hold pictures, got none of 0'],
    ['a path', ['a.png'] as never, gray, "files must be a list of File or Blob, got 'a.png'"],
    [
      'one file alone',
      file('a.png', plain(1)) as never,
      { ...gray, limit: 0 },
      'limit must be a positive integer',
    ],
    [
      'another size',
      [file('a.png', plain(1, 2, 3))],
      gray,
      "'a.png' must have the 1×1 pixels of imageShape (height×width), got 3×2",
    ],
    [
      'classes without folders',
      [file('a.png', plain(1))],
      { ...gray, labels: 'subfolders' },
      "requires files with folders, got 'a.png'",
    ],
    [
      'a picture beside the folders of classes',
      ['pets/cat/1.png', 'pets/cover.png'].map((name) => file(name, plain(1))),
      { ...gray, labels: 'subfolders' },
      "got 'pets/cover.png' beside a folder of pictures. Move it into a folder of its class",
    ],
    [
      'only bad files',
      [file('a.png', new Uint8Array(3))],
      { ...gray, onError: 'skip' },
      'at least one image must be usable, got none of 1',
    ],
    ['an unknown option', [], { ...gray, shuffle: true } as never, "onError, got 'shuffle'"],
  ])('refuses %s', async (_, files, options, message) => {
    await expect(imageFiles(files, options)).rejects.toThrow(message);
  });
});
