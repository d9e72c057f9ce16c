import { describe, expect, test } from 'vitest';
import { Random } from 'tfjs-gan';
import { deriveSeed } from '../../src/core/random.ts';

describe('Random', () => {
  test('gives the same numbers for the same seed, others for another', () => {
    const draw = (seed: number) => [...new Random(seed).normalArray(5)];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('continues from a saved state', () => {
    const random = new Random(3);
    random.normalArray(7);
    const copy = Random.fromState(JSON.parse(JSON.stringify(random.state)) as number[]);
    expect([...copy.uniformArray(9, -1, 1)]).toEqual([...random.uniformArray(9, -1, 1)]);
  });

  test('draws normal numbers: mean, variance, fourth moment and tails', () => {
    const count = 200_000;
    const values = new Random(11).normalArray(count);
    const moment = (power: number) => values.reduce((sum, v) => sum + v ** power, 0) / count;
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
    const beyond = values.filter((v) => Math.abs(v) > 1.959964).length / count;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.003);
  });

  test('fills odd counts', () => {
    expect([...new Random(1).normalArray(3)].every(Number.isFinite)).toBe(true);
    expect(new Random(1).normalArray(3)[2]).not.toBe(0);
  });

  test('shuffles fairly: every number lands everywhere equally often', () => {
    const rounds = 20_000;
    const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    const random = new Random(4);
    for (let round = 0; round < rounds; round += 1) {
      random.permutation(5).forEach((value, place) => {
        counts[place]![value] = (counts[place]?.[value] ?? 0) + 1;
      });
    }
    for (const count of counts.flat()) expect(Math.abs(count / rounds - 0.2)).toBeLessThan(0.015);
  });

  test('spreads neighboring seeds', () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => new Random(seed).uniform());
    expect(new Set(firsts).size).toBe(1000);
    const mean = firsts.reduce((a, b) => a + b, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});

describe('deriveSeed', () => {
  test('tells purposes and numbers apart', () => {
    const seeds = [
      deriveSeed(1, 'data', 0),
      deriveSeed(1, 'data', 1),
      deriveSeed(1, 'latents'),
      deriveSeed(2, 'data', 0),
      deriveSeed(1, 'dat', 'a', 0),
      deriveSeed(1),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
