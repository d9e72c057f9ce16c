import * as tf from '@tensorflow/tfjs';
import { slerpWalk } from 'tfjs-gan/latent';
import { describe, expect, test } from 'vitest';
import { echo, embedded, read } from '../models/conditional-networks.ts';
import '../support/on-cpu.ts';

/** Rows of a tensor, which is disposed. */
function rows(tensor: tf.Tensor): number[][] {
  const [, size] = tensor.shape as [number, number];
  const values = read(tensor);
  return Array.from({ length: values.length / size }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}

const norm = (row: readonly number[]): number => Math.hypot(...row);

describe('slerpWalk', () => {
  test('goes along arcs of a circle at constant speed, and returns', () => {
    // A quarter of a circle for each leg: the points are (cos, sin) in closed form.
    const stops = tf.tensor2d([2, 0, 0, 2, -2, 0, 0, -2], [4, 2]);
    const points = rows(slerpWalk(echo({ latents: 2 }), { stops, steps: 6 }));
    expect(points.length).toBe(24);
    points.forEach(([x, y], i) => {
      const angle = (2 * Math.PI * i) / 24;
      expect(x).toBeCloseTo(2 * Math.cos(angle), 5);
      expect(y).toBeCloseTo(2 * Math.sin(angle), 5);
    });
  });

  test.each([[[2, 0, 0]], [[0, 3, 4]]])(
    'goes half a circle between %j and its opposite, not through zero',
    (from) => {
      const stops = tf.tensor2d([from, from.map((value) => -value)]);
      const points = rows(slerpWalk(echo({ latents: 3 }), { stops, steps: 6, closed: false }));
      const dot = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      points.forEach((point, i) => {
        expect(norm(point) / norm(from)).toBeCloseTo(1, 2);
        expect(dot(point, from) / norm(from) ** 2).toBeCloseTo(Math.cos((Math.PI * i) / 6), 2);
      });
    },
  );

  test('ends at a stop that is nearly opposite and of another length', () => {
    const stops = tf.tensor2d([3, 4, 0, -6, -8, 1e-3], [2, 3]);
    const points = rows(slerpWalk(echo({ latents: 3 }), { stops, steps: 6, closed: false }));
    [-6, -8, 1e-3].forEach((value, i) => expect(points.at(-1)[i]).toBeCloseTo(value, 5));
    expect(Math.min(...points.map(norm))).toBeGreaterThan(4);
  });

  test('goes through zero between opposite latents of one number, which no circle joins', () => {
    const stops = tf.tensor2d([1, -1], [2, 1]);
    const points = rows(slerpWalk(echo({ latents: 1 }), { stops, steps: 2, closed: false }));
    [1, 0, -1].forEach((wanted, i) => expect(points[i]![0]).toBeCloseTo(wanted, 5));
  });

  test('is longer than the straight way, and never below the norm of its ends', () => {
    const generator = echo({ latents: 16 });
    const stops = generator.latents(2, { seed: 4 });
    const arc = rows(slerpWalk(generator, { stops, steps: 30, closed: false }));
    const straight = rows(
      generator.interpolate(...(tf.unstack(stops) as [tf.Tensor1D, tf.Tensor1D]), {
        steps: 31,
        path: 'linear',
      }),
    );
    const length = (path: readonly number[][]): number =>
      path
        .slice(1)
        .reduce((sum, row, i) => sum + norm(row.map((value, j) => value - path[i]![j]!)), 0);
    expect(length(arc)).toBeGreaterThan(length(straight));
    const least = Math.min(norm(arc[0]!), norm(arc.at(-1)));
    expect(Math.min(...arc.map(norm))).toBeGreaterThan(0.999 * least);
    expect(Math.min(...straight.map(norm))).toBeLessThan(0.85 * least);
  });

  test('goes straight through uniform latents, which stay in their box', () => {
    const generator = echo({ latents: 2 }, { latentDistribution: 'uniform' });
    const stops = tf.tensor2d([1, 1, -1, 0], [2, 2]);
    const points = rows(slerpWalk(generator, { stops, steps: 2 }));
    expect(points).toEqual([
      [1, 1],
      [0, 0.5],
      [-1, 0],
      [0, 0.5],
    ]);
  });

  test('keeps one class, and interpolates between the classes of stops', () => {
    const generator = echo({ latents: 1, labels: { classes: 3 } });
    const classes = (labels: number | number[]): number[][] =>
      rows(slerpWalk(generator, { stops: 3, steps: 2, labels })).map((row) => row.slice(1));
    expect(classes(2)).toEqual(Array.from({ length: 6 }, () => [0, 0, 1]));
    expect(classes([0, 1, 1])).toEqual([
      [1, 0, 0],
      [0.5, 0.5, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0.5, 0.5, 0],
    ]);
  });

  test('keeps vectors and codes, and interpolates those of stops', () => {
    const vectors = echo({ latents: 1, condition: { size: 2 } });
    const kept = rows(slerpWalk(vectors, { stops: 2, steps: 1, condition: [3, 4] }));
    expect(kept.map((row) => row.slice(1))).toEqual([
      [3, 4],
      [3, 4],
    ]);
    const condition = [
      [0, 0],
      [1, 2],
    ];
    const moved = rows(slerpWalk(vectors, { stops: 2, steps: 2, condition }));
    expect(moved.map((row) => row.slice(1))).toEqual([
      [0, 0],
      [0.5, 1],
      [1, 2],
      [0.5, 1],
    ]);
    const coded = echo({ latents: 1, codes: { categorical: [2], continuous: 1 } });
    const codes = { categorical: [1], continuous: [[-1, 1]] };
    const ways = rows(slerpWalk(coded, { stops: 2, steps: 2, codes }));
    expect(ways.map((row) => row.slice(1))).toEqual([
      [0, 1, -1],
      [0, 1, 0],
      [0, 1, 1],
      [0, 1, 0],
    ]);
  });

  test('draws the same stops and conditions for the same seed', () => {
    const generator = echo({ latents: 2, labels: { classes: 3 } });
    const walk = (seed: number): number[] => read(slerpWalk(generator, { steps: 2, seed }));
    expect(walk(7)).toEqual(walk(7));
    expect(walk(7)).not.toEqual(walk(8));
    const first = read(generator.sample(4, { seed: 7 })).slice(0, 5);
    expect(walk(7).slice(0, 5)).toEqual(first);
  });

  test('walks within one class through layers that cannot mix classes', () => {
    const generator = embedded(3);
    const frames = slerpWalk(generator, { stops: 2, steps: 2, labels: [1, 1] });
    expect(frames.shape).toEqual([4, 2]);
    expect(() => slerpWalk(generator, { stops: 2, labels: [0, 1] })).toThrow(
      'Cannot interpolate: the layers that receive labels must be of',
    );
  });

  test.each<[object, string]>([
    [{ stops: 1 }, 'stops must be at least 2, got 1'],
    [{ stops: tf.zeros([3, 5]) }, 'stops must have the shape [stops, 2], got [3, 5]'],
    [{ steps: 0 }, 'steps must be a positive integer, got 0'],
    [{ closed: 1 }, 'closed must be one of true, false, got 1'],
    [{ seed: -1 }, 'seed must be an integer of at least 0 and less than 2³², got -1'],
    [{ labels: [1, 2] }, 'labels must be one class, or a list of 4, one for each sample, got 2'],
    [
      { path: 'linear' },
      "options must have only the names stops, steps, closed, seed, labels, got 'path'",
    ],
  ])('refuses %j', (options, message) => {
    const generator = echo({ latents: 2, labels: { classes: 3 } });
    expect(() => slerpWalk(generator, options)).toThrow(
      `Cannot walk through latent space: ${message}`,
    );
  });

  test('refuses classes of a generator without, and several latent spaces', () => {
    expect(() => slerpWalk(echo({ latents: 2 }), { labels: 1 } as object)).toThrow(
      'labels must be left out, because this generator takes no conditions',
    );
    expect(() => slerpWalk(echo({ latents: 2, style: { kind: 'latents' } as never }))).toThrow(
      'the generator must have one input for latents, got latents, style',
    );
  });

  test('leaves only its frames behind', () => {
    const generator = echo({ latents: 2, labels: { classes: 3 } });
    const before = tf.memory().numTensors;
    slerpWalk(generator, { steps: 2 }).dispose();
    expect(() => slerpWalk(generator, { labels: [1, 2] })).toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
