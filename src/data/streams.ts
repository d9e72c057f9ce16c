import type { Dataset } from './dataset.ts';

const streams = new WeakSet<Dataset>();

/** Notes that a dataset gives its samples in an order of its own, whatever the seed. @internal */
export function markStream(dataset: Dataset): Dataset {
  streams.add(dataset);
  return dataset;
}

/** @internal */
export function isStream(dataset: Dataset): boolean {
  return streams.has(dataset);
}
