import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import {
  createDcgan,
  datasetFromArray,
  type Dataset,
  Generator,
  paired,
  saveGenerator,
} from 'tfjs-gan';
import { encodePng, imageGrid, runReport, sampleGrid, tensorBoard } from 'tfjs-gan/node';
import { blobs } from '../../../support/tiny-gan.ts';
import { twoGenerators } from '../../../support/two-generators.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import '../../../support/on-cpu.ts';

const small = { imageShape: [8, 8, 1], baseFilters: 2, latentSize: 4, kernelSize: 3 } as const;

/** Blobs of three classes, of which the first comes most often. */
function labeled(): Dataset {
  const values = Float32Array.from({ length: 40 * 64 }, (_, i) => Math.sin(i));
  const labels = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : i % 3));
  return datasetFromArray(values, { sampleShape: [8, 8, 1], labels });
}

/** What a grid of samples looks like as a file, which is disposed. */
async function pictureOf(samples: tf.Tensor, columns: number): Promise<Uint8Array> {
  const values = (await samples.data()) as Float32Array;
  const picture = encodePng(imageGrid(values, samples.shape, { columns, valueRange: [-1, 1] }));
  samples.dispose();
  return picture;
}

describe('the grid of a generator that takes labels', () => {
  test('has a column for each class, the same from the first picture on', async () => {
    const folder = await temporaryFolder();
    using gan = createDcgan({ ...small, classes: 3 });
    const labels = Array.from({ length: 24 }, (_, i) => i % 3);
    const before = await pictureOf(gan.generator.sample(24, { labels, seed: 0 }), 3);
    const tensors = tf.memory().numTensors;
    const callbacks = [sampleGrid(folder, { every: { steps: 2 } })];
    await gan.trainer.fit(labeled(), { steps: 2, batchSize: 8, callbacks });
    const after = await pictureOf(gan.generator.sample(24, { labels, seed: 0 }), 3);
    expect(await readFile(join(folder, 'step-000000.png'))).toEqual(Buffer.from(before));
    expect(await readFile(join(folder, 'step-000002.png'))).toEqual(Buffer.from(after));
    // What the optimizers keep, and no more.
    expect(tf.memory().numTensors - tensors).toBeLessThan(60);
  });

  test.each([
    [{ count: 5 }, [3, 2]],
    [{ count: 2 }, [2, 1]],
    [{ columns: 4, count: 8 }, [4, 2]],
  ])('is laid out by %o', async (options, [across, down]) => {
    const folder = await temporaryFolder();
    using gan = createDcgan({ ...small, classes: 3 });
    const callbacks = [sampleGrid(folder, { ...options, padding: 0, every: { steps: 1 } })];
    await gan.trainer.fit(labeled(), { steps: 1, batchSize: 8, callbacks });
    const { width, height } = decode(await readFile(join(folder, 'step-000001.png')));
    expect([width, height]).toEqual([8 * across!, 8 * down!]);
  });

  test('shows drawn classes that stay, if the columns are given', async () => {
    const folder = await temporaryFolder();
    using gan = createDcgan({ ...small, classes: 3 });
    const callbacks = [sampleGrid(folder, { columns: 4, count: 8 })];
    await gan.trainer.fit(labeled(), { epochs: 1, batchSize: 40, callbacks });
    const trained = await gan.trainer.snapshot();
    using other = createDcgan({ ...small, classes: 3 });
    // By a generator that knows nothing of how often each class comes.
    await other.trainer.restore(trained);
    const again = join(folder, 'again');
    const grid = sampleGrid(again, { columns: 4, count: 8, every: { steps: 1 } });
    await grid.onStepEnd?.({ number: 1 } as never, { trainer: other.trainer } as never);
    const [file] = await readdir(again);
    expect(await readFile(join(again, file!))).toEqual(await readFile(join(folder, file!)));
  });
});

describe('the grid of a generator that takes vectors', () => {
  test('requests those of the first samples, before training too', async () => {
    const folder = await temporaryFolder();
    using gan = createDcgan({ ...small, condition: { size: 2 } });
    const rows = Float32Array.from({ length: 80 }, (_, i) => Math.cos(i));
    const condition = datasetFromArray(rows, { sampleShape: [2] });
    const data = paired({ samples: labeled(), condition });
    const callbacks = [sampleGrid(folder, { every: { steps: 1 }, count: 50, columns: 10 })];
    const asked = Array.from({ length: 50 }, (_, i) => [...rows.slice(2 * (i % 40))].slice(0, 2));
    const before = await pictureOf(gan.generator.sample(50, { condition: asked, seed: 0 }), 10);
    await gan.trainer.fit(data, { steps: 1, batchSize: 8, callbacks });
    const after = await pictureOf(gan.generator.sample(50, { condition: asked, seed: 0 }), 10);
    expect(await readFile(join(folder, 'step-000000.png'))).toEqual(Buffer.from(before));
    expect(await readFile(join(folder, 'step-000001.png'))).toEqual(Buffer.from(after));
  });
});

const parser = fileURLToPath(new URL('../../../golden/read_tensorboard.py', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('a game with two generators', () => {
  test('is drawn and reported by their names', async () => {
    const folder = await temporaryFolder();
    const { trainer, dispose } = twoGenerators();
    const grids = sampleGrid(join(folder, 'samples'), { every: { steps: 1 }, count: 4 });
    const callbacks = [grids, runReport(folder)];
    await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks });
    const files = (await readdir(join(folder, 'samples'))).sort();
    expect(files).toEqual([
      ...['step-000000-day.png', 'step-000000-night.png'],
      ...['step-000001-day.png', 'step-000001-night.png'],
    ]);
    const night = await pictureOf(trainer.game.generators['night']!.sample(4, { seed: 0 }), 2);
    expect(await readFile(join(folder, 'samples', files[3]!))).toEqual(Buffer.from(night));
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    expect(html.match(/<h3>Samples of .*?<\/h3>/g)).toEqual([
      '<h3>Samples of day</h3>',
      '<h3>Samples of night</h3>',
    ]);
    expect(html).toContain('alt="Samples of night after step 1"');
    dispose();
  });

  test('is drawn under names that no file could have', async () => {
    const folder = await temporaryFolder();
    const { trainer, dispose } = twoGenerators();
    const { day, night } = trainer.game.generators;
    const generators = { 'a/b': day!, '100 %': night! };
    const run = { trainer: { game: { generators }, step: 3 }, dataset: blobs() };
    const grid = sampleGrid(join(folder, 'samples'), { every: { steps: 1 }, count: 1 });
    await grid.onStepEnd?.({ number: 3 } as never, run as never);
    expect((await readdir(join(folder, 'samples'))).sort()).toEqual([
      'step-000003-100%20%25.png',
      'step-000003-a%2Fb.png',
    ]);
    // Not one of sampleGrid's, but its name is no reason to fail.
    const png = await readFile(join(folder, 'samples', 'step-000003-a%2Fb.png'));
    await writeFile(join(folder, 'samples', 'step-000002-50%.png'), png);
    await trainer.fit(blobs(), { steps: 3, batchSize: 8, callbacks: [runReport(folder)] });
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    expect(html.match(/<h3>Samples of .*?<\/h3>/g)).toEqual([
      '<h3>Samples of 100 %</h3>',
      '<h3>Samples of 50%</h3>',
      '<h3>Samples of a/b</h3>',
    ]);
    dispose();
  });

  test.skipIf(!hasPython)('is shown by their names in TensorBoard', async () => {
    const folder = await temporaryFolder();
    const { trainer, dispose } = twoGenerators();
    const callbacks = [tensorBoard(folder, { imagesEvery: { steps: 1 }, count: 4 })];
    await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks });
    const [file] = await readdir(folder);
    const { stdout } = spawnSync('python3', [parser, join(folder, file!)], { encoding: 'utf8' });
    const events = JSON.parse(stdout) as { images: Record<string, unknown> }[];
    const tags = events.flatMap(({ images }) => Object.keys(images));
    expect(tags).toEqual(['samples/day', 'samples/night']);
    dispose();
  });

  test('is saved in a folder for each, or by handlers of their own', async () => {
    const folder = await temporaryFolder();
    const { trainer, dispose } = twoGenerators();
    const address = `file://${join(folder, 'models')}`;
    const asked: string[] = [];
    const handlers = (step: number, generator: string): tf.io.IOHandler => {
      asked.push(`${step} ${generator}`);
      return tf.io.withSaveHandler(async (artifacts) => ({
        modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts),
      }));
    };
    const every = { steps: 1 };
    const callbacks = [
      saveGenerator(address, { every }),
      saveGenerator((step) => new URL(`${address}/step-${step}/`), { every }),
      saveGenerator(handlers, { every }),
    ];
    await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks });
    expect(asked).toEqual(['1 day', '1 night']);
    const wanted = tf.tidy(() => [
      ...trainer.game.generators['night']!.sample(2, { seed: 1 }).dataSync(),
    ]);
    for (const place of [`${address}/night`, `${address}/step-1/night`]) {
      using loaded = await Generator.load(place);
      expect(tf.tidy(() => [...loaded.sample(2, { seed: 1 }).dataSync()])).toEqual(wanted);
    }
    const one = saveGenerator(handlers(0, 'day'));
    await expect(
      trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [one] }),
    ).rejects.toThrow(
      new RangeError(
        'Cannot save the generator: target must be an address or a function for the generators day, night, got one ' +
          'IOHandler. Pass (step, generator) => a handler for each',
      ),
    );
    dispose();
  });
});
