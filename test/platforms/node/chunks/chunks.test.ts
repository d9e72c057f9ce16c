import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createMlpGan, Generator } from 'tfjs-gan';
import { type ChunkJob, fileHandler, mergeChunks, sampleChunks, shardOf } from 'tfjs-gan/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseNpy } from '../../../../src/cli/data/npy.ts';
import { deriveSeed } from '../../../../src/core/random.ts';

let folder: string;
let generator: Generator;
const at = (path: string): string => join(folder, path);
/** Chunks of 4, 4, 4 and 2 samples. */
const job = (name: string, more: Partial<ChunkJob> = {}): ChunkJob => ({
  folder: at(name),
  count: 14,
  seed: 7,
  chunkSize: 4,
  ...more,
});
const chunk = (name: string, number: number): string =>
  at(`${name}/chunk-00000${number}.safetensors`);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-chunks-'));
  ({ generator } = createMlpGan({ sampleShape: [2], latentSize: 3, hiddenUnits: [4], seed: 1 }));
});

afterEach(async () => {
  generator.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('not refused'),
    (reason: unknown) => reason as Error,
  );
  return error.message.replaceAll(folder, '');
}

describe('sampleChunks', () => {
  test('gives the same samples to one process, and to shards that were cut off and repeated', async () => {
    expect(await sampleChunks(generator, job('one'))).toEqual({ written: 4, found: 0 });
    const afterOne = Object.defineProperty(new AbortController().signal, 'aborted', {
      get: () => existsSync(chunk('three', 0)),
    });
    const cut = { shard: shardOf('0/2'), signal: afterOne };
    expect(await sampleChunks(generator, job('three'), cut)).toEqual({ written: 1, found: 0 });
    // Repeated with another number of shards, last first.
    for (const text of ['2/3', '1/3', '0/3']) {
      await sampleChunks(generator, job('three'), { shard: shardOf(text) });
    }
    const [one, three] = [await mergeChunks(at('one')), await mergeChunks(at('three'))];
    expect(three).toEqual(one);
    expect(await sampleChunks(generator, job('three'))).toEqual({ written: 0, found: 4 });
  });

  test('gives each chunk a seed of its own', async () => {
    await sampleChunks(generator, job('one'));
    await mergeChunks(at('one'), { path: at('one.npy') });
    const { data, shape } = parseNpy(await readFile(at('one.npy')), 'one.npy');
    expect(shape).toEqual([14, 2]);
    const wanted = [4, 4, 4, 2].flatMap((count, number) =>
      tf.tidy(() => [
        ...generator.sample(count, { seed: deriveSeed(7, 'chunk', number) }).dataSync(),
      ]),
    );
    expect([...data]).toEqual(wanted);
    expect(new Set(wanted).size).toBe(28);
  });

  test('gives a generator that was loaded from its file the same samples', async () => {
    await sampleChunks(generator, job('one'), { shard: shardOf('0/2') });
    await generator.save(fileHandler(at('model')));
    const loaded = await Generator.load(fileHandler(at('model')));
    expect(await sampleChunks(loaded, job('one'))).toEqual({ written: 2, found: 2 });
    loaded.dispose();
    await mergeChunks(at('one'));
  });

  test('shares a condition among all samples', async () => {
    const gan = createMlpGan({ sampleShape: [2], latentSize: 3, hiddenUnits: [4], classes: 3 });
    await sampleChunks(gan.generator, job('class', { conditions: { labels: 2 } }));
    await mergeChunks(at('class'), { path: at('class.npy') });
    const { data } = parseNpy(await readFile(at('class.npy')), 'class.npy');
    const first = tf.tidy(() => [
      ...gan.generator.sample(4, { seed: deriveSeed(7, 'chunk', 0), labels: 2 }).dataSync(),
    ]);
    expect([...data].slice(0, 8)).toEqual(first);
    gan.dispose();
  });

  test('leaves no tensors behind', async () => {
    await sampleChunks(generator, job('one'), { shard: shardOf('0/4') });
    const { numTensors } = tf.memory();
    await sampleChunks(generator, job('one'));
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('refuses the folder of another job, and numbers out of range', async () => {
    await sampleChunks(generator, job('one'));
    expect(await refusal(sampleChunks(generator, job('one', { seed: 8 })))).toBe(
      "Cannot sample chunks: '/one' must be free or have chunks of this job, got one with another seed (7 instead of 8). Choose another folder",
    );
    const other = createMlpGan({ sampleShape: [2], latentSize: 3, hiddenUnits: [4], seed: 2 });
    expect(await refusal(sampleChunks(other.generator, job('one')))).toContain('another model');
    other.dispose();
    expect(await refusal(sampleChunks(generator, job('two', { count: 0 })))).toBe(
      'Cannot sample chunks: count must be a positive integer, got 0',
    );
    const labels = sampleChunks(generator, job('two', { conditions: { labels: 3 } }));
    expect(await refusal(labels)).toContain('labels');
    const shard = { index: 5, count: 4 };
    expect(await refusal(sampleChunks(generator, job('two'), { shard }))).toMatch(
      /^Cannot sample chunks: shard must have an index from 0 to count − 1, got /,
    );
    expect(await readdir(folder)).toEqual(['one']);
  });
});

describe('mergeChunks', () => {
  beforeEach(async () => {
    await sampleChunks(generator, job('one'));
  });

  test('has the SHA-256 of all numbers, and one whole file of two merges at once', async () => {
    const path = at('all.npy');
    const [first, second] = await Promise.all([
      mergeChunks(at('one'), { path }),
      mergeChunks(at('one'), { path }),
    ]);
    expect(second).toEqual(first);
    const bytes = (await readFile(path)).subarray(-14 * 2 * 4);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(first).toEqual({ chunks: 4, samples: 14, sha256 });
    expect((await readdir(folder)).sort()).toEqual(['all.npy', 'one']);
  });

  test('names chunks that are missing or too many', async () => {
    await rm(chunk('one', 1));
    await copyFile(chunk('one', 0), chunk('one', 9));
    expect(await refusal(mergeChunks(at('one'), { path: at('all.npy') }))).toBe(
      "Cannot merge chunks: '/one' must have each chunk of its job once and whole, got " +
        '1 missing (chunk-000001.safetensors), 1 too many (chunk-000009.safetensors). ' +
        'Sample again: chunks that are there are kept',
    );
  });

  test('names chunks that are short, damaged or of another job, and writes no file', async () => {
    await sampleChunks(generator, job('other', { seed: 8 }));
    await copyFile(chunk('other', 2), chunk('one', 2));
    // Of the same job, with a wrong number.
    await copyFile(chunk('one', 0), chunk('one', 1));
    await truncate(chunk('one', 0), 100);
    await writeFile(chunk('one', 3), 'text');
    expect(await refusal(mergeChunks(at('one'), { path: at('all.npy') }))).toBe(
      "Cannot merge chunks: '/one' must have each chunk of its job once and whole, got " +
        '2 short or damaged (chunk-000000.safetensors, chunk-000003.safetensors), ' +
        '2 of another job (chunk-000001.safetensors, chunk-000002.safetensors). ' +
        'Remove these files and sample again: chunks that are there are kept',
    );
    expect((await readdir(folder)).sort()).toEqual(['one', 'other']);
  });

  test('refuses a folder without a job, and a damaged one', async () => {
    expect(await refusal(mergeChunks(folder))).toBe(
      "Cannot merge chunks: '' must have the job.json of sampleChunks, got none",
    );
    await writeFile(at('one/job.json'), '{');
    expect(await refusal(mergeChunks(at('one')))).toBe(
      "Cannot merge chunks: '/one/job.json' must be the record of a job, got a damaged file",
    );
  });
});
