import { checkPositiveInteger } from '../core/checks.ts';
import { checkRows, type Features, type FeatureTable, readFeatures } from './features.ts';
import { meanAndDeviation, type MeanAndDeviation } from './numerics/mean-and-deviation.ts';

/**
 * The confidence of a classifier in each sample and the entropy of its predictions over all: the
 * Inception score if the classifier is InceptionV3.
 *
 * Between 1 and the number of classes; compare it with the score of real samples. It does not use
 * real samples: a generator of one perfect sample for each class has the highest score.
 *
 *     score = exp(mean over samples of KL(p(class | sample) ‖ p(class)))
 *
 * - Shapes: `logits` is `[samples, classes]`.
 * - Memory: the caller keeps owning the logits.
 *
 * @param logits - A classifier's outputs for generated samples, before any softmax.
 * @param options - Number of parts.
 * @returns Mean of the parts' scores and their standard deviation.
 * @throws RangeError if the logits are not finite, have only one class, or fewer rows than there
 * are parts.
 *
 * @example Confident and uniform
 * ```ts
 * const logits = [[50, 0], [0, 50], [50, 0], [0, 50]];
 * const { mean } = await classifierScore(logits, { splits: 1 });
 * console.log(mean.toFixed(3)); // 2.000
 * ```
 *
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 4.
 * {@link https://arxiv.org/abs/1606.03498}
 */
export async function classifierScore(
  logits: Features,
  options: {
    /**
     * Number of parts of the samples, in their order; the score is computed for each.
     *
     * @defaultValue `10`
     */
    readonly splits?: number | undefined;
  } = {},
): Promise<MeanAndDeviation> {
  const action = 'compute the classifier score';
  const { splits = 10 } = options;
  checkPositiveInteger(action, 'splits', splits);
  const table = await readFeatures(action, 'logits', logits);
  if (table.columns < 2) {
    throw new RangeError(
      `Cannot ${action}: logits must be of at least two classes, got shape [${table.rows}, ${table.columns}]`,
    );
  }
  checkRows(action, 'logits', table, splits, `for ${splits} splits`);
  const scores = Array.from({ length: splits }, (_, part) =>
    scoreOf(
      table,
      Math.floor((part * table.rows) / splits),
      Math.floor(((part + 1) * table.rows) / splits),
    ),
  );
  return meanAndDeviation(scores, 0);
}

/** The score of a range of rows; the end is excluded. */
function scoreOf({ columns, values }: FeatureTable, from: number, to: number): number {
  const marginal = new Float64Array(columns);
  let negativeEntropy = 0;
  for (let row = from; row < to; row += 1) {
    const logProbabilities = logSoftmax(values.subarray(row * columns, (row + 1) * columns));
    logProbabilities.forEach((logProbability, i) => {
      const probability = Math.exp(logProbability);
      marginal[i]! += probability / (to - from);
      negativeEntropy += (probability * logProbability) / (to - from);
    });
  }
  // mean KL(p ‖ m) = mean Σ p·log p − Σ m·log m
  const cross = marginal.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
  return Math.exp(negativeEntropy - cross);
}

function logSoftmax(logits: Float32Array | Float64Array): Float64Array {
  const row = Float64Array.from(logits);
  const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0)) + largest;
  return row.map((value) => value - total);
}
