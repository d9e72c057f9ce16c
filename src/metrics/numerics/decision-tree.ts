import type { Rows } from './rows.ts';

/** A leaf, or a question about one feature. */
type TreeNode =
  | { readonly label: number }
  | {
      readonly feature: number;
      readonly most: number;
      readonly below: TreeNode;
      readonly above: TreeNode;
    };

/** Questions from the root to a leaf. */
const deepest = 8;
/** Rows of a leaf. */
const leastRows = 5;

/**
 * A decision tree: each question is the one after which Gini's impurity is least, among all
 * features and all borders between two values; of equal ones the first.
 *
 * @param labels - A class for each row, from 0.
 * @returns The class of each row of other features.
 *
 * @internal
 */
export function fitTree(features: Rows, labels: ArrayLike<number>): (others: Rows) => Int32Array {
  const classes = Array.from(labels).reduce((most, label) => Math.max(most, label), 0) + 1;
  const all = Uint32Array.from({ length: features.rows }, (_, row) => row);
  const root = grow({ features, labels, classes }, all, 0);
  return (others) =>
    Int32Array.from({ length: others.rows }, (_, row) => classify(root, others, row));
}

interface Growth {
  readonly features: Rows;
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

function grow(growth: Growth, rows: Uint32Array, depth: number): TreeNode {
  const counts = new Float64Array(growth.classes);
  for (const row of rows) counts[growth.labels[row]!]! += 1;
  const most = counts.reduce((best, count) => Math.max(best, count), 0);
  const leaf = { label: counts.indexOf(most) };
  if (depth === deepest || most === rows.length || rows.length < 2 * leastRows) return leaf;
  const split = bestSplit(growth, rows, counts);
  if (split === undefined) return leaf;
  const { feature } = split;
  const { values, width } = growth.features;
  const isBelow = (row: number): boolean => values[row * width + feature]! <= split.most;
  const below = grow(growth, rows.filter(isBelow), depth + 1);
  const above = grow(
    growth,
    rows.filter((row) => !isBelow(row)),
    depth + 1,
  );
  return { ...split, below, above };
}

/**
 * The border after which Σ (squares of counts / rows) of both sides is greatest, which is the least
 * impurity.
 */
function bestSplit(
  { features, labels, classes }: Growth,
  rows: Uint32Array,
  counts: Float64Array,
): { readonly feature: number; readonly most: number } | undefined {
  const { values, width } = features;
  const squares = counts.reduce((sum, count) => sum + count * count, 0);
  let best = squares / rows.length + 1e-9;
  let found: { readonly feature: number; readonly most: number } | undefined;
  const sorted = rows.slice();
  for (let feature = 0; feature < width; feature += 1) {
    const at = (row: number): number => values[row * width + feature]!;
    sorted.sort((a, b) => at(a) - at(b));
    const below = new Float64Array(classes);
    const above = counts.slice();
    let [belowSquares, aboveSquares] = [0, squares];
    for (let i = 0; i < sorted.length - 1; i += 1) {
      const label = labels[sorted[i]!]!;
      belowSquares += 2 * below[label]! + 1;
      aboveSquares -= 2 * above[label]! - 1;
      below[label]! += 1;
      above[label]! -= 1;
      const isBorder = at(sorted[i]!) < at(sorted[i + 1]!);
      const [left, right] = [i + 1, sorted.length - i - 1];
      if (!isBorder || left < leastRows || right < leastRows) continue;
      const gain = belowSquares / left + aboveSquares / right;
      if (gain <= best) continue;
      best = gain;
      found = { feature, most: (at(sorted[i]!) + at(sorted[i + 1]!)) / 2 };
    }
  }
  return found;
}

function classify(node: TreeNode, { values, width }: Rows, row: number): number {
  let at = node;
  while (!('label' in at)) at = values[row * width + at.feature]! <= at.most ? at.below : at.above;
  return at.label;
}
