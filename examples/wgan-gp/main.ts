// What you learn: WGAN-GP part by part: critic updates, gradient penalty, loss as a distance.
// Run it: npm run example -- wgan-gp (--quick for a few seconds)
// In about 3 minutes, runs/wgan-gp/ has digits (samples.png) and a curve that falls as they
// improve (estimate.svg).

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  adam,
  dcganDiscriminator,
  dcganGenerator,
  evaluateEvery,
  GradientPenalty,
  Trainer,
  useBackend,
  WassersteinLoss,
} from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { frechetDistance } from 'tfjs-gan/metrics';
import { drawCurves, loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const IMAGE_SHAPE = [28, 28, 1] as const;
const EVALUATIONS = 8;

const flags = {
  steps: count(800, 'generator updates'),
  baseFilters: count(16, 'filters of the layer next to the image'),
  judged: count(1000, 'samples for each Fréchet distance'),
};
const quick = { steps: 8, baseFilters: 2, judged: 80 };

await lesson('wgan-gp', flags, quick, async ({ steps, baseFilters, judged, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  const unseen = await loadMnist({ split: 'test' });

  // The following is createWganGp({ imageShape: [28, 28, 1], baseFilters, seed }), written out.
  const generator = dcganGenerator({ imageShape: IMAGE_SHAPE, baseFilters, latentSize: 128, seed });
  // No batch norm: the penalty is on the gradient norm at each sample, and batch norm mixes
  // samples.
  const discriminator = dcganDiscriminator({
    imageShape: IMAGE_SHAPE,
    baseFilters,
    normalization: 'none',
    seed: seed + 1,
  });
  // Without momentum: the critic's judgment changes with each of its updates.
  const optimizer = adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 });
  const trainer = new Trainer({
    generator,
    discriminator,
    loss: new WassersteinLoss(),
    penalties: [new GradientPenalty({ weight: 10 })],
    // The better the critic, the better its estimate and the generator's gradient.
    updatesPerStep: { discriminator: 5 },
    optimizers: { generator: optimizer, discriminator: optimizer },
    seed,
  });

  const every = { steps: Math.max(1, Math.floor(steps / EVALUATIONS)) };
  const judge = evaluateEvery(every, {
    dataset: unseen,
    features: mnistFeatures(),
    samples: judged,
    seeds: 1,
    metrics: { frechet: frechetDistance },
  });
  const history = await trainer.fit(mnist, {
    steps,
    callbacks: [progress(), judge, runReport(out)],
  });

  // The critic's loss has two terms: the penalty, and minus the estimate of the distance from real
  // samples to fake ones.
  const estimates = history.steps.map(({ terms }) => -(terms.discriminator['wasserstein'] ?? NaN));
  // For comparison, a distance on features that do not depend on the critic. Once the critic
  // separates real from fake samples, both fall.
  console.table(
    judge.records.map(({ step, figures }) => {
      const around = estimates.slice(step - every.steps, step);
      const estimate = around.reduce((sum, value) => sum + value, 0) / around.length;
      const frechet = figures['frechet']?.mean ?? NaN;
      return {
        step,
        estimate: Number(estimate.toFixed(2)),
        'Fréchet distance': Number(frechet.toFixed(1)),
      };
    }),
  );
  const curve = { name: 'estimate of the Wasserstein distance', values: estimates };
  await writeFile(join(out, 'estimate.svg'), drawCurves([curve], { smoothing: 0.9 }));
  const samples = generator.sample(64, { seed: 7 });
  await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8, scale: 2 });
  samples.dispose();
  generator.dispose();
  discriminator.dispose();
  console.log(`\nLook at ${join(out, 'samples.png')} and ${join(out, 'estimate.svg')}`);
});
