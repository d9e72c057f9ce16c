import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  type Callback,
  createMlpGan,
  type CreateMlpGanOptions,
  type CollapseWarning,
  type Gan,
  Generator,
  ring8,
  TrainingDivergedError,
} from 'tfjs-gan';
import { directoryStore, fileHandler, runFolder } from 'tfjs-gan/node';
import { catchWarnings } from '../../../support/catch-warnings.ts';
import { blobs, tinyDcgan, weightsOf } from '../../../support/tiny-gan.ts';
import { twoGenerators } from '../../../support/two-generators.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import '../../../support/on-cpu.ts';

const warn = catchWarnings();
const points = (options: Partial<CreateMlpGanOptions> = {}): Gan =>
  createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [16], ...options });

/** The samples of the generator that a run left, and those of its trainer's. */
async function samplesOf(
  folder: string,
  { generator }: Pick<Gan, 'generator'>,
): Promise<number[][]> {
  using saved = await Generator.load(fileHandler(join(folder, 'generator')));
  return [saved, generator].map((one) => {
    const samples = one.sample(4, { seed: 1 });
    const values = [...samples.dataSync()];
    samples.dispose();
    return values;
  });
}

/** All files of a folder but locks. */
async function contentOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'lock');
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  const texts = await Promise.all(paths.map((path) => readFile(path, 'latin1')));
  return new Map(paths.map((path, i) => [path, texts[i]!]));
}

describe('runFolder', () => {
  test('writes all of a run, continues it, and frees its tensors', async () => {
    const folder = await temporaryFolder();
    const fit = { batchSize: 8, callbacks: runFolder(folder, { every: { steps: 2 } }) };
    const tensors = tf.memory().numTensors;
    const first = tinyDcgan();
    await first.trainer.fit(blobs(), { ...fit, steps: 3 });
    first.dispose();

    using gan = tinyDcgan();
    expect(await gan.trainer.restore(directoryStore(folder))).toBe(true);
    await gan.trainer.fit(blobs(), { ...fit, until: { steps: 5 } });
    const [saved, trained] = await samplesOf(folder, gan);
    expect(saved).toEqual(trained);
    using whole = tinyDcgan();
    await whole.trainer.fit(blobs(), { batchSize: 8, steps: 5 });
    expect(weightsOf(gan)).toEqual(weightsOf(whole));

    expect((await readdir(folder)).sort()).toEqual([
      ...['accuracy.svg', 'checkpoints', 'generator', 'history.jsonl', 'losses.svg'],
      ...['report.html', 'samples'],
    ]);
    const steps = ['step-000000.png', 'step-000002.png', 'step-000004.png'];
    expect((await readdir(join(folder, 'samples'))).sort()).toEqual(['real.png', ...steps]);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('All steps are finished');
    for (const one of [gan, whole]) one.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('draws samples about twenty times', async () => {
    const folder = await temporaryFolder();
    using gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { steps: 40, batchSize: 2, callbacks: runFolder(folder) });
    const drawn = (await readdir(join(folder, 'samples'))).sort();
    expect(drawn).toHaveLength(22);
    expect(drawn.slice(0, 3)).toEqual(['real.png', 'step-000000.png', 'step-000002.png']);
  });

  test.each([
    ['draws points', 2, ['step-000000.png', 'step-000001.png']],
    ['draws nothing of other samples', 3, []],
  ])('%s', async (_, size, drawn) => {
    const folder = await temporaryFolder();
    using gan = points({ sampleShape: [size] });
    const options = { steps: 1, batchSize: 8, callbacks: runFolder(folder) };
    await gan.trainer.fit(blobs(40, [size]), options);
    const samples = join(folder, 'samples');
    expect(existsSync(samples) ? (await readdir(samples)).sort() : []).toEqual(drawn);
    expect(existsSync(join(folder, 'generator/model.json'))).toBe(true);
  });

  test('saves each of several generators', async () => {
    const folder = await temporaryFolder();
    const { trainer, dispose } = twoGenerators();
    await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: runFolder(folder) });
    dispose();
    expect((await readdir(join(folder, 'generator'))).sort()).toEqual(['day', 'night']);
  });

  test('saves the generator as it was before a step that diverged', async () => {
    const folder = await temporaryFolder();
    const optimizer = adam({ learningRate: 1e20 });
    using gan = points({ optimizers: { generator: optimizer, discriminator: optimizer } });
    const options = { steps: 200, batchSize: 8, callbacks: runFolder(folder) };
    await expect(gan.trainer.fit(ring8({ size: 64 }), options)).rejects.toThrow(
      TrainingDivergedError,
    );
    const [saved, trained] = await samplesOf(folder, gan);
    expect(saved).toEqual(trained);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain(
      'Cannot continue training',
    );
  });

  test('changes nothing in the folder of another run, that has ended or is running', async () => {
    const folder = await temporaryFolder();
    const run = { steps: 3, batchSize: 8 };
    const data = ring8({ size: 64 });
    const begin = async (seed: number): Promise<void> => {
      using other = points({ seed });
      if (seed === 1) await other.trainer.restore(directoryStore(folder));
      await other.trainer.fit(data, { ...run, callbacks: runFolder(folder) });
    };
    const isRefused = async (seed: number, message: string): Promise<void> => {
      const before = await contentOf(folder);
      await expect(begin(seed)).rejects.toThrow(message);
      expect(await contentOf(folder)).toEqual(before);
    };
    using first = points({ seed: 1 });
    const meanwhile: Callback = {
      onStepEnd: async ({ number }) => {
        if (number === 2) await isRefused(1, 'got one that another run of this process writes to');
      },
    };
    await first.trainer.fit(data, { ...run, callbacks: [...runFolder(folder), meanwhile] });
    await isRefused(5, 'got the checkpoints of another run');
  });

  test('passes on warnings, which can end the run, and shows them in the report', async () => {
    const folder = await temporaryFolder();
    using gan = points();
    const seen: CollapseWarning[] = [];
    const files = runFolder(folder, {
      report: { title: 'Without a gradient' },
      onWarning: (warning, run) => {
        seen.push(warning);
        run.stop();
      },
    });
    // Two hundred steps of a generator whose gradient has vanished, after one that was trained.
    const gradientNorms = { generator: 0, discriminator: 1 };
    const vanish: Callback = {
      onStepEnd: async (step, run) => {
        for (let number = 1; number <= 200; number += 1) {
          await files.at(-2)?.onStepEnd?.({ ...step, number, gradientNorms }, run);
        }
      },
    };
    const callbacks = [...files, vanish];
    await gan.trainer.fit(ring8({ size: 64 }), { steps: 9, batchSize: 8, callbacks });
    expect(gan.trainer.step).toBe(1);
    expect(seen.map(({ kind, step }) => [kind, step])).toEqual([['vanishingGradient', 1]]);
    const message = seen[0]!.message;
    expect(warn.mock.calls[0]?.[0]).toContain(message);
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    expect(html).toContain('Without a gradient');
    expect(html).toContain(message.slice(0, 30));
  });

  test.each([
    [{ often: 1 }, /^Cannot write a run: .*got 'often'/],
    [
      { every: { steps: 0 } },
      /^Cannot write a run: every.steps must be a positive integer, got 0$/,
    ],
    [{ report: { tittle: '' } }, /^Cannot write the report: .*got 'tittle'/],
  ])('refuses %o', (options, message) => {
    expect(() => runFolder('runs/x', options as never)).toThrow(message);
  });
});
