import { describe, expect, test } from 'vitest';
import { digamma, logGamma } from '../../../src/codecs/table/digamma.ts';
import { type CountedNumbers, fitMixture } from '../../../src/codecs/table/gaussian-mixture.ts';
import { Random } from '../../../src/core/random.ts';
import golden from '../../golden/mixture.json' with { type: 'json' };

/** The component that the golden fit of scikit-learn begins with: the place in order, in ten parts. */
function placesInOrder(values: readonly number[]): Uint8Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const places = new Uint8Array(values.length);
  order.forEach((index, place) => {
    places[index] = Math.floor((place * 10) / values.length);
  });
  return places;
}

function once(values: readonly number[]): CountedNumbers {
  return { values: Float64Array.from(values), counts: new Float64Array(values.length).fill(1) };
}

describe('fitMixture', () => {
  test.each(Object.entries(golden))(
    'finds the components that scikit-learn finds: %s',
    (_, { values, weights, means, deviations }) => {
      const found = fitMixture(once(values), placesInOrder(values));
      found.forEach(({ weight, mean, deviation }, k) => {
        expect(weight).toBeCloseTo(weights[k]!, 6);
        expect(mean).toBeCloseTo(means[k]!, 5);
        expect(deviation).toBeCloseTo(deviations[k]!, 5);
      });
    },
  );

  test('finds three clusters by itself, and leaves the other components without weight', () => {
    const random = new Random(1);
    const noise = random.normalArray(3000);
    const values = Array.from(noise, (value, i) => [-1.2, 0, 1.5][i % 3]! + 0.1 * value);
    const found = fitMixture(once(values)).filter(({ weight }) => weight > 0.05);
    const means = found.map(({ mean }) => mean).sort((a, b) => a - b);
    expect(means).toHaveLength(3);
    means.forEach((mean, k) => {
      expect(mean).toBeCloseTo([-1.2, 0, 1.5][k]!, 1);
    });
  });

  test('takes a number that comes three times as three rows', () => {
    const initial = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i % 2);
    const counted = { values: Float64Array.of(-1, 0.5, 2), counts: Float64Array.of(3, 1, 3) };
    const apart = once([-1, -1, -1, 0.5, 2, 2, 2]);
    const found = fitMixture(counted, initial(3));
    fitMixture(apart, [0, 0, 0, 1, 0, 0, 0]).forEach(({ weight, mean }, k) => {
      expect(found[k]!.weight).toBeCloseTo(weight, 9);
      expect(found[k]!.mean).toBeCloseTo(mean, 9);
    });
  });

  test('stands numbers that are all alike', () => {
    const found = fitMixture(once([0, 0, 0, 0, 0]));
    expect(found.every(({ mean, deviation }) => mean === 0 && deviation > 0)).toBe(true);
  });
});

describe('digamma', () => {
  test.each([
    // ψ(1) = −γ, ψ(½) = −γ − 2·log 2, ψ(10) = H₉ − γ.
    [1, -0.5772156649015329],
    [0.5, -1.9635100260214235],
    [10, 2.251752589066721],
    [0.001, -1000.5755719318103],
  ])('at %f', (x, value) => {
    expect(digamma(x)).toBeCloseTo(value, 9);
  });
});

describe('logGamma', () => {
  test.each([
    [1, 0],
    [0.5, 0.5 * Math.log(Math.PI)],
    [11, Math.log(3628800)],
    [0.001, 6.907178885383854],
  ])('at %f', (x, value) => {
    expect(logGamma(x)).toBeCloseTo(value, 9);
  });
});
