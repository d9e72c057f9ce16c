import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { isPromise } from '../core/realms.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';

/** One of the datasets that are joined. @internal */
export interface Member {
  readonly name: string;
  readonly dataset: Dataset;
  readonly size: number;
}

/**
 * Checks the datasets of a join before any is iterated.
 *
 * @param example - An example call for errors.
 *
 * @internal
 */
export function checkMembers(datasets: unknown, example: string): readonly [Member, ...Member[]] {
  if (!isRecord(datasets)) {
    throw new TypeError(
      `Cannot join datasets: datasets must be an object of datasets by name, got ${formatValue(datasets)}. ` +
        `Write ${example}`,
    );
  }
  const [first, ...others] = Object.entries(datasets).map(([name, dataset]) =>
    checkMember(name, dataset),
  );
  if (first === undefined || others.length === 0) {
    throw new RangeError(
      `Cannot join datasets: datasets must be at least two, got ${first === undefined ? 'none' : `${first.name} alone`}. ` +
        `Write ${example}`,
    );
  }
  return [first, ...others];
}

function checkMember(name: string, dataset: unknown): Member {
  if (name === 'labels') {
    throw new RangeError(
      "Cannot join datasets: names must differ from 'labels', which are the classes of samples, got 'labels'. " +
        'Choose another name',
    );
  }
  if (!isDataset(dataset)) {
    const cure = isPromise(dataset)
      ? 'Wait for it: await loadMnist()'
      : 'Create one with datasetFromArray, datasetFromTensor or datasetFromTfData';
    throw new TypeError(
      `Cannot join datasets: ${name} must be a Dataset, got ${formatValue(dataset)}. ${cure}`,
    );
  }
  const { size, tensors = {} } = dataset;
  const further = Object.keys(tensors);
  if (further.length > 0) {
    throw new RangeError(
      `Cannot join datasets: ${name} must return samples and labels only, as other tensors would be lost, ` +
        `got ${further.join(', ')} as well. Join all datasets in one call`,
    );
  }
  if (size === undefined || !Number.isSafeInteger(size) || size <= 0) {
    throw new RangeError(
      `Cannot join datasets: ${name} must have a known finite size, got ${formatValue(size)}. ` +
        'State one, such as datasetFromTfData(source, { size: 10_000 })',
    );
  }
  return { name, dataset, size };
}

function isDataset(value: unknown): value is Dataset {
  return (
    typeof value === 'object' &&
    value !== null &&
    'batches' in value &&
    typeof value.batches === 'function'
  );
}

/**
 * The name of joined datasets: a resumed run compares it to find out whether the data are the same.
 *
 * @internal
 */
export function joinedName(maker: string, members: readonly Member[]): string {
  return `${maker}(${members.map(({ name, dataset }) => `${name}: ${dataset.name}`).join(', ')})`;
}

/** The shape of one row of each, by name, except `samples`, which `sampleShape` has. @internal */
export function furtherShapes(members: readonly Member[]): Record<string, readonly number[]> {
  const further = members.filter(({ name }) => name !== 'samples');
  return Object.fromEntries(further.map(({ name, dataset }) => [name, [...dataset.sampleShape]]));
}

/**
 * The range of a dataset's values if it is known. Metrics use it, although it is not part of every
 * dataset.
 *
 * @internal
 */
export function rangeOf(dataset: Dataset): object {
  return 'valueRange' in dataset ? { valueRange: dataset.valueRange } : {};
}

/** An iteration over one dataset, lap after lap. @internal */
export interface Walk {
  readonly member: Member;
  /** Name of the joined dataset, for messages. */
  readonly joined: string;
  readonly options: BatchesOptions;
  /** The end: number of the batch, counted over all laps. */
  readonly end: number;
  /** The seed of a lap. */
  readonly seedOf: (lap: number) => number | undefined;
}

/**
 * The batches of several iterations, one of each at a time; the caller disposes them.
 *
 * At the end, and after an error, each dataset is closed and unused batches are disposed.
 *
 * @internal
 */
export async function* inStep(walks: readonly Walk[]): AsyncGenerator<readonly Batch[], void> {
  const passes = walks.map(laps);
  try {
    for (;;) {
      // Requested at once, because each may have to wait for its files.
      const turns = passes.map((pass) => pass.next());
      const batches: Batch[] = [];
      try {
        for (const turn of await settled(turns)) if (turn.done !== true) batches.push(turn.value);
        checkRows(walks, batches);
      } catch (error) {
        await disposeGiven(turns);
        throw error;
      }
      if (batches.length === 0) return;
      yield batches;
    }
  } finally {
    await Promise.allSettled(passes.map((pass) => pass.return()));
  }
}

/** Like `Promise.all`, but waits for all, so that results can be disposed after an error. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

async function disposeGiven(turns: readonly Promise<IteratorResult<Batch, void>>[]): Promise<void> {
  for (const turn of await Promise.allSettled(turns)) {
    if (turn.status === 'fulfilled' && turn.value.done !== true)
      tf.dispose({ ...turn.value.value });
  }
}

/** All laps as one pass. Batches before its beginning are not created. */
async function* laps(walk: Walk): AsyncGenerator<Batch, void> {
  const { member, joined, options, end, seedOf } = walk;
  const { batchSize, firstBatch = 0 } = options;
  const batchesInLap = Math.floor(member.size / batchSize);
  let next = firstBatch;
  while (next < end) {
    const lap = Math.floor(next / batchesInLap);
    const lapEnd = Math.min(end, (lap + 1) * batchesInLap);
    const pass = { batchSize, seed: seedOf(lap), firstBatch: next % batchesInLap };
    for await (const batch of member.dataset.batches(pass)) {
      checkSamples(walk, batch);
      next += 1;
      yield batch;
      if (next === lapEnd) break;
    }
    if (next < lapEnd) {
      throw new RangeError(
        `Cannot batch the dataset '${joined}': ${member.name} must return ${batchesInLap} batches of ${batchSize} ` +
          `in a pass, as its size ${member.size} implies, got ${next - lap * batchesInLap}`,
      );
    }
  }
}

function checkSamples({ member, joined }: Walk, batch: Batch): void {
  const samples: unknown = isRecord(batch) ? batch.samples : undefined;
  if (samples instanceof tf.Tensor && samples.rank > 0) return;
  if (isRecord(batch)) tf.dispose({ ...batch });
  throw new TypeError(
    `Cannot batch the dataset '${joined}': ${member.name} must return { samples: a tensor of rows }, ` +
      `got ${formatValue(batch)} with samples ${formatValue(samples)}`,
  );
}

function checkRows(walks: readonly Walk[], batches: readonly Batch[]): void {
  const rows = batches.map(({ samples }) => samples.shape[0] ?? 0);
  if (rows.every((count) => count === rows[0])) return;
  const counts = walks.map(({ member }, i) => `${rows[i]} of ${member.name}`);
  throw new RangeError(
    `Cannot batch the dataset '${walks[0]?.joined}': all datasets must return batches with equal numbers of rows, ` +
      `got ${counts.join(', ')}`,
  );
}
