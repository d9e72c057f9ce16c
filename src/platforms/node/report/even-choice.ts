/**
 * Chooses items whose sizes sum to at most `budget`: the first, the last, and as many as fit,
 * evenly spaced, between them.
 *
 * @returns Their indices, in order.
 *
 * @internal
 */
export function evenChoice(
  sizes: readonly number[],
  budget: number,
  mostKept: number,
): readonly number[] {
  const last = sizes.length - 1;
  for (let count = Math.min(sizes.length, mostKept); count > 1; count -= 1) {
    const chosen = Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)));
    if (chosen.reduce((sum, i) => sum + sizes[i]!, 0) <= budget) return chosen;
  }
  // The newest is the most informative.
  return last >= 0 && sizes[last]! <= budget ? [last] : [];
}
