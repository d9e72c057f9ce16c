// What you learn: to compare two generators by several metrics, over several seeds, with a floor.
// Run it: npm run example -- evaluate (--quick for a few seconds)
// In about 1½ minutes it trains two generators of digits and prints one table;
// runs/evaluate/ has a picture of each.

import { join } from 'node:path';
import {
  createDcgan,
  createMlpGan,
  type Dataset,
  type Gan,
  type Generator,
  useBackend,
} from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import {
  classifierScore,
  evaluate,
  type Evaluation,
  frechetDistance,
  kernelDistance,
  precisionRecall,
} from 'tfjs-gan/metrics';
import { loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(600, 'training steps of the convolutional GAN; the dense one gets twice as many'),
  baseFilters: count(16, 'filters of its layer next to the image'),
  judged: count(5000, 'samples per seed'),
  seeds: count(3, 'number of seeds to sample with'),
};
const quick = { steps: 2, baseFilters: 2, judged: 100, seeds: 2 };

/** The question that each figure answers, and which direction is better. */
const questions = {
  frechet: 'how far is the distribution from the data? (lower)',
  'kernel.mean': 'the same, unbiased for any number of samples (lower)',
  'prdc.density': 'do samples lie near real ones? (higher)',
  'prdc.coverage': 'does every real one have samples near it? (higher)',
  'score.mean': 'are they digits, and all ten? (higher)',
};

await lesson('evaluate', flags, quick, async ({ steps, baseFilters, judged, seeds, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  // Never the training images: compared with them, a generator that copies would win.
  const unseen = await loadMnist({ split: 'test' });

  const measure = (source: Generator | Dataset): Promise<Evaluation> =>
    evaluate(source, unseen, {
      features: mnistFeatures(),
      samples: judged,
      seeds,
      metrics: {
        frechet: frechetDistance,
        kernel: (real, fake) => kernelDistance(real, fake, { subsets: 20 }),
        prdc: precisionRecall,
      },
      logitMetrics: { score: classifierScore },
    });

  // The floor: the figures of real digits in place of generated ones. A generator beats it only by
  // chance. Without the floor a figure has no meaning: a Fréchet distance of 6 is the floor of 100
  // samples, but 40 times the floor of 5,000.
  const reports: Record<string, Evaluation> = { floor: await measure(mnist) };

  const contestants: Record<string, readonly [Gan, number]> = {
    dense: [createMlpGan({ sampleShape: [28, 28, 1], seed }), 2 * steps],
    convolutional: [createDcgan({ imageShape: [28, 28, 1], baseFilters, seed }), steps],
  };
  for (const [name, [gan, length]] of Object.entries(contestants)) {
    console.log(`\n${name}`);
    await gan.trainer.fit(mnist, {
      steps: length,
      callbacks: [progress({ every: { steps: 200 } }), runReport(join(out, name))],
    });
    reports[name] = await measure(gan.generator);
    const samples = gan.generator.sample(64, { seed: 7 });
    await saveImageGrid(join(out, `${name}.png`), samples, { columns: 8, scale: 2 });
    samples.dispose();
    gan.dispose();
  }

  console.table(
    Object.entries(questions).map(([figure, question]) => ({
      figure,
      ...Object.fromEntries(
        Object.entries(reports).map(([name, report]) => {
          const { mean, deviation } = report.figures[figure]!;
          return [name, `${mean.toPrecision(3)} ± ${deviation.toPrecision(1)}`];
        }),
      ),
      'question (better)': question,
    })),
  );
  const { samples, extractor, seeds: drawn } = reports['floor']!;
  console.log(
    `${samples} samples, ${drawn.length} seeds, features ${extractor}; ± is the standard deviation over the seeds.`,
  );
  console.log(
    'It covers other samples of the same generator. Another training run differs by more:',
  );
  console.log('to compare two recipes, train each with several seeds as well.');
});
