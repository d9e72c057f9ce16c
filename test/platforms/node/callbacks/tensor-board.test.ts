import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { createMlpGan, ring8 } from 'tfjs-gan';
import { tensorBoard } from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../../../support/tiny-gan.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import '../../../support/on-cpu.ts';

const parser = fileURLToPath(new URL('../../../golden/read_tensorboard.py', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

interface ReadEvent {
  readonly step?: number;
  readonly version?: string;
  readonly start?: boolean;
  readonly scalars: Readonly<Record<string, number>>;
  readonly images: Readonly<Record<string, [number, number, number, string]>>;
}

/** What an independent program finds in all files of a folder, in order. */
async function readBack(folder: string): Promise<ReadEvent[]> {
  const files = (await readdir(folder)).sort().map((name) => join(folder, name));
  const { stdout, stderr } = spawnSync('python3', [parser, ...files], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as ReadEvent[];
}

describe('tensorBoard', () => {
  test.skipIf(!hasPython)('shows every number and pictures, as python reads them', async () => {
    const folder = join(await temporaryFolder(), 'runs', 'a');
    using gan = tinyDcgan();
    const callbacks = [tensorBoard(folder, { imagesEvery: { steps: 2 }, count: 4 })];
    const { steps } = await gan.trainer.fit(blobs(), { steps: 3, batchSize: 8, callbacks });
    const [version, start, ...events] = await readBack(folder);
    expect(version?.version).toBe('brain.Event:2');
    expect(start).toMatchObject({ start: true, step: 1 });
    const numbers = events.filter(({ scalars }) => Object.keys(scalars).length > 0);
    expect(numbers.map(({ step }) => step)).toEqual([1, 2, 3]);
    numbers.forEach(({ scalars }, i) => {
      const { losses, metrics, gradientNorms, terms } = steps[i]!;
      expect(scalars['losses/generator']).toBe(losses.generator);
      expect(scalars['accuracy/real']).toBe(metrics['accuracy/real']);
      expect(scalars['gradientNorms/discriminator']).toBe(gradientNorms.discriminator);
      expect(scalars['terms/discriminator/bce']).toBe(terms.discriminator['bce']);
      expect(scalars['partSeconds/data']).toBeGreaterThan(0);
      expect(scalars['learningRates/generator']).toBe(Math.fround(2e-4));
      expect(Object.keys(scalars)).not.toContain('number');
    });
    const pictures = events.flatMap(({ step, images }) =>
      Object.entries(images).map(([tag, image]) => [step, tag, ...image] as const),
    );
    expect(pictures).toHaveLength(1);
    const [step, tag, height, width, channels, png] = pictures[0]!;
    expect([step, tag]).toEqual([2, 'samples']);
    const picture = decode(Buffer.from(png, 'hex'));
    expect([picture.height, picture.width, picture.channels]).toEqual([height, width, channels]);

    // A run that continues adds a file, and says at which step it begins.
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks });
    expect(await readdir(folder)).toHaveLength(2);
    const starts = (await readBack(folder)).filter((event) => event.start === true);
    expect(starts.map((event) => event.step)).toEqual([1, 4]);
  });

  test.skipIf(!hasPython)('shows the numbers alone if samples are no pictures', async () => {
    const folder = await temporaryFolder();
    using gan = createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [4] });
    const callbacks = [tensorBoard(folder, { every: { epochs: 1 } })];
    await gan.trainer.fit(ring8({ size: 64 }), { epochs: 2, batchSize: 32, callbacks });
    const events = await readBack(folder);
    expect(events.slice(2).map(({ step, images }) => [step, images])).toEqual([
      [2, {}],
      [4, {}],
    ]);
  });

  test('names a folder that cannot be made', async () => {
    using gan = tinyDcgan();
    const callbacks = [tensorBoard('/dev/null/a')];
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks })).rejects.toThrow(
      /^Cannot write for TensorBoard: '.dev.null.a.events.*' must be a writable file, got a file where a folder is needed$/,
    );
  });

  test('refuses a count that is none', () => {
    expect(() => tensorBoard('a', { count: 0 })).toThrow(
      'Cannot write for TensorBoard: count must be a positive integer, got 0',
    );
  });
});
