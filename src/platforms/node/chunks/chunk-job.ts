import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../../../core/checks.ts';
import { joinBytes } from '../../../core/join-bytes.ts';
import { sha256 } from '../../../core/sha256.ts';
import { encodeText } from '../../../core/text.ts';
import type { Generator } from '../../../models/generator.ts';
import { unlessMissing } from '../write-file.ts';

/** Everything that determines the samples of a folder of chunks, as its `job.json` has it. @internal */
export interface JobRecord {
  /** SHA-256 of the weights that samples are made with. */
  readonly model: string;
  readonly count: number;
  readonly seed: number;
  readonly chunkSize: number;
  /** A value for all samples, by the name of the condition. */
  readonly conditions: Readonly<Record<string, number>>;
  readonly sampleShape: readonly number[];
}

const recordName = 'job.json';

/** The file of the record. @internal */
export function recordFile(folder: string): string {
  return join(folder, recordName);
}

/** The file of a chunk. @internal */
export function chunkFile(number: number): string {
  return `chunk-${String(number).padStart(6, '0')}.safetensors`;
}

/** How many chunks there are. @internal */
export function chunksOf({ count, chunkSize }: JobRecord): number {
  return Math.ceil(count / chunkSize);
}

/** How many samples a chunk has: the last one may have fewer. @internal */
export function sizeOf({ count, chunkSize }: JobRecord, number: number): number {
  return Math.min(chunkSize, count - number * chunkSize);
}

/** Identifies a job in each of its chunks. @internal */
export function idOf(record: JobRecord): Promise<string> {
  return sha256(encodeText(textOf(record)));
}

/** The record as JSON, the same for the same job. @internal */
export function textOf(record: JobRecord): string {
  const { model, count, seed, chunkSize, sampleShape } = record;
  const conditions = Object.fromEntries(
    Object.entries(record.conditions).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${JSON.stringify({ model, count, seed, chunkSize, conditions, sampleShape }, null, 2)}\n`;
}

/**
 * The record of a folder; undefined if there is none.
 *
 * @throws Error if it is damaged.
 *
 * @internal
 */
export async function readRecord(action: string, folder: string): Promise<JobRecord | undefined> {
  const text = await unlessMissing(readFile(recordFile(folder), 'utf8'));
  if (text === undefined) return undefined;
  const record = parsed(text);
  if (record !== undefined) return record;
  throw new Error(
    `Cannot ${action}: '${recordFile(folder)}' must be the record of a job, got a damaged file`,
  );
}

function parsed(text: string): JobRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    const isSound =
      isRecord(record) && isRecord(record['conditions']) && Array.isArray(record['sampleShape']);
    return isSound ? (record as unknown as JobRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Names of the files of chunks that are there. @internal */
export async function chunkNames(folder: string): Promise<readonly string[]> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  return names.filter((name) => name.endsWith('.safetensors'));
}

/**
 * SHA-256 of the weights that {@link Generator.sample} uses, with their shapes. Names are left out:
 * those of a network in memory may differ from those of its file.
 *
 * @internal
 */
export async function modelSum(generator: Generator): Promise<string> {
  let bytes = new Uint8Array(0);
  const keep = tf.io.withSaveHandler((artifacts) => {
    const { weightData, weightSpecs = [] } = artifacts;
    const shapes = JSON.stringify(weightSpecs.map(({ shape, dtype }) => [shape, dtype]));
    const parts = [weightData ?? []].flat().map((part) => new Uint8Array(part));
    bytes = joinBytes([encodeText(shapes), ...parts]);
    return Promise.resolve({
      modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
    });
  });
  await generator.save(keep);
  return sha256(bytes);
}
