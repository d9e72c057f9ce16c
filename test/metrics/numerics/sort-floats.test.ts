import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { sortFloats } from '../../../src/metrics/numerics/sort-floats.ts';

describe('sortFloats', () => {
  test.each([0, 1, 1_999, 2_000, 5_000])('orders %i numbers as sort does', (count) => {
    const values = new Random(1).normalArray(count);
    expect(sortFloats(values.slice())).toEqual(values.slice().sort());
  });

  test('orders zeros, equal numbers, the smallest and the largest', () => {
    const some = [0, -0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1, 1, -1, Infinity, -Infinity];
    const values = Float32Array.from({ length: 2_200 }, (_, i) => some[i % some.length]!);
    expect(sortFloats(values.slice())).toEqual(values.slice().sort());
  });

  test('sorts a part of an array and leaves the rest', () => {
    const values = new Random(2).normalArray(4_000);
    const whole = values.slice();
    sortFloats(whole.subarray(500, 3_500));
    expect(whole.subarray(500, 3_500)).toEqual(values.slice(500, 3_500).sort());
    expect(whole.subarray(0, 500)).toEqual(values.subarray(0, 500));
    expect(whole.subarray(3_500)).toEqual(values.subarray(3_500));
  });
});
