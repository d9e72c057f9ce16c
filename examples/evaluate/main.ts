// What you learn: to compare two generators by numbers: several metrics, several seeds, and the floor that makes them readable.
// Run it: npm run example -- evaluate (--quick for a few seconds)
// In about 1½ minutes it trains two generators of digits and prints one table; runs/evaluate/ has a picture of each.

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
import { loadMnist, progress, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(600, 'training steps of the convolutional one; the other gets twice as many'),
  baseFilters: count(16, 'filters of its layer next to the image'),
  judged: count(5000, 'samples for each seed'),
  seeds: count(3, 'how often to draw other samples'),
};
const quick = { steps: 2, baseFilters: 2, judged: 100, seeds: 2 };

/** What each figure asks, and which way is better. */
const questions = {
  frechet: 'how far is the whole from the data? (lower)',
  'kernel.mean': 'the same, whatever the number of samples (lower)',
  'prdc.density': 'is a sample like a real one? (higher)',
  'prdc.coverage': 'is there one for every real one? (higher)',
  'score.mean': 'are they digits, and all ten? (higher)',
};

await lesson('evaluate', flags, quick, async ({ steps, baseFilters, judged, seeds, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  // Never those that were trained on: by them, a generator that copies would be the best of all.
  const unseen = await loadMnist({ split: 'test' });

  const measure = (judgedOnes: Generator | Dataset): Promise<Evaluation> =>
    evaluate(judgedOnes, unseen, {
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

  // The floor: what real digits get in a generator's place. A generator does no better but by chance, and without its floor
  // a figure says nothing: a Fréchet distance of 6 is the floor of 100 samples, and 40 times that of 5,000.
  const reports: Record<string, Evaluation> = { floor: await measure(mnist) };

  const contestants: Record<string, readonly [Gan, number]> = {
    dense: [createMlpGan({ sampleShape: [28, 28, 1], seed }), 2 * steps],
    convolutional: [createDcgan({ imageShape: [28, 28, 1], baseFilters, seed }), steps],
  };
  for (const [name, [gan, length]] of Object.entries(contestants)) {
    console.log(`\n${name}`);
    await gan.trainer.fit(mnist, {
      steps: length,
      callbacks: [progress({ every: { steps: 200 } })],
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
      'asks (better)': question,
    })),
  );
  const { samples, extractor, seeds: drawn } = reports['floor']!;
  console.log(
    `${samples} samples, ${drawn.length} seeds, features ${extractor}; ± is the deviation over the seeds.`,
  );
  console.log(
    'It says what other samples of the same generator would give. Another training differs by more:',
  );
  console.log('to call one recipe better than another, train each with several seeds as well.');
});
