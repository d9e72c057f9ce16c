import { checkOptions, checkSeed } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { TableDataset } from '../../data/table/table-dataset.ts';
import { areaUnderCurve, fitLogistic, logOdds } from '../numerics/logistic-regression.ts';
import { fitTree } from '../numerics/decision-tree.ts';
import { type AlignedColumn, alignTables, someRows } from './aligned-tables.ts';
import { closestRecords, copyShare } from './closest-records.ts';
import { columnShape, type ColumnShape } from './column-shapes.ts';
import { pairTrends, type PairTrend } from './pair-trends.ts';
import { featureMaker } from './table-features.ts';
import type { Rows } from '../numerics/rows.ts';

/**
 * Settings of {@link tableReport}.
 *
 * @example A column to predict, and fewer rows for what takes long
 * ```ts
 * const rows = Array.from({ length: 90 }, (_, i) => ({ x: i % 9, y: i % 9 > 4 ? 'high' : 'low' }));
 * const options: TableReportOptions = { heldOut: rows.slice(60), target: 'y', rows: 500 };
 * const { usefulness } = tableReport(rows.slice(0, 30), rows.slice(30, 60), options);
 * console.log(usefulness?.synthetic); // 1
 * ```
 */
export interface TableReportOptions {
  /**
   * Real rows that the generator never saw. Usefulness and most of privacy compare with them.
   *
   * @defaultValue none: these are left out
   */
  readonly heldOut?: TableDataset | readonly object[] | undefined;
  /**
   * A column of categories that a classifier predicts from the others in the rows of `heldOut`,
   * which it requires.
   *
   * @defaultValue none: usefulness is left out
   */
  readonly target?: string | undefined;
  /**
   * Pairs count as related if their association in the real rows is at least this.
   *
   * @defaultValue `0.1`
   */
  readonly leastAssociation?: number | undefined;
  /**
   * Most rows of each table for detection, usefulness and privacy, whose time grows faster than the
   * rows: at least 3.
   *
   * @defaultValue `2000`
   */
  readonly rows?: number | undefined;
  /**
   * Decides which rows these are.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * How good synthetic rows are: all shares and scores are 0…1. Plain data, fit for JSON.
 *
 * Every figure needs two others beside it: that of real rows in place of synthetic ones, and that
 * of columns drawn independently.
 *
 * @example The two figures to look at first
 * ```ts
 * const rows = Array.from({ length: 60 }, (_, i) => ({ x: i % 7, y: i % 7 > 3 }));
 * const { shapes, trends }: TableReport = tableReport(rows.slice(0, 30), rows.slice(30));
 * console.log(shapes.mean > 0.9, trends.mean > trends.independent); // true true
 * ```
 */
export interface TableReport {
  /** How alike each column is by itself. */
  readonly shapes: {
    /** Mean over columns. */
    readonly mean: number;
    /** Each column. */
    readonly columns: readonly ColumnShape[];
  };
  /** How alike the relations of columns are. */
  readonly trends: {
    /** Mean over pairs that are related in the real rows; NaN if none is. */
    readonly mean: number;
    /** The mean that columns drawn independently would have on the same pairs. */
    readonly independent: number;
    /** Number of related pairs. */
    readonly related: number;
    /** Each pair, also those that are not related. */
    readonly pairs: readonly PairTrend[];
  };
  /** Whether logistic regression tells real rows from synthetic ones; the mean of three folds. */
  readonly detection: {
    /** 1 − (2 · max(½, AUC) − 1): 1 if it cannot tell, 0 if it always can. */
    readonly score: number;
    /** Area under its ROC curve: ½ if it cannot tell. */
    readonly auc: number;
  };
  /** How well a decision tree predicts `target` of held-out rows; left out without `target`. */
  readonly usefulness?: {
    /** Its name. */
    readonly target: string;
    /** Accuracy of a tree that learned from synthetic rows. */
    readonly synthetic: number;
    /** Accuracy of a tree that learned from as many real rows. */
    readonly real: number;
    /** Accuracy of always predicting the most frequent value. */
    readonly majority: number;
  };
  /** How close synthetic rows are to those of the data. No figure of it is a proof of privacy. */
  readonly privacy: {
    /** Share of synthetic rows that copy a real one: equal categories, numbers within 1 %. */
    readonly copies: number;
    /**
     * Median distance to the closest real record: the mean over columns of |difference| / range, or
     * 0 and 1.
     */
    readonly distance: number;
    /**
     * Median of the distance to the closest real record by that to the second closest: low if
     * single records are imitated.
     */
    readonly neighborRatio: number;
    /** The same of held-out rows, which cannot have been copied. Left out without `heldOut`. */
    readonly heldOut?: {
      /** Share of held-out rows that copy one of the training rows. */
      readonly copies: number;
      /** Their median distance to the closest training record. */
      readonly distance: number;
      /** Median ratio to the second closest one. */
      readonly neighborRatio: number;
      /**
       * Share of synthetic rows that are closer to a training row than to a held-out one, of
       * equally many; ½ if neither is imitated.
       */
      readonly closerToTraining: number;
      /** min(2 · (1 − closerToTraining), 1), SDMetrics' overfitting protection. */
      readonly protection: number;
      /**
       * AUC of an attacker who takes real rows close to a synthetic one for training rows: ½ if
       * that tells nothing.
       */
      readonly membershipAuc: number;
    };
  };
}

/**
 * Compares synthetic rows with real ones: columns, relations of columns, whether a classifier tells
 * them apart, whether they can replace real rows in training, and how close they are to single
 * records.
 *
 * Definitions are those of SDMetrics: 1 − Kolmogorov–Smirnov distance, 1 − total variation
 * distance, correlation and contingency similarity with 10 bins, logistic detection, distance to
 * the closest record. Three things differ: only pairs that are related in the real rows count in
 * the mean of trends, as unrelated ones score high whatever a generator does; a missing value is a
 * category of its own in a pair; and features of the classifiers are standardized numbers and the
 * 20 most frequent categories.
 *
 * @param real - The rows that the generator was trained on.
 * @param synthetic - Generated rows.
 * @param options - Held-out rows, a column to predict, limits.
 * @returns The figures.
 * @throws TypeError if a table is none, a column is of another kind, or an option is unknown;
 *   RangeError if a column is missing, a table has fewer than 3 rows (`heldOut`: none), `target` is
 *   no column of categories or comes without `heldOut`, or a number is out of range.
 *
 * @example Real rows against real rows: the ceiling
 * ```ts
 * const rows = Array.from({ length: 200 }, (_, i) => ({ size: i % 10, kind: i % 10 > 6 ? 'large' : 'small' }));
 * const report = tableReport(rows.slice(0, 100), rows.slice(100), { heldOut: rows.slice(100) });
 * console.log(report.shapes.mean, report.privacy.heldOut?.closerToTraining); // 1 0.5
 * ```
 *
 * @see SDMetrics, the metrics of the Synthetic Data Vault. {@link https://docs.sdv.dev/sdmetrics}
 */
export function tableReport(
  real: TableDataset | readonly object[],
  synthetic: TableDataset | readonly object[],
  options: TableReportOptions = {},
): TableReport {
  const action = 'compare tables';
  checkOptions(action, options, ['heldOut', 'target', 'leastAssociation', 'rows', 'seed']);
  const { heldOut, target, leastAssociation = 0.1, rows = 2000, seed = 0 } = options;
  if (!Number.isSafeInteger(rows) || rows < folds) {
    throw new RangeError(
      `Cannot ${action}: rows must be an integer of at least ${folds}, got ${formatValue(rows)}`,
    );
  }
  checkSeed(action, seed);
  if (!(leastAssociation >= 0 && leastAssociation <= 1)) {
    throw new RangeError(
      `Cannot ${action}: leastAssociation must be a number in 0…1, got ${formatValue(leastAssociation)}`,
    );
  }
  const given = heldOut === undefined ? [real, synthetic] : [real, synthetic, heldOut];
  const names = ['real', 'synthetic', 'heldOut'];
  const columns = alignTables(action, names, given);
  for (const table of [0, 1]) {
    const count = columns[0]!.values[table]!.length;
    if (count < folds) {
      throw new RangeError(
        `Cannot ${action}: ${names[table]!} must have at least ${folds} rows, one for each fold of the detection, got ${count}`,
      );
    }
  }
  const chosen = columns[0]!.values.map((values, table) =>
    someRows(values.length, rows, seed + table),
  );
  const shapes = columns.map(columnShape);
  const pairs = pairTrends(columns);
  const related = pairs.filter(({ association }) => association >= leastAssociation);
  const usefulness =
    target === undefined ? undefined : usefulnessOf(action, columns, chosen, target);
  return {
    shapes: { mean: mean(shapes.map(({ shape }) => shape)), columns: shapes },
    trends: {
      mean: mean(related.map(({ trend }) => trend)),
      independent: mean(related.map(({ independent }) => independent)),
      related: related.length,
      pairs,
    },
    detection: detectionOf(columns, chosen),
    ...(usefulness && { usefulness }),
    privacy: privacyOf(columns, chosen),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return (low + high) / 2;
}

/** Parts of the rows for detection: each is judged by a model of the others. */
const folds = 3;

function detectionOf(
  columns: readonly AlignedColumn[],
  chosen: readonly Uint32Array[],
): TableReport['detection'] {
  const make = featureMaker(columns);
  const areas = Array.from({ length: folds }, (_, fold) => {
    const sides = [0, 1].map((table) => {
      const rows = chosen[table]!;
      return {
        learned: make(
          table,
          rows.filter((_row, i) => i % folds !== fold),
        ),
        judged: make(
          table,
          rows.filter((_row, i) => i % folds === fold),
        ),
      };
    });
    const learned = joined(sides.map((side) => side.learned));
    const judged = joined(sides.map((side) => side.judged));
    return areaUnderCurve(
      logOdds(judged.rows, fitLogistic(learned.rows, learned.labels)),
      judged.labels,
    );
  });
  const auc = mean(areas);
  return { score: mean(areas.map((area) => 1 - (2 * Math.max(0.5, area) - 1))), auc };
}

/** Rows of both sides, labeled 0 and 1. */
function joined(sides: readonly Rows[]): {
  readonly rows: Rows;
  readonly labels: Uint8Array;
} {
  const [first, second] = sides as readonly [Rows, Rows];
  const values = new Float64Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  const rows = first.rows + second.rows;
  return {
    rows: { values, rows, width: first.width },
    labels: Uint8Array.from({ length: rows }, (_, i) => (i < first.rows ? 0 : 1)),
  };
}

function usefulnessOf(
  action: string,
  columns: readonly AlignedColumn[],
  chosen: readonly Uint32Array[],
  target: string,
): TableReport['usefulness'] {
  const goal = columns.find(({ name }) => name === target);
  if (goal === undefined || goal.isNumber) {
    const names = columns.filter(({ isNumber }) => !isNumber).map(({ name }) => name);
    throw new RangeError(
      `Cannot ${action}: target must be a column of categories (${names.join(', ') || 'none'}), got ${formatValue(target)}`,
    );
  }
  const unseen = chosen[2];
  if (unseen === undefined) {
    throw new RangeError(
      `Cannot ${action}: target must come with heldOut, the rows that it is predicted of, got none`,
    );
  }
  const make = featureMaker(columns.filter((column) => column !== goal));
  const labelsOf = (table: number, rows: Uint32Array): Int32Array =>
    // A missing value is a class as well.
    Int32Array.from(rows, (row) => goal.values[table]![row]! + 1);
  const truth = labelsOf(2, unseen);
  const features = make(2, unseen);
  const accuracy = (predicted: ArrayLike<number>): number =>
    truth.filter((label, i) => label === predicted[i]).length / truth.length;
  const count = Math.min(chosen[0]!.length, chosen[1]!.length);
  const [real, synthetic] = [0, 1].map((table) => {
    const rows = chosen[table]!.slice(0, count);
    return accuracy(fitTree(make(table, rows), labelsOf(table, rows))(features));
  }) as [number, number];
  const learned = labelsOf(0, chosen[0]!);
  const counts = new Map<number, number>();
  for (const label of learned) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [[most] = [0]] = [...counts].sort((a, b) => b[1] - a[1]);
  const majority = accuracy(new Int32Array(truth.length).fill(most));
  return { target, synthetic, real, majority };
}

function privacyOf(
  columns: readonly AlignedColumn[],
  chosen: readonly Uint32Array[],
): TableReport['privacy'] {
  const [training, made, unseen] = chosen.map((rows, table) => ({ table, rows }));
  const own = figuresOf(columns, made!, training!);
  if (unseen === undefined) return own;
  // Equally many on both sides, or the larger one would be closer by its number alone.
  const count = Math.min(training!.rows.length, unseen.rows.length);
  const sides = [training!, unseen].map(({ table, rows }) => ({
    table,
    rows: rows.slice(0, count),
  }));
  const [toTraining, toUnseen] = sides.map((side) => closestRecords(columns, made!, side).nearest);
  const closer = mean(
    Array.from(toTraining!, (distance, i) => {
      const other = toUnseen![i]!;
      return distance === other ? 0.5 : Number(distance < other);
    }),
  );
  const [fromTraining, fromUnseen] = sides.map(
    (side) => closestRecords(columns, side, made!).nearest,
  );
  const nearness = [...fromTraining!, ...fromUnseen!].map((distance) => -distance);
  const labels = nearness.map((_, i) => Number(i < count));
  return {
    ...own,
    heldOut: {
      ...figuresOf(columns, unseen, training!),
      closerToTraining: closer,
      protection: Math.min(2 * (1 - closer), 1),
      membershipAuc: areaUnderCurve(nearness, labels),
    },
  };
}

function figuresOf(
  columns: readonly AlignedColumn[],
  from: { readonly table: number; readonly rows: Uint32Array },
  to: { readonly table: number; readonly rows: Uint32Array },
): { readonly copies: number; readonly distance: number; readonly neighborRatio: number } {
  const { nearest, second } = closestRecords(columns, from, to);
  const ratios = nearest.map((distance, i) => {
    const other = second[i]!;
    // Two records at 0: neither is imitated more than the other.
    return other > 0 && Number.isFinite(other) ? distance / other : 1;
  });
  // Copies are looked for among all rows that there are.
  const all = { ...to, rows: Uint32Array.from(columns[0]!.values[to.table]!.keys()) };
  return {
    copies: copyShare(columns, from, all),
    distance: median(nearest),
    neighborRatio: median(ratios),
  };
}
