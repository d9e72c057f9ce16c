import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { augmented, type AugmentOptions } from '../../src/data/augmented.ts';
import type { Batch, BatchesOptions, Dataset } from '../../src/data/dataset.ts';
import { datasetFromArray } from '../../src/data/from-array.ts';
import { paired } from '../../src/data/paired.ts';
import { unpaired } from '../../src/data/unpaired.ts';
import { datasetContract, valuesOf } from './dataset-contract.ts';

/** Images whose every pixel tells its image, its row and its column: 10000 · image + 100 · row + column. */
function told(count: number, height: number, width: number, scale = 1): Dataset {
  const values = Float32Array.from({ length: count * height * width }, (_, i) => {
    const [image, row] = [Math.floor(i / (height * width)), Math.floor(i / width) % height];
    return 10000 * image + 100 * row * scale + (i % width) * scale;
  });
  const valueRange = [0, 1e6] as const;
  return datasetFromArray(values, { sampleShape: [height, width, 1], valueRange });
}

async function batchesOf(
  dataset: Dataset,
  options: BatchesOptions,
): Promise<Record<string, number[][]>[]> {
  const batches: Record<string, number[][]>[] = [];
  for await (const batch of dataset.batches(options)) {
    const rows: [string, number[][]][] = [];
    for (const [name, tensor] of Object.entries(batch)) {
      if (tensor === undefined) continue;
      const flat = tensor.reshape([tensor.shape[0] ?? 0, -1]);
      rows.push([name, (await flat.array()) as number[][]]);
      flat.dispose();
    }
    tf.dispose({ ...batch });
    batches.push(Object.fromEntries(rows));
  }
  return batches;
}

/** Where a cut of a told image begins, and whether it is mirrored; `undefined` if it is no such cut. */
function placeOf(
  pixels: readonly number[],
  [height, width]: readonly [number, number],
): string | undefined {
  const [first = 0, second = 0] = pixels;
  const isFlipped = second < first;
  const image = Math.floor(first / 10000);
  const top = Math.floor((first % 10000) / 100);
  const left = (first % 100) - (isFlipped ? width - 1 : 0);
  const wanted = Array.from({ length: height * width }, (_, i) => {
    const column = i % width;
    return (
      10000 * image +
      100 * (top + Math.floor(i / width)) +
      left +
      (isFlipped ? width - 1 - column : column)
    );
  });
  return pixels.every((pixel, i) => pixel === wanted[i])
    ? `${top},${left},${isFlipped}`
    : undefined;
}

describe('augmented', () => {
  datasetContract(() => augmented(told(10, 5, 6), { flip: true, crop: [4, 3] }));

  test('cuts every place, mirrored or not, about equally often', async () => {
    const dataset = augmented(told(40, 3, 4), { flip: true, crop: [2, 3] });
    const counts = new Map<string | undefined, number>();
    for (let seed = 0; seed < 20; seed += 1) {
      for (const { samples = [] } of await batchesOf(dataset, { batchSize: 20, seed })) {
        for (const pixels of samples) {
          const place = placeOf(pixels, [2, 3]);
          counts.set(place, (counts.get(place) ?? 0) + 1);
        }
      }
    }
    // 2 × 2 places, 2 sides: 800 draws are 100 each, with a deviation of 9.4.
    expect([...counts.keys()].sort()).toEqual(
      ['0,0', '0,1', '1,0', '1,1'].flatMap((place) => [`${place},false`, `${place},true`]),
    );
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(38);
  });

  test('mirrors and cuts what belongs together alike', async () => {
    const pairs = paired({ samples: told(12, 6, 6), source: told(12, 6, 6) });
    const dataset = augmented(pairs, { flip: true, crop: [3, 4] });
    expect([dataset.sampleShape, dataset.tensors]).toEqual([[3, 4, 1], { source: [3, 4, 1] }]);
    for (const { samples, source } of await batchesOf(dataset, { batchSize: 4, seed: 2 })) {
      expect(source).toEqual(samples);
    }
  });

  test('cuts a smaller picture at the same place of the scene', async () => {
    // The source has a pixel for 2 × 2 of the samples; its coordinates count twice, so its corner tells the same place.
    const pairs = paired({ samples: told(12, 8, 8), source: told(12, 4, 4, 2) });
    const dataset = augmented(pairs, { crop: [4, 6] });
    expect(dataset.tensors).toEqual({ source: [2, 3, 1] });
    const corners = new Set<number>();
    const passes = [1, 2, 3, 4, 5].map((seed) => batchesOf(dataset, { batchSize: 12, seed }));
    for (const { samples = [], source = [] } of (await Promise.all(passes)).flat()) {
      samples.forEach((pixels, i) => {
        expect(source[i]?.[0]).toBe(pixels[0]);
        corners.add((pixels[0] ?? 0) % 10000);
      });
    }
    expect([...corners].sort((a, b) => a - b)).toEqual([0, 2, 200, 202, 400, 402]);
  });

  test('continues from any batch with the same draws', async () => {
    const dataset = augmented(told(20, 5, 5), { flip: true, crop: [3, 3] });
    const whole = await valuesOf(dataset, { batchSize: 4, seed: 9 });
    expect(await valuesOf(dataset, { batchSize: 4, seed: 9, firstBatch: 3 })).toEqual(
      whole.slice(3),
    );
    expect(await valuesOf(dataset, { batchSize: 4, seed: 10 })).not.toEqual(whole);
  });

  test('draws anew for each batch', async () => {
    const one = told(1, 1, 60);
    const same: Dataset = { ...one, size: 40, batches: (options) => repeated(one, 40, options) };
    const batches = await valuesOf(augmented(same, { crop: [1, 5] }), { batchSize: 1, seed: 1 });
    expect(new Set(batches.map(([first]) => first)).size).toBeGreaterThan(20);
  });

  test('without a seed mirrors nothing and cuts out the middle', async () => {
    const dataset = augmented(told(2, 6, 7), { flip: true, crop: [2, 3] });
    const [{ samples = [] } = {}] = await batchesOf(dataset, { batchSize: 2 });
    expect(samples.map((pixels) => placeOf(pixels, [2, 3]))).toEqual(['2,2,false', '2,2,false']);
  });

  test('leaves labels and vectors as they are', async () => {
    const images = told(4, 2, 2);
    const dataset: Dataset = {
      ...images,
      async *batches() {
        const samples = tf.zeros([2, 2, 2, 1]);
        const labels = tf.tensor1d([3, 1], 'int32');
        yield {
          samples,
          labels,
          vector: tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
        };
      },
    };
    const [batch] = await batchesOf(augmented(dataset, { flip: true }), { batchSize: 2, seed: 1 });
    expect([batch?.['labels'], batch?.['vector']]).toEqual([
      [[3], [1]],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  test('keeps one tensor of two names one', async () => {
    const sets = unpaired({ a: told(4, 3, 3), b: told(6, 3, 3) });
    for await (const batch of augmented(sets, { flip: true }).batches({ batchSize: 2, seed: 1 })) {
      expect(batch.samples === batch['a']).toBe(true);
      expect(batch.samples === batch['b']).toBe(false);
      tf.dispose({ ...batch });
    }
  });

  test('leaves no tensors behind, also if a batch does not fit', async () => {
    const before = tf.memory().numTensors;
    await valuesOf(augmented(told(8, 4, 4), { flip: true, crop: [2, 2] }), {
      batchSize: 2,
      seed: 1,
    });
    expect(tf.memory().numTensors).toBe(before);
    const liar: Dataset = {
      ...told(8, 4, 4),
      async *batches(): AsyncGenerator<Batch> {
        yield { samples: tf.zeros([2, 4, 4, 1]), source: tf.zeros([2, 3, 3, 1]) };
      },
    };
    await expect(valuesOf(augmented(liar, { crop: [2, 2] }), { batchSize: 2 })).rejects.toThrow(
      "Cannot augment the dataset 'array': source must have images of a size that crop is whole pixels of, got [2, 3, 3, 1]",
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[string, Dataset, AugmentOptions, string]>([
    [
      'vectors',
      datasetFromArray([[1, 2]]),
      { flip: true },
      'samples must be images [height, width, channels], got [2]',
    ],
    ['nothing to do', told(2, 4, 4), {}, 'flip or crop must be set, got neither'],
    [
      'a crop that is too large',
      told(2, 4, 4),
      { crop: [5, 4] },
      'crop must fit into the samples of 4×4, got 5×4',
    ],
    ['half a crop', told(2, 4, 4), { crop: [2] as never }, 'crop must be [height, width], got [2]'],
    [
      'a crop of nothing',
      told(2, 4, 4),
      { crop: [0, 2] },
      'height of crop must be a positive integer, got 0',
    ],
    [
      'parts of pixels',
      paired({ samples: told(2, 8, 8), source: told(2, 4, 4) }),
      { crop: [3, 4] },
      'crop must be whole pixels of source too, got 3×4 of 8×8, which is 1.5×2 of 4×4',
    ],
    ['an unknown option', told(2, 4, 4), { rotate: true } as never, "flip, crop, got 'rotate'"],
    [
      'no dataset',
      Promise.resolve(told(2, 4, 4)) as never,
      { flip: true },
      'wait for it: await imageFolder',
    ],
  ])('refuses %s', (_, dataset, options, message) => {
    expect(() => augmented(dataset, options)).toThrow(message);
  });
});

async function* repeated(
  dataset: Dataset,
  times: number,
  options: BatchesOptions,
): AsyncGenerator<Batch> {
  for (let i = 0; i < times; i += 1) yield* dataset.batches({ ...options, firstBatch: 0 });
}
