/**
 * What augmentation before the discriminator does for a DCGAN that has few images: the first digits of MNIST's training set.
 *
 *     npm run bench -- few-images                                        100 and 1,000 images, every contestant, seed 1
 *     npm run bench -- few-images --images 100 --contestants none,diffAugment --seeds 1 --threads 1
 *
 * `createDcgan` with 16 base filters, batches of 32, and the learning rate and the average of `npm run mnist`. A classifier compares samples with the 10,000
 * test images every so many steps; `overfittingAlarm` compares the discriminator's logits on training and test images.
 * A run that is finished is a line of `figures.jsonl` and is not trained again.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  adaptiveAugment,
  type Callback,
  createDcgan,
  diffAugment,
  overfittingAlarm,
  type Transform,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { evaluate, frechetDistance, precisionRecall } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';

const { out, steps, every, samples, filters, rate, ...options } = readOptions({
  images: '100,1000',
  contestants: 'none,diffAugment,noColor,adaptiveAugment',
  seeds: '1',
  steps: 1500,
  every: 500,
  samples: 2000,
  filters: 16,
  rate: 0.002,
  threads: 2,
  out: 'runs/few-images',
});
const file = join(out, 'figures.jsonl');

const contestants: Readonly<Record<string, () => readonly Transform[]>> = {
  none: () => [],
  diffAugment: () => [diffAugment()],
  noColor: () => [diffAugment({ policy: ['translation', 'cutout'] })],
  translation: () => [diffAugment({ policy: ['translation'] })],
  adaptiveAugment: () => [adaptiveAugment()],
  adaptiveMoves: () => [adaptiveAugment({ policy: ['geometric'] })],
};

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads: options.threads }));
const mnist = await loadMnist({ split: 'train' });
const test = await loadMnist({ split: 'test' });
const features = mnistFeatures();

for (const images of options.images.split(',').map(Number)) {
  for (const name of options.contestants.split(',')) {
    for (const seed of options.seeds.split(',').map(Number)) await once(images, name, seed);
  }
}

async function once(images: number, name: string, seed: number): Promise<void> {
  const about = { images, name, seed, steps, filters, rate };
  const isDone = (row: object): boolean => isDeepStrictEqual({ ...row, ...about }, row);
  if ((await readJsonLines(file)).some((row) => isDone(row as object))) return;
  const gan = createDcgan({
    imageShape: [28, 28, 1],
    baseFilters: filters,
    transforms: contestants[name]!(),
    ...recipe({ learningRate: rate, beta1: 0.5, falling: 0.5, average: 0.05 }, steps),
    seed,
  });
  const data = mnist.slice(0, images);
  const alarm = overfittingAlarm(test, {
    samples: Math.min(images, 1000),
    every: { steps: every },
    onAlarm: () => undefined,
  });
  const scores: object[] = [];
  let judging = 0;
  const judge: Callback = {
    onStepEnd: async ({ number, metrics }) => {
      if (number % every !== 0) return;
      const begin = performance.now();
      const { figures } = await evaluate(gan.generator, test, {
        features,
        samples,
        seeds: [0],
        metrics: { frechet: frechetDistance, near: precisionRecall },
      });
      const means = Object.entries(figures).map(
        ([metric, { mean }]) => [metric, Number(mean.toFixed(4))] as const,
      );
      const { gap, accuracy } = alarm.records.at(-1)!;
      const probability = metrics['adaptiveAugment/probability'];
      scores.push({
        step: number,
        ...Object.fromEntries(means),
        gap: Number(gap.toFixed(3)),
        onTrained: accuracy.real,
        onHeldOut: accuracy.heldOut,
        ...(probability !== undefined && { probability }),
      });
      judging += (performance.now() - begin) / 1000;
      console.log(JSON.stringify({ ...about, ...scores.at(-1) }));
    },
  };
  const begin = performance.now();
  await gan.trainer.fit(data, { steps, batchSize: 32, callbacks: [alarm, judge] });
  const seconds = (performance.now() - begin) / 1000 - judging;
  const row = { ...about, seconds: Math.round(seconds), scores };
  await appendFile(file, `${JSON.stringify(row)}\n`);
  const hundred = gan.generator.sample(100, { seed: 7 });
  await saveImageGrid(join(out, `${images}-${name}-${seed}.png`), hundred, {
    columns: 10,
    scale: 2,
  });
  hundred.dispose();
  gan.dispose();
}
