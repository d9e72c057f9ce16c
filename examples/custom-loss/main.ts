// What you learn: a custom loss is two functions from logits to a scalar; here, least squares.
// Run it: npm run example -- custom-loss (--quick for a second)
// In about half a minute, runs/custom-loss/points.svg shows how many of eight clusters
// the generator found.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { adam, createMlpGan, type Loss, ring8, useBackend } from 'tfjs-gan';
import { modeCoverage } from 'tfjs-gan/metrics';
import { progress, runReport } from 'tfjs-gan/node';
import { drawPoints } from '../shared/draw-points.ts';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const BATCH_SIZE = 256;
/** The usual 0.01 requires sharper samples than such a short training run produces. */
const STANDARD_DEVIATION = 0.05;
const SHOWN_POINTS = 2000;

/**
 * LSGAN: the discriminator's target is 1 for real samples and −1 for fake samples; the generator's
 * is 1. A logit on the right side but far from its target costs too, so the generator still learns
 * from a confident discriminator.
 *
 * Mao et al., Least Squares Generative Adversarial Networks, 2017.
 */
const leastSquares: Loss = {
  name: 'least-squares',
  discriminator: (real, fake) =>
    tf.tidy(() => tf.add(squaredDistance(real, 1), squaredDistance(fake, -1)).asScalar()),
  generator: (fake) => squaredDistance(fake, 1),
};

function squaredDistance(logits: tf.Tensor, target: number): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.square(tf.sub(logits, target))).asScalar());
}

const flags = { steps: count(3000, 'training steps') };

await lesson('custom-loss', flags, { steps: 20 }, async ({ steps, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const ring = ring8({ standardDeviation: STANDARD_DEVIATION });
  const optimizer = adam({ learningRate: 1e-3 });
  const gan = createMlpGan({
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [128, 128],
    loss: leastSquares,
    optimizers: { generator: optimizer, discriminator: optimizer },
    seed,
  });
  await gan.trainer.fit(ring, {
    steps,
    batchSize: BATCH_SIZE,
    callbacks: [progress({ every: { steps: 500 } }), runReport(out)],
  });

  const points = gan.generator.sample(SHOWN_POINTS, { seed: 1 }) as tf.Tensor2D;
  const { modes, highQualityShare } = await modeCoverage(points, ring);
  const picture = join(out, 'points.svg');
  await writeFile(picture, drawPoints(await points.array(), ring.modes));
  points.dispose();
  gan.dispose();

  console.log(
    `${modes} of ${ring.modes.length} clusters found; ${Math.round(100 * highQualityShare)}% of the points lie in one. ` +
      `Look at ${picture}`,
  );
});
