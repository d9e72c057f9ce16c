import type { Rows } from './rows.ts';

/** A fitted model: the log-odds of a row are intercept + Σ weight · value. @internal */
export interface LogisticModel {
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** Newton's method ends when no weight moves by more. */
const tolerance = 1e-6;
const mostIterations = 30;

/**
 * Logistic regression with the penalty ½‖w‖² on the weights, as scikit-learn's default (C = 1), by
 * Newton's method.
 *
 * @param labels - 0 or 1 for each row.
 *
 * @internal
 */
export function fitLogistic(features: Rows, labels: ArrayLike<number>): LogisticModel {
  const size = features.width + 1;
  const weights = new Float64Array(size);
  for (let i = 0; i < mostIterations; i += 1) {
    const { gradient, curvature } = derivatives(features, labels, weights);
    solveInPlace(curvature, gradient);
    gradient.forEach((step, k) => {
      weights[k]! -= step;
    });
    if (gradient.every((step) => Math.abs(step) < tolerance)) break;
  }
  return { weights: weights.slice(0, -1), intercept: weights[size - 1]! };
}

/** The log-odds of each row. @internal */
export function logOdds(features: Rows, { weights, intercept }: LogisticModel): Float64Array {
  return Float64Array.from({ length: features.rows }, (_, row) => {
    let sum = intercept;
    for (let k = 0; k < features.width; k += 1) {
      sum += weights[k]! * features.values[row * features.width + k]!;
    }
    return sum;
  });
}

/**
 * Gradient and Hessian of the penalized loss; the last weight is the intercept, which has no
 * penalty.
 */
function derivatives(
  { values, rows, width }: Rows,
  labels: ArrayLike<number>,
  weights: Float64Array,
): { readonly gradient: Float64Array; readonly curvature: Float64Array } {
  const size = width + 1;
  const gradient = weights.slice();
  gradient[width] = 0;
  const curvature = new Float64Array(size * size);
  // Next to nothing, but enough to invert it when an intercept alone decides.
  for (let k = 0; k < size; k += 1) curvature[k * size + k] = k === width ? 1e-9 : 1;
  const places = new Uint32Array(size);
  for (let row = 0; row < rows; row += 1) {
    let used = 0;
    let odds = weights[width]!;
    // Most features are zeros of categories.
    for (let k = 0; k < width; k += 1) {
      const value = values[row * width + k]!;
      if (value === 0) continue;
      places[used] = k;
      used += 1;
      odds += weights[k]! * value;
    }
    places[used] = width;
    const at = (k: number): number => (k === width ? 1 : values[row * width + k]!);
    const probability = 1 / (1 + Math.exp(-odds));
    const miss = probability - labels[row]!;
    const spread = probability * (1 - probability);
    for (let i = 0; i <= used; i += 1) {
      const k = places[i]!;
      const value = at(k);
      gradient[k]! += miss * value;
      for (let j = 0; j <= i; j += 1)
        curvature[k * size + places[j]!]! += spread * value * at(places[j]!);
    }
  }
  return { gradient, curvature };
}

/** Solves A·x = b by Cholesky's method; A's lower half is replaced by its root, b by x. */
function solveInPlace(matrix: Float64Array, vector: Float64Array): void {
  const size = vector.length;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k += 1) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) vector[i]! -= matrix[i * size + k]! * vector[k]!;
    vector[i]! /= matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) vector[i]! -= matrix[k * size + i]! * vector[k]!;
    vector[i]! /= matrix[i * size + i]!;
  }
}

/**
 * The area under the ROC curve: the chance that a row labeled 1 scores higher than one labeled 0,
 * ties half.
 *
 * @internal
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [below, area, positive] = [0, 0, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    let [ones, zeros] = [0, 0];
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) {
      if (labels[order[to]!] === 1) ones += 1;
      else zeros += 1;
      to += 1;
    }
    area += ones * (below + zeros / 2);
    below += zeros;
    positive += ones;
    from = to;
  }
  return area / (positive * below);
}
