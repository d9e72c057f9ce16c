import type { NamedArray } from '../../../core/named-arrays.ts';
import type { Dataset } from '../../../data/dataset.ts';
import { firstSamples } from '../../../data/first-samples.ts';

/** The layout of the generated samples. @internal */
export interface RealLayout {
  readonly count: number;
  readonly columns: number | undefined;
  /** Whether each column is a class. */
  readonly byClass: boolean;
}

/** Samples to search for each one that is shown, so that every class has enough. */
const lookedThrough = 8;

/** Real samples in the layout of the generated ones; undefined if there are none. @internal */
export async function realSamples(
  dataset: Dataset,
  { count, columns, byClass }: RealLayout,
  seed: number,
): Promise<NamedArray | undefined> {
  const sorted = byClass && columns !== undefined && dataset.classes === columns;
  const found = await firstSamples(dataset, sorted ? lookedThrough * count : count, seed);
  if (found === undefined) return undefined;
  const { labels, shape, values } = found;
  const places = Array.from({ length: Math.min(count, shape[0]!) }, (_, i) => i);
  const chosen =
    (sorted && labels !== undefined ? inColumns(labels, count, columns) : undefined) ?? places;
  const size = values.length / shape[0]!;
  const taken = new Float32Array(chosen.length * size);
  chosen.forEach((place, i) => {
    taken.set(values.subarray(place * size, (place + 1) * size), i * size);
  });
  return { shape: [chosen.length, ...shape.slice(1)], values: taken };
}

/** Indices of samples with one class per column; undefined if a class has too few. */
function inColumns(
  labels: readonly number[],
  count: number,
  columns: number,
): readonly number[] | undefined {
  const byClass = Array.from({ length: columns }, (_, label) =>
    labels.flatMap((one, place) => (one === label ? [place] : [])),
  );
  const places = Array.from(
    { length: count },
    (_, i) => byClass[i % columns]![Math.floor(i / columns)],
  );
  return places.every((place) => place !== undefined) ? places : undefined;
}
