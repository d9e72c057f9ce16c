import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { frechetDistance } from '../../src/metrics/frechet-distance.ts';
import { bothKinds, expectNear, golden, normal, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

/** Runs something and returns what it warned of. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    await run();
    return warn.mock.calls.map(([message]) => String(message));
  } finally {
    warn.mockRestore();
  }
}

describe('frechetDistance', () => {
  test('agrees with numpy, for arrays and tensors', async () => {
    for (const real of bothKinds(golden.real)) {
      for (const fake of bothKinds(golden.fewer)) {
        expectNear(await frechetDistance(real, fake), golden.frechet.full);
      }
    }
  });

  test('agrees with numpy if covariances are not of full rank, and warns', async () => {
    const warnings = await warningsOf(async () => {
      for (const [real, fake] of [
        [golden.flatReal, golden.flatFake],
        [golden.flatFake, golden.flatReal],
      ] as const) {
        expectNear(await frechetDistance(real, fake), golden.frechet.flat);
      }
    });
    expect(warnings[0]).toMatch(
      /^The Fréchet distance of 8 real and 9 generated samples with 12 features is biased upwards: covariances require more samples than features\. The distance between two halves of the real samples is [\d.]+\. Use more samples, or kernelDistance/,
    );
  });

  test('holds for constant and repeated features, which have no full rank at any size', async () => {
    // Columns: x, x again, 5, 0. Only x differs: its deviation is 1 and 3.
    const rows = (deviation: number): number[][] =>
      Array.from({ length: 200 }, (_, i) => {
        const x = (i % 2 === 0 ? -1 : 1) * deviation;
        return [x, x, 5, 0];
      });
    // Both copies of x as one direction of variance 2σ²·n/(n−1): (√18 − √2)²·200/199.
    const expected = (Math.sqrt(18) - Math.sqrt(2)) ** 2 * (200 / 199);
    expectNear(await frechetDistance(rows(1), rows(3)), expected, 1e-12);
    const [, tensor] = bothKinds(rows(1));
    expect(await frechetDistance(tensor, tensor)).toBeLessThan(1e-12);
  });

  test('has the closed form of two Gaussians', async () => {
    const real = normal(1_000, 6, 1);
    const fake = tf.tidy(() => tf.add<tf.Tensor2D>(tf.mul(real, 2), 3));
    const { variance } = tf.moments(real, 0);
    const mean = tf.mean(real, 0);
    // N(μ, Σ) and N(2μ + 3, 4Σ): ‖μ + 3‖² + tr(Σ).
    const [square = 0] = await tf.sum(tf.square(tf.add(mean, 3))).data();
    const [total = 0] = await tf.sum(variance).data();
    expectNear(await frechetDistance(real, fake), square + (total * 1_000) / 999);
  });

  test('does not change with the order, a shift or a turn of both sets', async () => {
    const distance = await frechetDistance(golden.real, golden.fake);
    const shifted = (rows: readonly (readonly number[])[]): number[][] =>
      rows.map(([a = 0, ...rest]) => [...rest.map((value) => value + 1e4), a + 1e4]).reverse();
    expectNear(await frechetDistance(shifted(golden.real), shifted(golden.fake)), distance, 1e-9);
    expectNear(await frechetDistance(golden.fake, golden.real), distance, 1e-9);
  });

  test('does not warn if there are more samples than features, and leaves tensors alone', async () => {
    const [real, fake] = [normal(65, 64, 1), normal(65, 64, 2)];
    const warnings = await warningsOf(async () => {
      expect(await tensorsLeft(() => frechetDistance(real, fake))).toBe(0);
    });
    expect(warnings).toEqual([]);
    expect(real.isDisposed || fake.isDisposed).toBe(false);
  });

  test.each([
    [
      [[1, 2]],
      [
        [1, 2],
        [3, 4],
      ],
      'Cannot compute the Fréchet distance: real must have at least 2 samples for a covariance, got 1',
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [2]],
      'Cannot compute the Fréchet distance: real and fake must have the same number of features, got [2, 2] and [2, 1]. Use the same extractor for both',
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [Infinity, 4],
      ],
      'Cannot compute the Fréchet distance: fake must have finite numbers, got Infinity in row 1, column 0',
    ],
  ])('refuses %j and %j', async (real, fake, message) => {
    await expect(frechetDistance(real, fake)).rejects.toThrow(message);
  });
});
