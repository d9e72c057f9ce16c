/** Number of entries above which older ones are thinned out. @internal */
export const mostEntries = 20_000;

/**
 * The first entries are always kept: the collapse alarm compares gradients with those of the first
 * steps.
 */
const firstWhole = 100;

/** The newest entries are always kept. */
const newestWhole = 5_000;

/**
 * Entries kept between the two. With these limits a list is thinned out once in thousands of
 * entries.
 */
const mostBetween = 10_000;

/** How to thin out a list. @internal */
export interface ThinOptions<T> {
  /** Position of an entry in the run; never decreases from one entry to the next. */
  readonly step: (entry: T) => number;
  /** Entries of the same series are thinned out together, the longest series first. */
  readonly series?: ((entry: T) => string) | undefined;
}

/**
 * Thins a list out, in place, if it is longer than {@link mostEntries}: of the entries between the
 * first and the newest ones, each series keeps the first of every 1, 2, 4, … steps.
 *
 * The result depends only on the list, so a resumed run keeps the same entries as an uninterrupted
 * one. Multiples of a power of two are kept, so that penalties that are due every 16th step keep
 * their curve.
 *
 * @internal
 */
export function thinEntries<T>(entries: T[], { step, series = () => '' }: ThinOptions<T>): void {
  if (entries.length <= mostEntries) return;
  const newest = entries.length - newestWhole;
  const lists = new Map<string, { stride: number; kept: number[] }>();
  let between = newest - firstWhole;
  for (let i = firstWhole; i < newest; i += 1) {
    const name = series(entries[i]!);
    const list = lists.get(name);
    if (list === undefined) lists.set(name, { stride: 1, kept: [i] });
    else list.kept.push(i);
  }
  while (between > mostBetween) {
    const longest = Math.max(...[...lists.values()].map(({ kept }) => kept.length));
    const thinned = [...lists.values()].filter(({ kept }) => kept.length === longest);
    // Nothing is left to thin out, or steps are not numbers: the oldest entries are dropped.
    if (longest === 1 || thinned.some(({ stride }) => stride > Number.MAX_SAFE_INTEGER)) break;
    for (const list of thinned) {
      list.stride *= 2;
      list.kept = firstOfEach(list.kept, (i) => Math.floor(step(entries[i]!) / list.stride));
      between -= longest - list.kept.length;
    }
  }
  const kept = [...lists.values()]
    .flatMap((list) => list.kept)
    .sort((a, b) => a - b)
    .slice(-mostBetween);
  const stay = [
    ...entries.slice(0, firstWhole),
    ...kept.map((i) => entries[i]!),
    ...entries.slice(newest),
  ];
  stay.forEach((entry, i) => {
    entries[i] = entry;
  });
  entries.length = stay.length;
}

/** The first of each run of equal keys. */
function firstOfEach<T>(values: readonly T[], key: (value: T) => number): T[] {
  let last = NaN;
  return values.filter((value) => {
    const before = last;
    last = key(value);
    return last !== before;
  });
}
