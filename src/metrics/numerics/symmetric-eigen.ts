/** The result of {@link symmetricEigen}. @internal */
export interface Eigen {
  /** The eigenvalues, in no order. */
  readonly values: Float64Array;
  /**
   * The eigenvectors, one per row, in the order of the values; empty if they were not requested.
   */
  readonly vectors: Float64Array;
}

/** Maximum iterations for one eigenvalue; two are typical. */
const mostTurns = 60;

/**
 * Eigenvalues, and optionally eigenvectors, of a symmetric matrix in double precision.
 *
 * Householder reflections make the matrix tridiagonal, implicit QL steps with Wilkinson's shift
 * make that diagonal (Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.5). Errors
 * are a few ε of the largest eigenvalue.
 *
 * @param matrix - `size × size`, row by row; not modified.
 *
 * @internal
 */
export function symmetricEigen(matrix: Float64Array, size: number, withVectors: boolean): Eigen {
  // Squares of very small or large numbers would overflow or underflow.
  const scale = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const scaled = matrix.map((value) => value / scale);
  const { diagonal, beside, reflections } = tridiagonal(scaled, size);
  const vectors = withVectors ? product(reflections, size) : new Float64Array(0);
  diagonalize(diagonal, beside, vectors, size);
  return { values: diagonal.map((value) => value * scale), vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `beside[k]` is the entry between the diagonal's k and k + 1; the last one is 0. */
  readonly beside: Float64Array;
  /** The vector v of each reflection I − v·vᵀ, from position k + 1 on. */
  readonly reflections: readonly Float64Array[];
}

/** Overwrites the matrix. */
function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const reflections: Float64Array[] = [];
  const w = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    diagonal[k] = a[k * size + k]!;
    if (k + 1 === size) break;
    const v = a.slice(k * size, (k + 1) * size).fill(0, 0, k + 1);
    const length = Math.sqrt(dot(v, v, k + 1));
    const first = v[k + 1]!;
    beside[k] = first > 0 ? -length : length;
    // v = x ∓ ‖x‖e₁, scaled so that ‖v‖² = 2 and the reflection is I − v·vᵀ.
    const scale = length === 0 ? 0 : 1 / Math.sqrt(length * (length + Math.abs(first)));
    v[k + 1] = first - beside[k]!;
    for (let i = k + 1; i < size; i += 1) v[i]! *= scale;
    reflections.push(v);
    if (scale === 0) continue;
    // A ← (I − vvᵀ)A(I − vvᵀ) = A − vwᵀ − wvᵀ with w = Av − ½(vᵀAv)v.
    for (let i = k + 1; i < size; i += 1) w[i] = dotAt(a, i * size, v, k + 1, size);
    const half = 0.5 * dot(v, w, k + 1);
    for (let i = k + 1; i < size; i += 1) w[i]! -= half * v[i]!;
    for (let i = k + 1; i < size; i += 1) {
      const [vi, wi, row] = [v[i]!, w[i]!, i * size];
      for (let j = k + 1; j < size; j += 1) a[row + j]! -= vi * w[j]! + wi * v[j]!;
    }
  }
  return { diagonal, beside, reflections };
}

/** The product of the reflections, transposed: one row for each of its columns. */
function product(reflections: readonly Float64Array[], size: number): Float64Array {
  const rows = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) rows[i * size + i] = 1;
  for (let k = reflections.length - 1; k >= 0; k -= 1) {
    const v = reflections[k]!;
    for (let i = k + 1; i < size; i += 1) {
      const share = dotAt(rows, i * size, v, k + 1, size);
      for (let j = k + 1; j < size; j += 1) rows[i * size + j]! -= share * v[j]!;
    }
  }
  return rows;
}

/** Diagonalizes the tridiagonal matrix, in place, and rotates the rows of `vectors` accordingly. */
function diagonalize(d: Float64Array, e: Float64Array, vectors: Float64Array, size: number): void {
  let norm = 0;
  for (let i = 0; i < size; i += 1) norm = Math.max(norm, Math.abs(d[i]!) + Math.abs(e[i]!));
  const negligible = Number.EPSILON * norm;
  for (let first = 0; first < size; first += 1) {
    for (let turn = 0; ; turn += 1) {
      let last = first;
      while (last < size - 1 && Math.abs(e[last]!) > negligible) last += 1;
      if (last === first) break;
      if (turn === mostTurns)
        throw new Error('Cannot find eigenvalues: the iteration does not converge');
      qlStep(d, e, vectors, size, first, last);
    }
  }
}

/** One implicit QL step on the block from `first` to `last`. */
function qlStep(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  size: number,
  first: number,
  last: number,
): void {
  const slope = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(slope, 1);
  let g = d[last]! - d[first]! + e[first]! / (slope + (slope < 0 ? -root : root));
  let [sine, cosine, moved] = [1, 1, 0];
  for (let i = last - 1; i >= first; i -= 1) {
    const [f, b] = [sine * e[i]!, cosine * e[i]!];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // The block splits here.
      d[i + 1]! -= moved;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - moved;
    const t = (d[i]! - g) * sine + 2 * cosine * b;
    moved = sine * t;
    d[i + 1] = g + moved;
    g = cosine * t - b;
    if (vectors.length > 0) rotate(vectors, i * size, size, sine, cosine);
  }
  d[first]! -= moved;
  e[first] = g;
  e[last] = 0;
}

/** Rotates a row and the next one in their plane. */
function rotate(rows: Float64Array, at: number, size: number, sine: number, cosine: number): void {
  for (let k = at; k < at + size; k += 1) {
    const [upper, lower] = [rows[k]!, rows[k + size]!];
    rows[k + size] = sine * upper + cosine * lower;
    rows[k] = cosine * upper - sine * lower;
  }
}

function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

/** The product of one row of a matrix with a vector. */
function dotAt(a: Float64Array, at: number, v: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += a[at + i]! * v[i]!;
  return sum;
}
