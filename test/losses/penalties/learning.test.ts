import { describe, expect, test } from 'vitest';
import {
  adam,
  createMlpGan,
  type Generator,
  GradientPenalty,
  ring8,
  WassersteinLoss,
} from 'tfjs-gan';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

const ring = ring8({ size: 4096, standardDeviation: 0.05 });

onWasmTrain();

/** Mean distance of 1,000 samples to the nearest mode, and how many modes have ten of them within three deviations. */
async function judge(generator: Generator): Promise<{ distance: number; modes: number }> {
  const samples = generator.sample(1000, { seed: 1 });
  const points = (await samples.array()) as number[][];
  samples.dispose();
  const counts = ring.modes.map(() => 0);
  let sum = 0;
  for (const [x = 0, y = 0] of points) {
    const distances = ring.modes.map(([a = 0, b = 0]) => Math.hypot(x - a, y - b));
    const nearest = Math.min(...distances);
    sum += nearest;
    if (nearest < 3 * ring.standardDeviation) counts[distances.indexOf(nearest)]! += 1;
  }
  return { distance: sum / 1000, modes: counts.filter((count) => count >= 10).length };
}

describe('a Wasserstein loss with GradientPenalty', () => {
  test('finds the modes of a ring within 300 steps', async () => {
    const optimizer = adam({ learningRate: 2e-3, beta1: 0.5, beta2: 0.9 });
    const gan = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [64, 64],
      seed: 1,
      loss: new WassersteinLoss(),
      penalties: [new GradientPenalty({ weight: 1 })],
      optimizers: { generator: optimizer, discriminator: optimizer },
      updatesPerStep: { discriminator: 3 },
    });
    const before = await judge(gan.generator);
    const { steps } = await gan.trainer.fit(ring, { steps: 300, batchSize: 64 });
    const after = await judge(gan.generator);
    gan.dispose();
    expect(before.modes).toBeLessThanOrEqual(3);
    expect(after.modes).toBeGreaterThanOrEqual(6);
    expect(after.distance).toBeLessThan(0.6 * before.distance);
    // The critic's slope stays near one: its loss is bounded by how far samples lie apart.
    for (const step of steps) {
      expect(Math.abs(step.losses.discriminator)).toBeLessThan(5);
    }
  });
});
