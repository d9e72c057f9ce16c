import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { symmetricEigen } from '../../../src/metrics/numerics/symmetric-eigen.ts';

/** XᵀX of random X of so many rows: of that rank at most. */
function gram(size: number, rank: number, seed: number): Float64Array {
  const x = new Random(seed).normalArray(rank * size);
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      for (let k = 0; k < rank; k += 1)
        matrix[i * size + j]! += x[k * size + i]! * x[k * size + j]!;
    }
  }
  return matrix;
}

const rowsOf = (matrix: Float64Array, size: number): number[][] =>
  Array.from({ length: size }, (_, i) => [...matrix.subarray(i * size, (i + 1) * size)]);

describe('symmetricEigen', () => {
  test.each([
    { size: 1, rank: 1 },
    { size: 2, rank: 2 },
    { size: 7, rank: 20 },
    { size: 40, rank: 60 },
    { size: 40, rank: 3 },
    { size: 64, rank: 1 },
  ])('agrees with ml-matrix at size $size and rank $rank', ({ size, rank }) => {
    const matrix = gram(size, rank, size + rank);
    const expected = new EigenvalueDecomposition(new Matrix(rowsOf(matrix, size)), {
      assumeSymmetric: true,
    }).realEigenvalues.sort((a, b) => a - b);
    const largest = expected.at(-1);
    const values = symmetricEigen(matrix, size, false).values.sort();
    values.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-13 * size * largest);
    });
  });

  test.each([
    { size: 30, rank: 40 },
    { size: 30, rank: 2 },
  ])(
    'gives vectors that are of length one, apart, and make the matrix: rank $rank',
    ({ size, rank }) => {
      const matrix = gram(size, rank, 5);
      const before = matrix.slice();
      const { values, vectors } = symmetricEigen(matrix, size, true);
      expect(matrix).toEqual(before);
      const v = new Matrix(rowsOf(vectors, size));
      const unit = v.mmul(v.transpose()).sub(Matrix.eye(size));
      expect(Math.max(...unit.to1DArray().map(Math.abs))).toBeLessThan(1e-13);
      const back = v
        .transpose()
        .mmul(Matrix.diag([...values]))
        .mmul(v)
        .sub(new Matrix(rowsOf(matrix, size)));
      expect(Math.max(...back.to1DArray().map(Math.abs))).toBeLessThan(1e-13 * Math.max(...values));
    },
  );

  test.each([
    { name: 'zeros', matrix: [0, 0, 0, 0, 0, 0, 0, 0, 0], values: [0, 0, 0] },
    { name: 'a diagonal', matrix: [3, 0, 0, 0, 1, 0, 0, 0, 2], values: [1, 2, 3] },
    { name: 'tiny numbers', matrix: [2e-160, 1e-160, 1e-160, 2e-160], values: [1e-160, 3e-160] },
    { name: 'a wide spread', matrix: [1e12, 0, 0, 1e-12], values: [1e-12, 1e12] },
  ])('takes $name', ({ matrix, values }) => {
    const found = symmetricEigen(
      Float64Array.from(matrix),
      Math.sqrt(matrix.length),
      true,
    ).values.sort();
    found.forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-14 * values[i]!);
    });
  });
});
