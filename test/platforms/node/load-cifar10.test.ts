import { describe, expect, test } from 'vitest';
import { DataFormatError } from '../../../src/core/errors.ts';
import { loadCifar10, type LoadCifar10Options } from '../../../src/platforms/node/load-cifar10.ts';
import { labelsOf, valuesOf } from '../../data/dataset-contract.ts';
import { folderOf } from './folder-of.ts';

/** Records as the data set's page describes them: a label, then 1024 bytes each of red, green and blue, row by row. */
function records(...labels: number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 3073);
  labels.forEach((label, image) => {
    bytes[image * 3073] = label;
    for (let i = 0; i < 3072; i += 1) {
      // Red tells the column, green the row, blue the image.
      const [plane, at] = [Math.floor(i / 1024), i % 1024];
      bytes[image * 3073 + 1 + i] = [at % 32, Math.floor(at / 32), 100 + image][plane] ?? 0;
    }
  });
  return bytes;
}

const training = (bytes: (i: number) => Uint8Array): Record<string, Uint8Array> =>
  Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, bytes(i)]));

const other: LoadCifar10Options = { checksum: false, valueRange: [0, 255] };

describe('loadCifar10', () => {
  test('puts the planes of each image side by side', async () => {
    const folder = await folderOf({ 'test_batch.bin': records(3, 9) });
    const dataset = await loadCifar10(folder, { ...other, split: 'test' });
    expect([dataset.name, dataset.size, dataset.classes]).toEqual(['CIFAR-10', 2, 10]);
    expect(dataset.sampleShape).toEqual([32, 32, 3]);
    const [first = [], second = []] = await valuesOf(dataset, { batchSize: 1 });
    const wanted = (image: number): number[] =>
      Array.from({ length: 1024 }, (_, at) => [at % 32, Math.floor(at / 32), 100 + image]).flat();
    expect([first, second]).toEqual([wanted(0), wanted(1)]);
    expect(await labelsOf(dataset, { batchSize: 2 })).toEqual([[3, 9]]);
  });

  test('joins the five files for training in their order, also in the folder of the archive', async () => {
    const inside = training((i) => records(i, i + 1));
    const folder = await folderOf(
      Object.fromEntries(
        Object.entries(inside).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes]),
      ),
    );
    const dataset = await loadCifar10(folder, { ...other, limit: 9 });
    expect(await labelsOf(dataset, { batchSize: 9 })).toEqual([[1, 2, 2, 3, 3, 4, 4, 5, 5]]);
  });

  test('refuses other data unless it is allowed', async () => {
    const folder = await folderOf({ 'test_batch.bin': records(1) });
    const loading = loadCifar10(folder, { split: 'test' });
    await expect(loading).rejects.toThrow(DataFormatError);
    await expect(loading).rejects.toThrow(
      "test_batch.bin' must have the SHA-1 67eb016db431130d61cd03c7ad570b013799c88c, got ",
    );
  });

  test.each<[string, Record<string, Uint8Array>, LoadCifar10Options, string]>([
    [
      'a missing file',
      { 'data_batch_1.bin': records(1) },
      other,
      'without data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin. Unpack cifar-10-binary.tar.gz there',
    ],
    [
      'a file cut short',
      { 'test_batch.bin': records(1).subarray(0, 3000) },
      { ...other, split: 'test' },
      'must hold whole records of 3073 bytes, got 3000 bytes. The download may be cut short',
    ],
    [
      'an empty file',
      { 'test_batch.bin': new Uint8Array(0) },
      { ...other, split: 'test' },
      'must hold whole records of 3073 bytes, got 0 bytes',
    ],
    [
      'a label of an eleventh class',
      { 'test_batch.bin': records(1, 10) },
      { ...other, split: 'test' },
      'labels must be less than 10, got 10 at image 1',
    ],
    [
      'another split',
      {},
      { split: 'val' as never },
      "split must be one of 'train', 'test', got 'val'",
    ],
    ['an unknown option', {}, { download: true } as never, "limit, got 'download'"],
    ['no limit at all', {}, { limit: 0 }, 'limit must be a positive integer, got 0'],
  ])('refuses %s', async (_, files, options, message) => {
    await expect(loadCifar10(await folderOf(files), options)).rejects.toThrow(message);
  });
});
