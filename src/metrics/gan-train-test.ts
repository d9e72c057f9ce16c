import { checkPositiveInteger } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { checkRows, type Features, type FeatureTable, readPair } from './features.ts';
import { nearestRows } from './numerics/nearest.ts';

/**
 * Features with the class of each sample.
 *
 * @example Points in two classes, on both sides of zero
 * ```ts
 * const sides = (xs: number[]): LabeledFeatures => ({ features: xs.map((x) => [x]), labels: xs.map((x) => (x < 0 ? 0 : 1)) });
 * const { ganTrain } = await ganTrainTest(sides([-2, -1, 1, 2]), sides([-1.5, 1.5]));
 * console.log(ganTrain); // 1
 * ```
 */
export interface LabeledFeatures {
  /** `[samples, features]`. */
  readonly features: Features;
  /** The class of each sample, counted from 0. */
  readonly labels: ArrayLike<number>;
}

/**
 * The result of {@link ganTrainTest}.
 *
 * @example Good fake samples without one of the kinds
 * ```ts
 * const real = { features: [[0], [10], [6], [6.2]], labels: [0, 0, 1, 1] };
 * const fake = { features: [[0.1], [6.1]], labels: [0, 1] };
 * const { ganTest, ganTrain }: GanTrainTest = await ganTrainTest(real, fake);
 * console.log(ganTest, ganTrain); // 1 0.75
 * ```
 */
export interface GanTrainTest {
  /** Accuracy on real samples of a classifier trained on fake samples: quality and diversity. */
  readonly ganTrain: number;
  /** Accuracy on fake samples of a classifier trained on real samples: only quality. */
  readonly ganTest: number;
  /** Both accuracies by class; NaN for a class without samples on the classified side. */
  readonly byClass: {
    /** On real samples, by class. */
    readonly ganTrain: readonly number[];
    /** On fake samples, by class. */
    readonly ganTest: readonly number[];
  };
}

/**
 * Evaluates a conditional generator with a classifier: quality and diversity of each class.
 *
 * The classifier is nearest neighbors in the features, which requires no training or tuning. A low
 * `ganTrain` with a high `ganTest` means that samples are good but lack variety. Compare with real
 * samples in place of the fake ones.
 *
 * - Shapes: features are `[samples, features]`; there is one label for each sample.
 * - Memory: the caller keeps owning the features; distances are computed in blocks of 2 MB.
 *
 * @param real - Real samples and their classes; for `ganTrain`, held-out ones.
 * @param fake - Generated samples and their conditions.
 * @param options - How many neighbors vote.
 * @returns Both accuracies, 0…1.
 * @throws RangeError if features are not finite, labels are missing, or all samples are of one
 * class.
 *
 * @example Fake samples with swapped labels
 * ```ts
 * const real = { features: [[0], [0.1], [5], [5.1]], labels: [0, 0, 1, 1] };
 * const fake = { features: [[0.2], [5.2]], labels: [1, 0] };
 * const { ganTrain, ganTest } = await ganTrainTest(real, fake);
 * console.log(ganTrain, ganTest); // 0 0
 * ```
 *
 * @see Shmelkov et al., How good is my GAN?, 2018, section 3.
 * {@link https://arxiv.org/abs/1807.09499}
 */
export async function ganTrainTest(
  real: LabeledFeatures,
  fake: LabeledFeatures,
  options: {
    /**
     * How many neighbors vote; ties go to the lower class.
     *
     * @defaultValue `1`
     */
    readonly neighbors?: number | undefined;
  } = {},
): Promise<GanTrainTest> {
  const action = 'classify real and fake samples';
  const { neighbors = 1 } = options;
  checkPositiveInteger(action, 'neighbors', neighbors);
  const [reals, fakes] = await readPair(action, real.features, fake.features);
  const sides = { real: { table: reals, ...real }, fake: { table: fakes, ...fake } };
  for (const [name, { table, labels }] of Object.entries(sides)) {
    checkLabels(action, name, table, labels);
    checkRows(action, name, table, neighbors, `for ${neighbors} neighbors`);
  }
  const train = await accuracy(sides.fake, sides.real, neighbors);
  const test = await accuracy(sides.real, sides.fake, neighbors);
  return {
    ganTrain: train.share,
    ganTest: test.share,
    byClass: { ganTrain: train.byClass, ganTest: test.byClass },
  };
}

interface Side {
  readonly table: FeatureTable;
  readonly labels: ArrayLike<number>;
}

/** Accuracy of classifying one set by its neighbors in the other. */
async function accuracy(
  teacher: Side,
  pupil: Side,
  neighbors: number,
): Promise<{ readonly share: number; readonly byClass: readonly number[] }> {
  const { indices } = await nearestRows(pupil.table, teacher.table, neighbors);
  const classes = Math.max(...[teacher, pupil].map(({ labels }) => highest(labels))) + 1;
  const right = new Array<number>(classes).fill(0);
  const asked = new Array<number>(classes).fill(0);
  for (let row = 0; row < pupil.table.rows; row += 1) {
    const votes = new Map<number, number>();
    for (const index of indices.subarray(row * neighbors, (row + 1) * neighbors)) {
      const label = teacher.labels[index]!;
      votes.set(label, (votes.get(label) ?? 0) + 1);
    }
    const [[winner] = []] = [...votes].sort(([a, p], [b, q]) => q - p || a - b);
    const label = pupil.labels[row]!;
    asked[label]! += 1;
    if (winner === label) right[label]! += 1;
  }
  const sum = right.reduce((all, count) => all + count, 0);
  return {
    share: sum / pupil.table.rows,
    byClass: right.map((count, label) => count / asked[label]!),
  };
}

function highest(labels: ArrayLike<number>): number {
  return Array.from(labels).reduce((high, label) => Math.max(high, label), 0);
}

function checkLabels(
  action: string,
  name: string,
  table: FeatureTable,
  labels: ArrayLike<number>,
): void {
  if (labels?.length !== table.rows) {
    throw new RangeError(
      `Cannot ${action}: ${name}.labels must name the class of each of the ${table.rows} samples, ` +
        `got ${labels === undefined ? 'none' : `${labels.length} labels`}`,
    );
  }
  const list = Array.from(labels);
  const wrong = list.find((label) => !Number.isSafeInteger(label) || label < 0);
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot ${action}: ${name}.labels must be integers of at least 0, got ${formatValue(wrong)}`,
    );
  }
  if (new Set(list).size > 1) return;
  throw new RangeError(
    `Cannot ${action}: ${name}.labels must name at least two classes, got class ${list[0]!} for every sample`,
  );
}
