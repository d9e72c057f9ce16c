import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger, checkSeed } from '../../../core/checks.ts';
import { formatValue } from '../../../core/format.ts';
import { deriveSeed } from '../../../core/random.ts';
import { encodeSafetensors } from '../../../io/safetensors.ts';
import type { Generator } from '../../../models/generator.ts';
import { checkPath } from '../check-path.ts';
import type { Shard } from '../shard.ts';
import { writeFileWhole } from '../write-file.ts';
import {
  chunkFile,
  chunksOf,
  idOf,
  type JobRecord,
  modelSum,
  readRecord,
  recordFile,
  sizeOf,
  textOf,
} from './chunk-job.ts';

const action = 'sample chunks';

/**
 * Samples that several processes make together.
 *
 * @example A million digits, in chunks of 1,024
 * ```ts
 * const job: ChunkJob = { folder: 'digits', count: 1_000_000, seed: 7, chunkSize: 1024 };
 * console.log(Math.ceil(job.count / (job.chunkSize ?? 256))); // 977
 * ```
 */
export interface ChunkJob {
  /** The folder of the chunks, as a path or a `file:` address; created if it does not exist. */
  readonly folder: string | URL;
  /** How many samples all chunks have together; a positive integer. */
  readonly count: number;
  /**
   * The seed of the job, from which each chunk derives its own.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
  /**
   * Samples of a chunk, which are generated in one call; the last chunk may have fewer. Another size
   * gives other samples.
   *
   * @defaultValue `256`
   */
  readonly chunkSize?: number | undefined;
  /**
   * A value for each condition that all samples share, such as `{ labels: 3 }`.
   *
   * @defaultValue `{}`: conditions are drawn as `sample` does
   */
  readonly conditions?: Readonly<Record<string, number>> | undefined;
}

/**
 * Generates samples in chunks, each a file with a seed of its own: millions of samples, by any
 * number of processes, in any order.
 *
 * Chunk c has the seed derived from that of the job and c, so the samples do not depend on who makes
 * them. A chunk that is there is skipped: repeat the call after a crash, or with another number of
 * shards. Files are written under another name, flushed and renamed, so a chunk is whole or not
 * there. {@link mergeChunks} checks that all are there.
 *
 * The thread is blocked while a chunk is generated. The samples are the same on the same backend and
 * kind of machine; others may round differently.
 *
 * - Files: `chunk-000042.safetensors` with the tensor `samples`, `[chunkSize, ...outputShape]`, and
 *   `job.json` with everything that determines the samples.
 *
 * @param generator - Its averaged weights are used if it has some, as `sample` does; the caller keeps
 *   owning it.
 * @param job - How many samples, their seed, and where to write them.
 * @param options - Which part this process makes (all of them if left out), and a signal that ends it
 *   after a chunk.
 * @returns How many chunks were written, and how many were there.
 * @throws RangeError if a number is out of range, or the folder has chunks of another job; TypeError
 *   if an option is unknown; Error if `job.json` is damaged, or a file cannot be written.
 *
 * @example One of two processes
 * ```ts
 * const job = { folder: 'chunks', count: 1000, seed: 7, chunkSize: 100 };
 * console.log(await sampleChunks(generator, job, { shard: shardOf('0/2') })); // { written: 5, found: 0 }
 * ```
 */
export async function sampleChunks(
  generator: Generator,
  job: ChunkJob,
  options: {
    /**
     * The part of the chunks: those whose number, modulo its count, is its index.
     *
     * @defaultValue all chunks
     */
    readonly shard?: Shard | undefined;
    /** Ends the call after the chunk that is being generated. */
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<{
  /** Chunks that this call has written. */
  written: number;
  /** Chunks of the shard that were there. */
  found: number;
}> {
  checkOptions(action, options, ['shard', 'signal']);
  const { shard = { index: 0, count: 1 }, signal } = options;
  const isShard =
    [shard.index, shard.count].every(Number.isSafeInteger) &&
    shard.index >= 0 &&
    shard.index < shard.count;
  if (!isShard) {
    throw new RangeError(
      `Cannot ${action}: shard must have an index from 0 to count − 1, got ${formatValue(shard)}`,
    );
  }
  const folder = checkPath(action, job.folder);
  const record = await recordOf(generator, job);
  const { conditions, seed } = record;
  // Before the folder is claimed: what cannot be drawn is no job.
  tf.tidy(() => void generator.drawInputs(action, 1, { ...conditions, seed }));
  await claimFolder(folder, record);
  const id = await idOf(record);
  const counts = { written: 0, found: 0 };
  for (let number = shard.index; number < chunksOf(record); number += shard.count) {
    if (signal?.aborted === true) break;
    const file = join(folder, chunkFile(number));
    if (existsSync(file)) counts.found += 1;
    else {
      await writeFileWhole(action, file, await chunkBytes(generator, record, number, id));
      counts.written += 1;
    }
  }
  return counts;
}

async function recordOf(generator: Generator, job: ChunkJob): Promise<JobRecord> {
  checkOptions(action, job, ['folder', 'count', 'seed', 'chunkSize', 'conditions'], 'the job');
  const { count, seed = 0, chunkSize = 256, conditions = {} } = job;
  checkPositiveInteger(action, 'count', count);
  checkPositiveInteger(action, 'chunkSize', chunkSize);
  checkSeed(action, seed);
  const model = await modelSum(generator);
  return { model, count, seed, chunkSize, conditions, sampleShape: generator.outputShape };
}

/** Writes the record of the job, or refuses a folder with that of another one. */
async function claimFolder(folder: string, record: JobRecord): Promise<void> {
  const known = await readRecord(action, folder);
  if (known === undefined) {
    await writeFileWhole(action, recordFile(folder), textOf(record));
    return;
  }
  if (textOf(known) === textOf(record)) return;
  const names = Object.keys(record) as (keyof JobRecord)[];
  const other = names.find((name) => JSON.stringify(known[name]) !== JSON.stringify(record[name]))!;
  throw new RangeError(
    `Cannot ${action}: '${folder}' must be free or have chunks of this job, got one with another ${other} ` +
      `(${formatValue(known[other])} instead of ${formatValue(record[other])}). Choose another folder`,
  );
}

async function chunkBytes(
  generator: Generator,
  record: JobRecord,
  number: number,
  job: string,
): Promise<Uint8Array> {
  const seed = deriveSeed(record.seed, 'chunk', number);
  const samples = generator.sample(sizeOf(record, number), { ...record.conditions, seed });
  try {
    const values = (await samples.data()) as Float32Array;
    const metadata = { job, chunk: String(number), of: String(chunksOf(record)) };
    return encodeSafetensors({ samples: { shape: samples.shape, values } }, metadata);
  } finally {
    samples.dispose();
  }
}
