import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import {
  batchIndices,
  batchMaker,
  checkBatches,
  countLabels,
  type InMemoryContent,
  type InMemoryDataset,
  sliceBounds,
} from './in-memory.ts';

/** A dataset as those in memory are, but for where its samples lie. @internal */
export interface OnDemandDataset extends Dataset, Pick<InMemoryDataset, 'valueRange'> {
  readonly size: number;
  slice(start: number, end?: number): OnDemandDataset;
}

/** What {@link onDemandDataset} needs to know: everything has been checked. @internal */
export interface OnDemandContent extends Omit<InMemoryContent, 'values'> {
  /** The bytes of some samples, one after the other, by their positions. */
  readonly read: (indices: Uint32Array) => Promise<Uint8Array>;
}

/**
 * A dataset that holds no samples, and reads those of each batch when it is due.
 *
 * Order and values are those of a dataset in memory, bit-for-bit. The next batch is read while the
 * last one is in use, so two are in memory at most.
 *
 * @internal
 */
export function onDemandDataset(content: OnDemandContent): OnDemandDataset {
  const { name, size, sampleShape, labels, classes, valueRange, read } = content;
  return {
    name,
    size,
    sampleShape: [...sampleShape],
    classes,
    classCounts: labels && classes !== undefined ? countLabels(labels, classes) : undefined,
    tensors: {},
    valueRange,
    batches(options) {
      checkBatches(name, size, options);
      return pass(content, options);
    },
    slice(start, end = size) {
      const [from, to] = sliceBounds(name, size, start, end);
      return onDemandDataset({
        ...content,
        size: to - from,
        labels: labels?.subarray(from, to),
        read: (indices) => read(indices.map((index) => from + index)),
      });
    },
  };
}

async function* pass(content: OnDemandContent, options: BatchesOptions): AsyncGenerator<Batch> {
  let reading: Promise<Uint8Array> | undefined;
  let current: Uint32Array | undefined;
  for (const next of withEnd(batchIndices(content.size, options))) {
    const values = await reading;
    reading = next && content.read(next);
    // It fails when its turn comes, not before, and not at all if the pass ends first.
    reading?.catch(() => undefined);
    if (values !== undefined && current !== undefined) yield batchOf(content, current, values);
    current = next;
  }
}

function batchOf(content: OnDemandContent, indices: Uint32Array, values: Uint8Array): Batch {
  const { labels } = content;
  const own = labels && Int32Array.from(indices, (index) => labels[index] ?? 0);
  return batchMaker({ ...content, values, labels: own })(indices.map((_, i) => i));
}

function* withEnd<T>(items: Iterable<T>): Generator<T | undefined, void> {
  yield* items;
  yield undefined;
}
