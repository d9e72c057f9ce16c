import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { type Callback, checkpoint, Generator, saveGenerator } from 'tfjs-gan';
import {
  directoryStore,
  fileHandler,
  historyFile,
  imageFolder,
  loadMnist,
  runReport,
  sampleGrid,
  saveImageGrid,
  tensorBoard,
  trainingCurves,
  writeReport,
} from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../../support/tiny-gan.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import '../../support/on-cpu.ts';

type Place = string | URL;

async function train(callback: Callback): Promise<void> {
  const { trainer, ...gan } = tinyDcgan();
  await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [callback] });
  gan.generator.dispose();
  gan.discriminator.dispose();
  trainer.dispose();
}

async function saveGrid(place: Place): Promise<void> {
  const images = tf.zeros([1, 2, 2, 1]);
  await saveImageGrid(place, images);
  images.dispose();
}

const every = { steps: 1 };

/** What writes to a place, and what it leaves there. */
const writers: readonly [name: string, write: (place: Place) => Promise<unknown>, file: RegExp][] =
  [
    [
      'directoryStore',
      (place) => train(checkpoint(directoryStore(place), { every })),
      /^checkpoints$/,
    ],
    ['sampleGrid', (place) => train(sampleGrid(place, { every })), /^step-000001\.png$/],
    ['tensorBoard', (place) => train(tensorBoard(place)), /tfevents/],
    ['trainingCurves', (place) => train(trainingCurves(place)), /^losses\.svg$/],
    ['runReport', (place) => train(runReport(place)), /^report\.html$/],
    ['saveGenerator', (place) => train(saveGenerator(place, { every })), /^model\.json$/],
    [
      'saveGenerator to a place for each step',
      (place) => train(saveGenerator(() => place, { every })),
      /^model\.json$/,
    ],
  ];

describe('a file: address', () => {
  test.each(writers)('is where %s writes, as text and as a URL', async (_, write, file) => {
    const folder = await temporaryFolder();
    for (const name of ['My Project', 'C#']) {
      const url = pathToFileURL(join(folder, name));
      await write(name === 'C#' ? url : url.href);
      expect(await readdir(join(folder, name))).toEqual(
        expect.arrayContaining([expect.stringMatching(file)]),
      );
    }
    expect((await readdir(folder)).sort()).toEqual(['C#', 'My Project']);
  });

  test('is where files of its own name are written', async () => {
    const folder = await temporaryFolder();
    const history = pathToFileURL(join(folder, 'My Project', 'history.jsonl'));
    await train(historyFile(history));
    await train(historyFile(history.href));
    await saveGrid(pathToFileURL(join(folder, 'My Project', '1.png')));
    await saveGrid(pathToFileURL(join(folder, 'My Project', '2.png')).href);
    expect((await readdir(join(folder, 'My Project'))).sort()).toEqual([
      '1.png',
      '2.png',
      'history.jsonl',
    ]);
    const run = pathToFileURL(join(folder, 'a run'));
    const samples = pathToFileURL(join(folder, 'My Project'));
    expect(await writeReport(run, { history, samples })).toBe(join(folder, 'a run', 'report.html'));
    expect(await writeReport(run.href, { history: history.href, samples: samples.href })).toBe(
      join(folder, 'a run', 'report.html'),
    );
  });

  test('is where imageFolder, loadMnist and generators are read', async () => {
    const folder = await temporaryFolder();
    const url = pathToFileURL(join(folder, 'My Project'));
    await saveGrid(join(folder, 'My Project', '1.png'));
    for (const place of [url, url.href]) {
      const images = await imageFolder(place, { imageShape: [2, 2, 1], resize: true });
      expect([images.name, images.size]).toEqual(['My Project', 1]);
      await expect(loadMnist({ directory: place })).rejects.toThrow(
        `got '${join(folder, 'My Project')}' without`,
      );
    }
    const { generator, ...gan } = tinyDcgan();
    await generator.save(url);
    for (const place of [
      url,
      url.href,
      fileHandler(url),
      `file://${folder}/My Project/model.json`,
    ]) {
      using loaded = await Generator.load(place);
      expect(loaded.outputShape).toEqual([8, 8, 1]);
    }
    generator.dispose();
    gan.discriminator.dispose();
    gan.trainer.dispose();
  });
});

describe('a place that is none', () => {
  test.each([
    [
      new URL('https://example.org/run'),
      "'https://example.org/run'. Pass a path, or an address that begins with file://",
    ],
    [
      'https://example.org/run',
      "'https://example.org/run'. Pass a path, or an address that begins with file://",
    ],
    ['indexeddb://run', "'indexeddb://run'. Pass a path, or an address that begins with file://"],
    ['file://', "'file://'"],
    ['', "''"],
    [7 as never, '7'],
    [undefined as never, 'undefined'],
  ])('is refused: %s', async (place: Place, actual) => {
    for (const make of [sampleGrid, runReport, tensorBoard, trainingCurves]) {
      expect(() => make(place)).toThrow(`: folder must name a folder, got ${actual}`);
    }
    expect(() => directoryStore(place)).toThrow(
      `Cannot open a folder of checkpoints: path must name a folder, got ${actual}`,
    );
    expect(() => historyFile(place)).toThrow(
      `Cannot write the history: path must name a file, got ${actual}`,
    );
    expect(() => fileHandler(place)).toThrow(
      `Cannot save or load the model: path must name a folder, got ${actual}`,
    );
    await expect(writeReport(place)).rejects.toThrow(`folder must name a folder, got ${actual}`);
    await expect(imageFolder(place, { imageShape: [2, 2, 1] })).rejects.toThrow(
      `Cannot read the images of a folder: path must name a folder, got ${actual}`,
    );
  });

  test('is refused by the options of reports and of loadMnist too', async () => {
    const folder = await temporaryFolder();

    const url = 'https://example.org/a';
    expect(() => runReport(folder, { samples: url })).toThrow(
      `samples must name a folder, got '${url}'`,
    );
    await expect(writeReport(folder, { history: url })).rejects.toThrow(
      `history must name a file, got '${url}'`,
    );
    await expect(loadMnist({ directory: url })).rejects.toThrow(
      `Cannot load MNIST: directory must name a folder, got '${url}'`,
    );
    await expect(saveGrid(`${url}.png`)).rejects.toThrow(
      `path must name a .png file, got '${url}.png'`,
    );
  });
});
