/**
 * The known name that a mistyped one most likely stands for; `undefined` if none is close: more
 * than one edit in three letters apart.
 */
export function closestName(typed: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** A sentence with the closest name, to append to an error; empty if none is close. */
export function didYouMean(typed: string, known: readonly string[], prefix = ''): string {
  const name = closestName(typed, known);
  return name === undefined ? '' : `. Did you mean ${prefix}${name}?`;
}

/** Insertions, deletions, substitutions and swaps of neighbors between two texts. */
function editDistance(a: string, b: string): number {
  // Longer texts are no typing errors, and the table below would be large.
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(substituted, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
