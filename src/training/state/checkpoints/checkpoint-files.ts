import { version_core } from '@tensorflow/tfjs';
import { CheckpointError, DataFormatError } from '../../../core/errors.ts';
import { formatValue } from '../../../core/format.ts';
import { sha256 } from '../../../core/sha256.ts';
import { decodeText, encodeText } from '../../../core/text.ts';
import { libraryVersion } from '../../../core/version.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../io/safetensors.ts';
import type { CheckpointFiles } from '../checkpoint-store.ts';
import type { TrainerSnapshot } from '../trainer-snapshot.ts';
import { printState } from './print-state.ts';
import { putTogether, type StoredArray, takeApart } from './take-apart.ts';

/** The best checkpoint of a run so far. @internal */
export interface BestCheckpoint {
  /** Its name. */
  readonly name: string;
  /** Its score. */
  readonly score: number;
}

/** The content of a checkpoint. @internal */
export interface Checkpoint {
  readonly snapshot: TrainerSnapshot;
  /** The best checkpoint of the run at the time of writing, if a score is kept. */
  readonly best?: BestCheckpoint | undefined;
}

const weightsFile = 'weights.safetensors';
const stateFile = 'state.json';
/** What other programs need to rebuild the networks. */
const networksFile = 'networks.json';
/** In the format of `sha256sum`; check it with `sha256sum -c SHA256SUMS`. */
const sumsFile = 'SHA256SUMS';

/**
 * Writes a checkpoint as files: tensors and the numbers of long histories in safetensors, the
 * architecture of the networks in `networks.json`, everything else in `state.json`, and the
 * checksums of all files.
 *
 * @internal
 */
export async function encodeCheckpoint({ snapshot, best }: Checkpoint): Promise<CheckpointFiles> {
  const { description, ...others } = snapshot;
  const { arrays, rest } = takeApart(others);
  const state = printState({
    format: 1,
    library: libraryVersion,
    tensorflow: version_core,
    best: takeApart(best).rest,
    snapshot: rest,
  });
  const files = {
    [stateFile]: encodeText(`${state}\n`),
    [networksFile]: encodeText(`${JSON.stringify(description, undefined, 2)}\n`),
    [weightsFile]: encodeSafetensors(arrays),
  };
  const sums = await Promise.all(
    Object.entries(files).map(async ([name, bytes]) => `${await sha256(bytes)}  ${name}\n`),
  );
  return { ...files, [sumsFile]: encodeText(sums.join('')) };
}

/**
 * Reads the files of a checkpoint.
 *
 * @throws DataFormatError if they are damaged.
 * @throws CheckpointError if a newer version of this library wrote them.
 *
 * @internal
 */
export async function decodeCheckpoint(files: CheckpointFiles): Promise<Checkpoint> {
  for (const name of [sumsFile, stateFile, networksFile, weightsFile]) fileOf(files, name);
  for (const [name, wanted] of readSums(fileOf(files, sumsFile))) {
    if ((await sha256(fileOf(files, name))) !== wanted) {
      throw damaged(`${name} does not have the checksum in ${sumsFile}`);
    }
  }
  const state = parseObject(fileOf(files, stateFile), stateFile);
  const description = parseObject(fileOf(files, networksFile), networksFile);
  if (state['format'] !== 1) {
    throw new CheckpointError(
      `Cannot read a checkpoint: its format must be 1, got ${formatValue(state['format'])}. ` +
        `It was written by version ${String(state['library'])} of this library: update yours, which is ${libraryVersion}`,
    );
  }
  const { tensors } = decodeSafetensors(fileOf(files, weightsFile), weightsFile);
  const arrays = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }]): [string, StoredArray] => {
      if (values instanceof Float32Array || values instanceof Float64Array) {
        return [name, { shape, values }];
      }
      throw damaged(`${weightsFile} has values that are not floats`);
    }),
  );
  try {
    const { snapshot, best } = putTogether({ rest: state, arrays }) as Partial<Checkpoint>;
    // Trainer.restore checks each part of the snapshot before using any.
    const whole = { ...snapshot, description } as unknown as TrainerSnapshot;
    return { snapshot: whole, best: isBest(best) ? best : undefined };
  } catch (error) {
    throw damaged(`${stateFile}: ${(error as Error).message}`, error);
  }
}

function readSums(bytes: Uint8Array): [name: string, sum: string][] {
  const lines = decodeText(bytes).trimEnd().split('\n');
  const sums = lines.map((line): [string, string] => {
    const [, sum = '', name = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    return [name, sum];
  });
  const complete = [stateFile, networksFile, weightsFile].every((name) =>
    sums.some(([of]) => of === name),
  );
  if (complete && sums.every(([name]) => name !== '')) return sums;
  throw damaged(`${sumsFile} does not have a checksum for each file`);
}

function parseObject(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  let state: unknown;
  try {
    state = JSON.parse(decodeText(bytes, { strict: true }));
  } catch (error) {
    throw damaged(`${name} is not JSON`, error);
  }
  if (typeof state === 'object' && state !== null && !Array.isArray(state)) {
    return state as Record<string, unknown>;
  }
  throw damaged(`${name} must be an object, got ${formatValue(state)}`);
}

function fileOf(files: CheckpointFiles, name: string): Uint8Array {
  const bytes = Object.hasOwn(files, name) ? files[name] : undefined;
  if (bytes === undefined) throw damaged(`${name} is missing`);
  return bytes;
}

function damaged(what: string, cause?: unknown): DataFormatError {
  return new DataFormatError('checkpoint', `Cannot read a checkpoint: ${what}`, { cause });
}

function isBest(best: unknown): best is BestCheckpoint {
  const { name, score } = (best ?? {}) as Partial<BestCheckpoint>;
  return typeof name === 'string' && typeof score === 'number';
}
