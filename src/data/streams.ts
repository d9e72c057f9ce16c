import type { Dataset } from './dataset.ts';

/** Marks a stream, also for another copy of this library; `{ ...dataset }` keeps it. */
const stream = Symbol.for('tfjs-gan.stream');

/** A dataset that may be marked. */
type Marked = Dataset & { [stream]?: true };

/** Marks a dataset that keeps its own order, whatever the seed. @internal */
export function markStream(dataset: Dataset): Dataset {
  (dataset as Marked)[stream] = true;
  return dataset;
}

/** @internal */
export function isStream(dataset: Dataset): boolean {
  return (dataset as Marked)[stream] === true;
}
