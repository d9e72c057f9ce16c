import { moments, type Moments } from './numerics/covariance.ts';
import { checkRows, type Features, type FeatureTable, readPair } from './features.ts';
import { symmetricEigen } from './numerics/symmetric-eigen.ts';

const action = 'compute the Fréchet distance';

/**
 * The distance between the distributions of fake and real features, from their means and
 * covariances: the FID if the features are those of InceptionV3.
 *
 * Use it as the first metric, and compare only values with the same extractor and the same number
 * of samples: it is biased upwards, more so for fewer samples. If there are no more samples than
 * features, the covariances do not have full rank; it then warns and reports the distance between
 * two halves of the real samples. It fits a Gaussian to each set, so it ignores everything but mean
 * and covariance.
 *
 *     distance = ‖μᵣ − μ_f‖² + tr(Cᵣ) + tr(C_f) − 2·tr((Cᵣ½ · C_f · Cᵣ½)½)
 *
 * in double precision, with eigenvalues of symmetric matrices only, so it also works for
 * covariances without full rank.
 *
 * - Shapes: `real` and `fake` are `[samples, features]`; the numbers of samples may differ.
 * - Memory: the caller keeps owning the features.
 *
 * @param real - Features of real samples, at least two.
 * @param fake - Features of generated samples, at least two.
 * @returns The distance, 0 or more.
 * @throws RangeError if the features are not finite, their numbers differ, or there are fewer than
 * two samples.
 *
 * @example Two clouds at a distance of 3
 * ```ts
 * const real = tf.randomNormal<tf.Rank.R2>([1_000, 4], 0, 1, 'float32', 1);
 * const fake = real.add(tf.tensor1d([3, 0, 0, 0])) as tf.Tensor2D;
 * console.log((await frechetDistance(real, fake)).toFixed(3)); // 9.000
 * ```
 *
 * @see Heusel et al., GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
 * Equilibrium, 2017, equation 6. {@link https://arxiv.org/abs/1706.08500}
 */
export async function frechetDistance(real: Features, fake: Features): Promise<number> {
  const [realTable, fakeTable] = await readPair(action, real, fake);
  checkRows(action, 'real', realTable, 2, 'for a covariance');
  checkRows(action, 'fake', fakeTable, 2, 'for a covariance');
  warnWhereBiased(realTable, fakeTable);
  return distanceOfMoments(moments(realTable), moments(fakeTable));
}

/** The distance of two Gaussians. @internal */
export function distanceOfMoments(real: Moments, fake: Moments): number {
  const between = real.mean.reduce((sum, value, i) => sum + (value - fake.mean[i]!) ** 2, 0);
  const size = real.mean.length;
  const traces = trace(real.covariance, size) + trace(fake.covariance, size);
  const overlap = traceOfRoot(real.covariance, fake.covariance, size);
  // Rounding may make the distance of equal distributions slightly negative.
  return Math.max(0, between + traces - 2 * overlap);
}

/** tr((A½ · B · A½)½) = Σ√λ over the eigenvalues of √D·Vᵀ·B·V·√D with A = V·D·Vᵀ. */
function traceOfRoot(a: Float64Array, b: Float64Array, size: number): number {
  const { values, vectors } = symmetricEigen(a, size, true);
  const threshold = noise(values);
  const kept = [...values.keys()].filter((i) => values[i]! > threshold);
  // Rows √dᵢ·vᵢ of the eigenvectors above the noise level.
  const half = new Float64Array(kept.length * size);
  kept.forEach((from, to) => {
    const root = Math.sqrt(values[from]!);
    for (let k = 0; k < size; k += 1) half[to * size + k] = root * vectors[from * size + k]!;
  });
  const rank = kept.length;
  if (rank === 0) return 0;
  const middle = timesTransposed(
    timesTransposed(half, b, rank, size, size),
    half,
    rank,
    rank,
    size,
  );
  const squares = symmetricEigen(middle, rank, false).values;
  const smallest = noise(squares);
  return squares.reduce((sum, value) => (value > smallest ? sum + Math.sqrt(value) : sum), 0);
}

/** Eigenvalues below this are rounding errors, whose square roots must not count. */
function noise(values: Float64Array): number {
  return values.length * Number.EPSILON * values.reduce((most, value) => Math.max(most, value), 0);
}

/** X·Yᵀ with X of `rows × inner` and Y of `columns × inner`. A symmetric Y equals its transpose. */
function timesTransposed(
  x: Float64Array,
  y: Float64Array,
  rows: number,
  columns: number,
  inner: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) sum += x[i * inner + k]! * y[j * inner + k]!;
      result[i * columns + j] = sum;
    }
  }
  return result;
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) sum += matrix[i * size + i]!;
  return sum;
}

function warnWhereBiased(real: FeatureTable, fake: FeatureTable): void {
  const fewest = Math.min(real.rows, fake.rows);
  if (fewest > real.columns) return;
  const floor =
    real.rows < 4
      ? ''
      : ` The distance between two halves of the real samples is ${distanceOfHalves(real).toPrecision(3)}.`;
  console.warn(
    `The Fréchet distance of ${real.rows} real and ${fake.rows} generated samples with ${real.columns} features is ` +
      `biased upwards: covariances require more samples than features.${floor} ` +
      'Use more samples, or kernelDistance, which is unbiased.',
  );
}

/** The distance between the even and the odd rows. */
function distanceOfHalves({ rows, columns, values }: FeatureTable): number {
  const half = Math.floor(rows / 2);
  const [even, odd] = [0, 1].map((parity) => {
    const taken = new Float64Array(half * columns);
    for (let row = 0; row < half; row += 1) {
      const at = (2 * row + parity) * columns;
      taken.set(values.subarray(at, at + columns), row * columns);
    }
    return moments({ rows: half, columns, values: taken });
  }) as [Moments, Moments];
  return distanceOfMoments(even, odd);
}
