import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { featureExtractor } from '../../src/metrics/features/make-extractor.ts';
import { perceptualPathLength } from '../../src/metrics/perceptual-path-length.ts';
import { Generator } from '../../src/models/generator.ts';
import type { LatentDistribution } from '../../src/models/latents.ts';
import { expectNear, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

/** Makes of a latent the same numbers, `factor` times. */
function linear(latentDistribution: LatentDistribution, factor: number, size = 3): Generator {
  const kernel = tf.mul(tf.eye(size), factor);
  const layer = tf.layers.dense({ units: size, useBias: false, inputShape: [size] });
  const model = tf.sequential({ layers: [layer] });
  layer.setWeights([kernel]);
  return new Generator({ model, latentDistribution });
}

const identity = featureExtractor((samples) => samples, { name: 'identity', inputShape: [3] });

describe('perceptualPathLength', () => {
  test('of straight paths is the mean square of their length, whatever the place and the step', async () => {
    // E‖b − a‖² = 3 · 2 · Var(U[−1, 1]) = 2; of 2,000 paths, with the ends of 1 % left out.
    const lengths = await Promise.all(
      [1e-3, 1e-1].map((epsilon) =>
        perceptualPathLength(linear('uniform', 1), { features: identity, samples: 2_000, epsilon }),
      ),
    );
    expect(Math.abs(lengths[0]! - 2)).toBeLessThan(0.15);
    expectNear(lengths[0]!, lengths[1]!, 1e-3);
  });

  test('grows with the square of what the generator does', async () => {
    const options = { features: identity, samples: 200, seed: 3 };
    const once = await perceptualPathLength(linear('normal', 1), options);
    const twice = await perceptualPathLength(linear('normal', 2), options);
    expectNear(twice, 4 * once, 1e-2);
  });

  test('runs along arcs for normal latents', async () => {
    // Normal latents of many dimensions have lengths of about √size and are nearly orthogonal, so the arc between two
    // is a quarter of a circle: its squared length is (π/2)²·size. The chord, a line's, is only 2·size.
    const size = 256;
    const options = {
      features: featureExtractor((samples) => samples, { name: 'latent', inputShape: [size] }),
      samples: 1_000,
      epsilon: 1e-2,
    };
    const length = await perceptualPathLength(linear('normal', 1, size), options);
    expectNear(length, (Math.PI / 2) ** 2 * size, 0.02);
  });

  test('gives the same for the same seed and leaves no tensors behind', async () => {
    const generator = linear('normal', 1);
    const judge = (seed: number): Promise<number> =>
      perceptualPathLength(generator, { features: identity, samples: 120, seed });
    expect(await judge(1)).toBe(await judge(1));
    expect(await judge(1)).not.toBe(await judge(2));
    expect(await tensorsLeft(() => judge(1))).toBe(0);
  });

  test('refuses what does not fit', async () => {
    const other = featureExtractor((samples) => samples, { name: 'other', inputShape: [4] });
    const action = 'Cannot compute the perceptual path length:';
    await expect(perceptualPathLength(linear('normal', 1), { features: other })).rejects.toThrow(
      `${action} the extractor 'other' must receive samples of shape [4], got [3]`,
    );
    await expect(
      perceptualPathLength(linear('normal', 1), { features: identity, epsilon: 0 }),
    ).rejects.toThrow(`${action} epsilon must be a positive number, got 0`);
  });
});
