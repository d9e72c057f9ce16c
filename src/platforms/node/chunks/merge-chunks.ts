import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkOptions } from '../../../core/checks.ts';
import { DataFormatError } from '../../../core/errors.ts';
import { encodeNpy } from '../../../io/npy.ts';
import { decodeSafetensors } from '../../../io/safetensors.ts';
import { checkPath } from '../check-path.ts';
import { readBytes } from '../read-bytes.ts';
import { makeFolder, replace } from '../write-file.ts';
import {
  chunkFile,
  chunkNames,
  chunksOf,
  idOf,
  type JobRecord,
  readRecord,
  sizeOf,
} from './chunk-job.ts';

const action = 'merge chunks';

/** Names that an error lists. */
const mostNamed = 5;

/**
 * Checks that the chunks of {@link sampleChunks} are complete, and writes them as one file if you
 * want.
 *
 * One chunk is in memory at a time. The folder is only read, so several calls may run at once.
 *
 * @param folder - The folder of the chunks, as a path or a `file:` address.
 * @param options - The file to write.
 * @returns How many chunks and samples there are, and the SHA-256 of all numbers, as little-endian
 *   float32 in the order of the chunks: the same for any number of processes.
 * @throws Error if chunks are missing, short, damaged, of another job, or too many: with their names;
 *   or `job.json` is missing or damaged. No file is written then.
 * @throws TypeError if an option is unknown.
 *
 * @example Make, check and merge
 * ```ts
 * await sampleChunks(generator, { folder: 'parts', count: 300, seed: 7 });
 * const { chunks, samples } = await mergeChunks('parts', { path: 'all.npy' });
 * console.log(chunks, samples); // 2 300
 * ```
 */
export async function mergeChunks(
  folder: string | URL,
  options: {
    /**
     * A NumPy file `[count, ...outputShape]` for all samples.
     *
     * @defaultValue none is written
     */
    readonly path?: string | URL | undefined;
  } = {},
): Promise<{
  /** How many chunks there are. */
  chunks: number;
  /** How many samples there are. */
  samples: number;
  /** SHA-256 of all numbers, as 64 hexadecimal digits. */
  sha256: string;
}> {
  checkOptions(action, options, ['path']);
  const place = checkPath(action, folder);
  const record = await readRecord(action, place);
  if (record === undefined) {
    throw new Error(
      `Cannot ${action}: '${place}' must have the job.json of sampleChunks, got none`,
    );
  }
  const names = Array.from({ length: chunksOf(record) }, (_, number) => chunkFile(number));
  const there = new Set(await chunkNames(place));
  refuse(place, [
    ['missing', names.filter((name) => !there.has(name))],
    ['too many', [...there].filter((name) => !names.includes(name))],
  ]);
  const path =
    options.path === undefined ? undefined : checkPath(action, options.path, 'path', 'a file');
  const sum = await (path === undefined
    ? readAll(place, names, record)
    : writeAll(place, names, record, path));
  return { chunks: names.length, samples: record.count, sha256: sum };
}

/** Written under a name of its own first: two merges leave one whole file. */
async function writeAll(
  folder: string,
  names: readonly string[],
  record: JobRecord,
  path: string,
): Promise<string> {
  await makeFolder(dirname(path));
  return replace(path, async (file) => {
    await file.writeFile(encodeNpy([record.count, ...record.sampleShape], new Float32Array(0)));
    return readAll(folder, names, record, file);
  });
}

async function readAll(
  folder: string,
  names: readonly string[],
  record: JobRecord,
  file?: FileHandle,
): Promise<string> {
  const id = await idOf(record);
  const hash = createHash('sha256');
  const [short, foreign]: [string[], string[]] = [[], []];
  for (const [number, name] of names.entries()) {
    const chunk = decoded(await readBytes(action, join(folder, name)), name);
    const values = chunk?.tensors['samples']?.values;
    const length = sizeOf(record, number) * record.sampleShape.reduce((a, b) => a * b, 1);
    if (!(values instanceof Float32Array)) short.push(name);
    else if (chunk?.metadata['job'] !== id || chunk.metadata['chunk'] !== String(number)) {
      foreign.push(name);
    } else if (values.length !== length) short.push(name);
    else {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      hash.update(bytes);
      await file?.writeFile(bytes);
    }
  }
  refuse(folder, [
    ['short or damaged', short],
    ['of another job', foreign],
  ]);
  return hash.digest('hex');
}

/** A chunk; undefined if its file is damaged. */
function decoded(
  bytes: Uint8Array,
  name: string,
): ReturnType<typeof decodeSafetensors> | undefined {
  try {
    return decodeSafetensors(bytes, name);
  } catch (error) {
    if (error instanceof DataFormatError) return undefined;
    throw error;
  }
}

function refuse(
  folder: string,
  wrong: readonly (readonly [what: string, names: readonly string[]])[],
): void {
  const found = wrong.filter(([, names]) => names.length > 0);
  if (found.length === 0) return;
  const words = found.map(([what, names]) => {
    const more = names.length > mostNamed ? ', …' : '';
    return `${names.length} ${what} (${names.slice(0, mostNamed).join(', ')}${more})`;
  });
  const isMissing = found.some(([what]) => what === 'missing');
  throw new Error(
    `Cannot ${action}: '${folder}' must have each chunk of its job once and whole, got ${words.join(', ')}. ` +
      `${isMissing ? 'Sample again' : 'Remove these files and sample again'}: chunks that are there are kept`,
  );
}
