import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import type { BatchesOptions, Dataset } from '../../../src/data/dataset.ts';
import { encodePng } from '../../../src/io/png.ts';
import { imageFolder } from '../../../src/platforms/node/image-folder.ts';
import { datasetContract, labelsOf, valuesOf } from '../../data/dataset-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A folder of gray squares, the i-th of the value i. */
async function squares(count: number, side: number): Promise<string> {
  const folder = await temporaryFolder();
  for (let i = 0; i < count; i += 1) {
    const data = new Uint8Array(side * side).fill(i);
    const name = `${String(i).padStart(3, '0')}.png`;
    await writeFile(
      join(folder, name),
      encodePng({ width: side, height: side, channels: 1, data }),
    );
  }
  return folder;
}

describe('imageFolder with onDemand', () => {
  datasetContract(async () => {
    const folder = await squares(10, 2);
    return imageFolder(folder, { imageShape: [2, 2, 1], onDemand: true });
  }, undefined);

  test('gives the same bits as in memory, under every seed and from every batch', async () => {
    const folder = await squares(23, 3);
    const shape = { imageShape: [2, 4, 3], resize: true, limit: 21 } as const;
    const held = await imageFolder(folder, shape);
    const read = await imageFolder(folder, { ...shape, onDemand: true });
    expect({ ...read, batches: 0, slice: 0 }).toEqual({ ...held, batches: 0, slice: 0 });
    const passes: BatchesOptions[] = [
      { batchSize: 4 },
      { batchSize: 4, seed: 7 },
      { batchSize: 4, seed: 7, firstBatch: 3 },
      { batchSize: 21, seed: 1 },
      { batchSize: 4, seed: 7, firstBatch: 5 },
    ];
    for (const options of passes) {
      expect(await valuesOf(read, options)).toEqual(await valuesOf(held, options));
    }
    const part = { batchSize: 3, seed: 5 };
    expect(await valuesOf(read.slice(4, -2), part)).toEqual(
      await valuesOf(held.slice(4, -2), part),
    );
    expect(await labelsOf(read, { batchSize: 4 })).toEqual(await labelsOf(held, { batchSize: 4 }));
  });

  test('begins a resumed pass at its batch, without reading those before', async () => {
    const folder = await squares(6, 1);
    await writeFile(join(folder, '000.png'), 'no longer a picture');
    const dataset = await imageFolder(folder, {
      imageShape: [1, 1, 1],
      valueRange: [0, 255],
      onDemand: true,
    });
    expect(await valuesOf(dataset, { batchSize: 2, firstBatch: 1 })).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });

  test('does not fail for files that a pass which ends early would have read next', async () => {
    const folder = await squares(4, 1);
    await writeFile(join(folder, '002.png'), 'no picture');
    const dataset = await imageFolder(folder, { imageShape: [1, 1, 1], onDemand: true });
    let batches = 0;
    for await (const batch of dataset.batches({ batchSize: 2 })) {
      tf.dispose({ ...batch });
      batches += 1;
      // Until the file has failed: if nobody heard of it, the test run would.
      await new Promise((resolve) => setTimeout(resolve, 50));
      break;
    }
    expect(batches).toBe(1);
  });

  test('lists what it skips before the first batch', async () => {
    const folder = await squares(3, 1);
    await writeFile(join(folder, '001.png'), 'no picture');
    const options = { imageShape: [1, 1, 1], valueRange: [0, 255], onDemand: true } as const;
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const dataset = await imageFolder(folder, { ...options, onError: 'skip' });
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
    expect(dataset.skipped.map(({ file }) => file)).toEqual([join(folder, '001.png')]);
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[0, 2]]);
  });

  test('holds a few batches, however many pictures there are', async () => {
    const [count, side, batchSize] = [60, 160, 4];
    const folder = await squares(count, side);
    // One byte a value in a batch that is read, four in its tensor.
    const batchBytes = batchSize * side * side * 3 * 5;
    const shape = [side, side, 3] as const;
    const before = await bytesInUse();
    const read = await imageFolder(folder, { imageShape: shape, onDemand: true });
    expect(await peakOf(read, batchSize)).toBeLessThan(before + 3 * batchBytes);
    const held = await imageFolder(folder, { imageShape: shape });
    // The same measure sees what is held in memory.
    expect(await peakOf(held.slice(0, 8), batchSize)).toBeGreaterThan(
      before + count * side * side * 3,
    );
  });
});

/** Bytes of all arrays that are still in use. */
async function bytesInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().arrayBuffers;
}

/** The most bytes in use at any batch of a pass. */
async function peakOf(dataset: Dataset, batchSize: number): Promise<number> {
  let [peak, batches] = [0, 0];
  for await (const batch of dataset.batches({ batchSize, seed: 3 })) {
    batches += 1;
    if (batches % 5 === 2) peak = Math.max(peak, await bytesInUse());
    tf.dispose({ ...batch });
  }
  return peak;
}
