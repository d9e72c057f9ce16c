import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../src/core/errors.ts';
import { datasetFromIdx } from '../../src/data/from-idx.ts';
import { datasetContract, labelsOf, valuesOf } from './dataset-contract.ts';

/** Bytes of an IDX file of uint8. */
function idx(shape: number[], values: ArrayLike<number>): Uint8Array {
  const sizes = shape.flatMap((size) => [0, 0, size >> 8, size & 255]);
  return new Uint8Array([0, 0, 8, shape.length, ...sizes, ...Array.from(values)]);
}

const pixels = Uint8Array.from({ length: 10 * 2 * 3 }, (_, i) => (i * 4) % 256);
const images = idx([10, 2, 3], pixels);
const digits = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const labels = idx([10], digits);

describe('datasetFromIdx', () => {
  datasetContract(
    () => datasetFromIdx({ images, labels }),
    // The first pixel of image i is 24·i.
    ([first = NaN]) => digits[Math.round(((first + 1) * 127.5) / 24)] ?? NaN,
  );

  test('gives the images a channel axis and scales them to −1…1', async () => {
    const dataset = datasetFromIdx({ images });
    expect([dataset.size, dataset.sampleShape, dataset.name]).toEqual([10, [2, 3, 1], 'IDX']);
    const [values] = await valuesOf(dataset, { batchSize: 10 });
    values?.forEach((value, i) => {
      expect(value).toBeCloseTo(((pixels[i] ?? 0) / 255) * 2 - 1, 6);
    });
  });

  test('pairs each image with its label', async () => {
    const dataset = datasetFromIdx({ images, labels }, { name: 'digits', valueRange: [0, 1] });
    expect(dataset.classes).toBe(10);
    expect(await labelsOf(dataset, { batchSize: 5 })).toEqual([
      [3, 1, 4, 1, 5],
      [9, 2, 6, 5, 3],
    ]);
  });

  test('keeps channels and vectors as they are', () => {
    const color = datasetFromIdx({ images: idx([1, 2, 2, 3], new Uint8Array(12)) });
    expect(color.sampleShape).toEqual([2, 2, 3]);
    expect(datasetFromIdx({ images: idx([2, 5], new Uint8Array(10)) }).sampleShape).toEqual([5]);
  });

  test('names the file that is damaged', () => {
    const make = (): unknown => datasetFromIdx({ images, labels: labels.slice(0, -1) });
    expect(make).toThrow(DataFormatError);
    expect(make).toThrow(
      'Cannot read the labels: the header states [10] of uint8 (10 bytes), but 9',
    );
  });

  test('refuses labels in place of images', () => {
    expect(() => datasetFromIdx({ images: labels })).toThrow(
      "Cannot create the dataset 'IDX': images must have the shape [samples, height, width], got [10]. " +
        'Pass labels as { labels }',
    );
  });

  test('refuses images in place of labels', () => {
    expect(() => datasetFromIdx({ images, labels: images })).toThrow(
      "Cannot create the dataset 'IDX': labels must have the shape [samples], got [10, 2, 3]",
    );
  });

  test('refuses labels of another length', () => {
    expect(() => datasetFromIdx({ images, labels: idx([2], [0, 1]) })).toThrow(
      'labels must name a class for each of the 10 samples, got 2 labels',
    );
  });

  test('refuses an empty file of images', () => {
    expect(() => datasetFromIdx({ images: idx([0, 2, 3], []) })).toThrow(
      'values must have at least one sample, got none',
    );
  });
});
