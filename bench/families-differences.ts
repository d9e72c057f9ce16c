import type { NamedArrays } from 'tfjs-gan';

/** What is compared of an update. */
export interface Update {
  readonly turn: string;
  readonly terms: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, number>>;
}

/** The largest difference there is, and where. */
export interface Difference {
  /** In parts of the larger of the two values. */
  readonly relative: number;
  readonly where: string;
}

/**
 * The largest relative difference of a term of an update, or of the loss, which is their sum.
 *
 * @throws Error if the updates are not the same ones, or made by other passes.
 */
export function differenceOfTerms(ours: readonly Update[], theirs: readonly Update[]): Difference {
  if (ours.length !== theirs.length) {
    throw new Error(`Updates must be equal in number, got ${ours.length} and ${theirs.length}`);
  }
  let worst: Difference = { relative: 0, where: 'none' };
  ours.forEach((update, i) => {
    const other = theirs[i]!;
    const [parts, others] = [update, other].map(partsOf) as [string, string];
    if (parts !== others) {
      throw new Error(`Update ${i + 1} must be made of the same parts, got ${parts} and ${others}`);
    }
    for (const [name, value] of Object.entries(withLoss(update.terms))) {
      const twin = withLoss(other.terms)[name]!;
      const relative = Math.abs(value - twin) / Math.max(Math.abs(value), Math.abs(twin));
      // Not `>`, so that what is no number counts as a difference.
      if (value !== twin && !(relative <= worst.relative)) {
        worst = { relative, where: `update ${i + 1}, ${update.turn}, ${name}: ${value}` };
      }
    }
  });
  return worst;
}

/**
 * Length of the difference of all numbers of some arrays, in parts of the length of ours, or of the way that ours went since
 * `start`.
 *
 * @param isCompared - Chooses the arrays by their names.
 */
export function relativeDistance(
  ours: NamedArrays,
  theirs: NamedArrays,
  isCompared: (name: string) => boolean,
  start?: NamedArrays,
): number {
  let [squares, length] = [0, 0];
  for (const [name, { values }] of Object.entries(ours)) {
    if (!isCompared(name)) continue;
    const peer = theirs[name]?.values;
    if (peer?.length !== values.length) throw new Error(`The peer must have ${name}, got none`);
    const before = start?.[name]?.values;
    values.forEach((value, i) => {
      squares += (value - peer[i]!) ** 2;
      length += (value - (before?.[i] ?? 0)) ** 2;
    });
  }
  return Math.sqrt(squares / length);
}

/** The largest difference of two numbers of some arrays. */
export function largestDifference(
  ours: NamedArrays,
  theirs: NamedArrays,
  isCompared: (name: string) => boolean,
): number {
  const arrays = Object.entries(ours).filter(([name]) => isCompared(name));
  const differences = arrays.map(([name, { values }]) => {
    const peer = theirs[name]!.values;
    return values.reduce((most, value, i) => Math.max(most, Math.abs(value - peer[i]!)), 0);
  });
  return Math.max(...differences);
}

/** Turn, terms and passes of an update as text. */
function partsOf({ turn, terms, runs }: Update): string {
  return JSON.stringify([turn, Object.keys(terms).sort(), Object.entries(runs).sort()]);
}

function withLoss(terms: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return { ...terms, loss: Object.values(terms).reduce((a, b) => a + b, 0) };
}
