import type { Dataset } from './dataset.ts';

/** What a stream is known by, also to another copy of this library; `{ ...dataset }` keeps it. */
const stream = Symbol.for('tfjs-gan.stream');

/** A dataset that may be marked. */
type Marked = Dataset & { [stream]?: true };

/** Notes that a dataset gives its samples in an order of its own, whatever the seed. @internal */
export function markStream(dataset: Dataset): Dataset {
  (dataset as Marked)[stream] = true;
  return dataset;
}

/** @internal */
export function isStream(dataset: Dataset): boolean {
  return (dataset as Marked)[stream] === true;
}
