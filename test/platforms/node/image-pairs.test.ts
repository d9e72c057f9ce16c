import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { BatchesOptions, Dataset } from '../../../src/data/dataset.ts';
import { encodePng } from '../../../src/io/png.ts';
import { imagePairs, type ImagePairsOptions } from '../../../src/platforms/node/image-pairs.ts';
import { datasetContract } from '../../data/dataset-contract.ts';
import { folderOf, plain } from './folder-of.ts';

/** Files with the value i in the left half, and 100 + i in the right one. */
async function halves(count: number, width = 4): Promise<string> {
  const file = (i: number): Uint8Array => {
    const data = Uint8Array.from({ length: 2 * width }, (_, at) =>
      at % width < width / 2 ? i : 100 + i,
    );
    return encodePng({ width, height: 2, channels: 1, data });
  };
  return folderOf(
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.png`, file(i)])),
  );
}

/** The first value of each source and sample. */
async function firstsOf(dataset: Dataset, options: BatchesOptions): Promise<[number, number][]> {
  const firsts: [number, number][] = [];
  for await (const batch of dataset.batches(options)) {
    const { samples, source = samples } = batch;
    const [a, b] = [await source.data(), await samples.data()];
    const [sizeA, sizeB] = [source.size / options.batchSize, samples.size / options.batchSize];
    for (let i = 0; i < options.batchSize; i += 1)
      firsts.push([a[i * sizeA] ?? 0, b[i * sizeB] ?? 0]);
    tf.dispose({ ...batch });
  }
  return firsts;
}

const small = { imageShape: [1, 1, 1], valueRange: [0, 255] } as const;

describe('imagePairs', () => {
  datasetContract(async () => {
    const options = { imageShape: [2, 2, 1], layout: 'halves' } as const;
    return imagePairs(await halves(10), options);
  });

  test('pairs the pictures of two folders by name, whatever their kind', async () => {
    const folder = await folderOf({
      'A/1.png': plain(1, 1, 10),
      'A/2.PNG': plain(1, 1, 20),
      'B/2.png': plain(1, 1, 25),
      'B/1.png': plain(1, 1, 15),
    });
    expect(await firstsOf(await imagePairs(folder, small), { batchSize: 2 })).toEqual([
      [10, 15],
      [20, 25],
    ]);
  });

  test('takes folders of other names, and shapes of their own', async () => {
    const folder = await folderOf({
      'edges/1.png': plain(2, 2, 10),
      'shoes/1.png': plain(4, 4, 1, 2, 3),
    });
    const pairs = await imagePairs(folder, {
      imageShape: [4, 4, 3],
      sourceShape: [2, 2, 1],
      source: 'edges',
      samples: 'shoes',
    });
    expect([pairs.sampleShape, pairs.tensors]).toEqual([[4, 4, 3], { source: [2, 2, 1] }]);
  });

  test.each([
    [{}, [3, 103]],
    [{ source: 'left' }, [3, 103]],
    [{ source: 'right' }, [103, 3]],
    [{ samples: 'left' }, [103, 3]],
  ])('takes both halves of each file: %o', async (options, wanted) => {
    const folder = await halves(5);
    const pairs = await imagePairs(folder, {
      ...small,
      imageShape: [2, 2, 1],
      layout: 'halves',
      ...options,
    });
    expect((await firstsOf(pairs, { batchSize: 1 }))[3]).toEqual(wanted);
  });

  test.each(['folders', 'halves'] as const)('reads on demand the same bits: %s', async (layout) => {
    const folder =
      layout === 'halves'
        ? await halves(9)
        : await folderOf(
            Object.fromEntries(
              Array.from({ length: 9 }, (_, i) => [
                [`A/${i}.png`, plain(2, 2, i)] as const,
                [`B/${i}.png`, plain(2, 2, 100 + i)] as const,
              ]).flat(),
            ),
          );
    const shape = { imageShape: [2, 2, 1], layout, valueRange: [0, 255] } as const;
    const held = await imagePairs(folder, shape);
    const read = await imagePairs(folder, { ...shape, onDemand: true });
    for (const options of [
      { batchSize: 2 },
      { batchSize: 2, seed: 3 },
      { batchSize: 2, seed: 3, firstBatch: 2 },
    ]) {
      const wanted = await firstsOf(held, options);
      for (const [source, sample] of wanted) expect(sample).toBe(100 + source);
      expect(await firstsOf(read, options)).toEqual(wanted);
      expect(await firstsOf(read.slice(-4), { batchSize: 2, seed: 1 })).toEqual(
        await firstsOf(held.slice(-4), { batchSize: 2, seed: 1 }),
      );
    }
  });

  test('takes as many as limit says', async () => {
    const pairs = await imagePairs(await halves(5), {
      imageShape: [2, 2, 1],
      layout: 'halves',
      limit: 2,
    });
    expect(pairs.size).toBe(2);
  });

  test('names a file of odd width', async () => {
    const folder = await halves(2);
    const odd = await folderOf({ 'a.png': plain(5, 2, 1) });
    await expect(imagePairs(odd, { imageShape: [2, 2, 1], layout: 'halves' })).rejects.toThrow(
      `'${join(odd, 'a.png')}' must have an even width, as its halves are a pair, got 5. Pass layout: 'folders'`,
    );
    await expect(imagePairs(folder, { imageShape: [3, 2, 1], layout: 'halves' })).rejects.toThrow(
      `the right half of '${join(folder, '0.png')}' must have the 3×2 pixels of imageShape`,
    );
  });

  test.each<[string, Record<string, Uint8Array>, Partial<ImagePairsOptions>, string]>([
    [
      'a picture without a partner',
      { 'A/1.png': plain(1, 1, 1), 'A/2.png': plain(1, 1, 1), 'B/1.png': plain(1, 1, 1) },
      {},
      "A/2.png' alone (the folders hold 2 and 1). Remove it, or join",
    ],
    [
      'a partner without a picture',
      { 'A/1.png': plain(1, 1, 1), 'B/1.png': plain(1, 1, 1), 'B/9.png': plain(1, 1, 1) },
      {},
      "B/9.png' alone (the folders hold 1 and 2)",
    ],
    [
      'no such folder',
      { 'A/1.png': plain(1, 1, 1) },
      {},
      "B' must be a folder, got no such folder",
    ],
    [
      'two pictures of a name',
      { 'A/1.png': plain(1, 1, 1), 'A/1.jpg': plain(1, 1, 1), 'B/1.png': plain(1, 1, 1) },
      {},
      'a folder must have one picture of a name',
    ],
    ['one folder for both', {}, { source: 'B' }, "must be two places, got 'B' for both"],
    [
      'one half for both',
      {},
      { layout: 'halves', source: 'left', samples: 'left' },
      "must be two places, got 'left' for both",
    ],
    [
      'another half',
      {},
      { layout: 'halves', source: 'top' },
      "source must be one of 'left', 'right', got 'top'",
    ],
    [
      'another layout',
      {},
      { layout: 'rows' as never },
      "layout must be one of 'folders', 'halves', got 'rows'",
    ],
    ['an unknown option', {}, { labels: 'none' } as never, "onDemand, got 'labels'"],
    [
      'a source of two channels',
      {},
      { sourceShape: [1, 1, 2] },
      'must be [height, width, 1, 3 or 4], got [1, 1, 2]',
    ],
    ['an empty folder', {}, { layout: 'halves' }, 'it must hold PNG or JPEG files, got none'],
  ])('refuses %s', async (_, files, options, message) => {
    const folder = await folderOf(files);
    await expect(imagePairs(folder, { ...small, ...options })).rejects.toThrow(message);
  });

  test('names a file that is gone when its turn comes', async () => {
    const folder = await halves(2);
    const options = { imageShape: [2, 2, 1], layout: 'halves', onDemand: true } as const;
    const pairs = await imagePairs(folder, options);
    await rm(join(folder, '1.png'));
    const before = tf.memory().numTensors;
    await expect(firstsOf(pairs, { batchSize: 1 })).rejects.toThrow(
      `Cannot read the pairs of images of '${folder}': '${join(folder, '1.png')}' must be readable, got no such file`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
