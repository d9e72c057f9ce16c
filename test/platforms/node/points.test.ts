import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createMlpGan, datasetFromArray, ring8 } from 'tfjs-gan';
import {
  decodePng,
  runReport,
  sampleGrid,
  samplePoints,
  type SamplePointsOptions,
  savePoints,
} from 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { pointPlot } from '../../../src/io/point-plot.ts';
import { blobs, tinyDcgan } from '../../support/tiny-gan.ts';
import '../../support/on-cpu.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('savePoints', () => {
  test('writes what pointPlot draws, and leaves the tensors to their owner', async () => {
    const path = join(await temporaryFolder(), 'a', 'points.png');
    const [points, real] = [
      tf.tensor2d([
        [0, 1],
        [2, 3],
      ]),
      tf.tensor2d([[1, 1]]),
    ];
    const before = tf.memory().numTensors;
    await savePoints(path, points, { real, width: 200 });
    expect(tf.memory().numTensors).toBe(before);
    const { width, height, data } = decodePng(await readFile(path));
    const drawn = pointPlot('test', [0, 1, 2, 3], [1, 1], { width: 200 });
    expect([width, height]).toEqual([drawn.width, drawn.height]);
    expect(Buffer.from(data).equals(drawn.data)).toBe(true);
    tf.dispose([points, real]);
  });

  test('says what cannot be drawn', async () => {
    const points = tf.zeros([4, 3]);
    await expect(savePoints('a.png', points)).rejects.toThrow(
      'Cannot save points: points must have the shape [count, 2], got [4, 3]. Choose two columns, such as tf.slice(',
    );
    await expect(savePoints('a.png', tf.zeros([4, 2]), { real: tf.zeros([4]) })).rejects.toThrow(
      'real must have the shape [count, 2], got [4]',
    );
    await expect(savePoints('a.png', points, { colour: 3 } as never)).rejects.toThrow(
      "got 'colour'",
    );
    await expect(savePoints('a.svg', points)).rejects.toThrow('must be the name of a .png file');
    await expect(savePoints('a.png', [[1, 2]] as never)).rejects.toThrow('must be a tensor');
    points.dispose();
    await expect(savePoints('a.png', points)).rejects.toThrow('points must not be disposed');
  });
});

describe('samplePoints', () => {
  const trained = async (folder: string, options: SamplePointsOptions = {}): Promise<void> => {
    using gan = createMlpGan({ sampleShape: [2], hiddenUnits: [8], seed: 1 });
    const points = samplePoints(join(folder, 'samples'), { every: { steps: 2 }, ...options });
    const callbacks = [points, runReport(folder)];
    await gan.trainer.fit(ring8({ size: 64 }), { steps: 4, batchSize: 16, callbacks });
  };

  test('draws the same latents over the same real points, and the report shows them', async () => {
    const folder = await temporaryFolder();
    const before = tf.memory().numTensors;
    await trained(folder, { count: 50, real: 40, width: 200 });
    expect(tf.memory().numTensors).toBe(before);
    const names = (await readdir(join(folder, 'samples'))).sort();
    expect(names).toEqual(['step-000000.png', 'step-000002.png', 'step-000004.png']);
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    expect(html.match(/"url":/g)).toHaveLength(3);
    const again = await temporaryFolder();
    await trained(again, { count: 50, real: 40, width: 200 });
    for (const name of names) {
      const first = await readFile(join(folder, 'samples', name));
      expect(first.equals(await readFile(join(again, 'samples', name)))).toBe(true);
    }
    const bare = await temporaryFolder();
    await trained(bare, { count: 50, real: 0, width: 200 });
    const untrained = await readFile(join(folder, 'samples', names[0]!));
    expect(untrained.equals(await readFile(join(bare, 'samples', names[0]!)))).toBe(false);
  });

  test('is what sampleGrid names for points, and names sampleGrid for images', async () => {
    const folder = await temporaryFolder();
    using gan = createMlpGan({ sampleShape: [2], hiddenUnits: [8] });
    const grid = { steps: 1, batchSize: 8, callbacks: [sampleGrid(folder)] };
    await expect(gan.trainer.fit(ring8({ size: 64 }), grid)).rejects.toThrow(
      'Cannot draw sample grids: samples must have the shape [height, width, 1 or 3], got [2]. ' +
        'Points are drawn by samplePoints(folder) during training, and by savePoints(path, points)',
    );
    expect(gan.trainer.step).toBe(0);
    using images = tinyDcgan();
    const points = { steps: 1, batchSize: 8, callbacks: [samplePoints(folder)] };
    await expect(images.trainer.fit(blobs(), points)).rejects.toThrow(
      /^Cannot draw sample points: samples must have the shape \[2\], got \[.*\]\. Images are drawn by sampleGrid/,
    );
    using three = createMlpGan({ sampleShape: [3], hiddenUnits: [8] });
    const vectors = datasetFromArray(new Float32Array(24), { sampleShape: [3] });
    await expect(three.trainer.fit(vectors, grid)).rejects.toThrow(/got \[3\]$/);
  });

  test('refuses bad settings before training', () => {
    expect(() => samplePoints('x', { count: 0 })).toThrow('count must be a positive integer');
    expect(() => samplePoints('x', { real: -1 })).toThrow('real must be an integer of at least 0');
    expect(() => samplePoints('x', { columns: 3 } as never)).toThrow("got 'columns'");
  });
});
