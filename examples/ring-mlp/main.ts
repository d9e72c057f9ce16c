// What you learn: mode collapse, seen and cured: of eight clusters the first GAN draws a few, and with one penalty all.
// Run it: npm run example -- ring-mlp (--quick for a few seconds)
// In about 2 minutes, runs/ring-mlp/ has before.svg and after.svg, and the clusters of both are counted.

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
import { progress } from 'tfjs-gan/node';
import { drawPoints } from '../shared/draw-points.ts';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const BATCH_SIZE = 256;
/** As many as the literature counts modes in. */
const JUDGED_POINTS = 2500;

const flags = { steps: count(8000, 'training steps, of each of the two') };
const quick = { steps: 20 };

await lesson('ring-mlp', flags, quick, async ({ steps, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  // Why points and not pictures: here the clusters are known, so that what is missing can be counted.
  const ring = ring8();

  // The rate falls to nothing in the second half, so that points settle.
  const optimizer = adam({
    learningRate: linearDecay({ from: 1e-3, to: 0, begin: Math.floor(steps / 2), end: steps }),
    beta1: 0.5,
    beta2: 0.999,
  });
  const plain: CreateMlpGanOptions = {
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [128, 128, 128],
    // The game as it was first written: where the discriminator is sure, it tells the generator nothing more, so what the
    // generator has left it does not find again.
    loss: new MinimaxLoss(),
    optimizers: { generator: optimizer, discriminator: optimizer },
    seed,
  };
  const cured: CreateMlpGanOptions = {
    ...plain,
    // Costs a discriminator its slope between real and fake samples: it stays unsure there, and says where to go.
    penalties: [new GradientPenalty({ weight: 0.01, targetNorm: 0 })],
    // And the mean of the last weights rests where the last weights themselves still circle.
    ema: { decay: 1 - 20 / Math.max(steps, 40) },
  };

  const answers: string[] = [];
  for (const [name, options] of Object.entries({ before: plain, after: cured })) {
    console.log(`\n${name}`);
    const gan = createMlpGan(options);
    await gan.trainer.fit(ring, {
      steps,
      batchSize: BATCH_SIZE,
      callbacks: [progress({ every: { steps: 1000 } })],
    });
    const points = gan.generator.sample(JUDGED_POINTS, { seed: 1 }) as tf.Tensor2D;
    answers.push(`${name.padEnd(7)} ${inWords(await modeCoverage(points, ring))}`);
    await writeFile(join(out, `${name}.svg`), drawPoints(await points.array(), ring.modes));
    points.dispose();
    gan.dispose();
  }
  console.log();
  for (const answer of answers) console.log(answer);
  console.log(`Look at ${join(out, 'before.svg')} and ${join(out, 'after.svg')}`);
});

function inWords({ modes, totalModes, highQualityShare, counts, reverseKl }: ModeCoverage): string {
  return (
    `${modes} of ${totalModes} clusters, ${(100 * highQualityShare).toFixed(1)}% of the points in one ` +
    `(${counts.join(', ')}; unevenness ${reverseKl.toFixed(3)})`
  );
}
