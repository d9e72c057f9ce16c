// What you learn: mode collapse and a cure: a GAN finds few of eight clusters, with a penalty all.
// Run it: npm run example -- ring-mlp (--quick for a few seconds)
// In about 2 minutes, runs/ring-mlp/ has before.svg and after.svg, and prints the
// number of clusters in each.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import {
  adam,
  createMlpGan,
  type CreateMlpGanOptions,
  GradientPenalty,
  linearDecay,
  MinimaxLoss,
  ring8,
  useBackend,
} from 'tfjs-gan';
import { type ModeCoverage, modeCoverage } from 'tfjs-gan/metrics';
import { progress, runReport } from 'tfjs-gan/node';
import { drawPoints } from '../shared/draw-points.ts';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const BATCH_SIZE = 256;
/** The usual number of samples for counting modes in the literature. */
const JUDGED_POINTS = 2500;

const flags = { steps: count(8000, 'training steps of each of the two runs') };
const quick = { steps: 20 };

await lesson('ring-mlp', flags, quick, async ({ steps, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  // Points instead of images: their clusters are known, so missing ones can be counted.
  const ring = ring8();

  // The rate falls to 0 in the second half, so that the points settle.
  const optimizer = adam({
    learningRate: linearDecay({ from: 1e-3, to: 0, begin: Math.floor(steps / 2), end: steps }),
    beta1: 0.5,
    beta2: 0.999,
  });
  const plain: CreateMlpGanOptions = {
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [128, 128, 128],
    // The original loss: if the discriminator is confident, the generator's gradient vanishes, so
    // the generator does not return to a cluster it has left.
    loss: new MinimaxLoss(),
    optimizers: { generator: optimizer, discriminator: optimizer },
    seed,
  };
  const cured: CreateMlpGanOptions = {
    ...plain,
    // Penalizes the discriminator's gradient norm between real and fake samples: it stays smooth
    // there, and the generator's gradient stays useful.
    penalties: [new GradientPenalty({ weight: 0.01, targetNorm: 0 })],
    // The average of the last weights settles, while the weights themselves still oscillate.
    ema: { decay: 1 - 20 / Math.max(steps, 40) },
  };

  const lines: string[] = [];
  for (const [name, options] of Object.entries({ before: plain, after: cured })) {
    console.log(`\n${name}`);
    const gan = createMlpGan(options);
    await gan.trainer.fit(ring, {
      steps,
      batchSize: BATCH_SIZE,
      callbacks: [progress({ every: { steps: 1000 } }), runReport(join(out, name))],
    });
    const points = gan.generator.sample(JUDGED_POINTS, { seed: 1 }) as tf.Tensor2D;
    lines.push(`${name.padEnd(7)} ${describe(await modeCoverage(points, ring))}`);
    await writeFile(join(out, `${name}.svg`), drawPoints(await points.array(), ring.modes));
    points.dispose();
    gan.dispose();
  }
  console.log();
  for (const line of lines) console.log(line);
  console.log(`Look at ${join(out, 'before.svg')} and ${join(out, 'after.svg')}`);
});

function describe({
  modes,
  totalModes,
  highQualityShare,
  counts,
  reverseKl,
}: ModeCoverage): string {
  return (
    `${modes} of ${totalModes} clusters, ${(100 * highQualityShare).toFixed(1)}% of the points in one ` +
    `(${counts.join(', ')}; reverse KL ${reverseKl.toFixed(3)})`
  );
}
