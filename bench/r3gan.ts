/**
 * R3GAN on MNIST: what the weight γ of its penalties, their rhythm and the learning rate do.
 *
 *     npm run bench -- r3gan                                   γ 0.1, the preset's learning rate, 1,000 steps
 *     npm run bench -- r3gan --gammas 0.01,0.1,1 --rates 0.0002,0.001 --steps 300 --threads 1
 *     npm run bench -- r3gan --filters 16                      base filters of both networks
 *
 * `createR3gan` by default, with batches of 32. A classifier compares samples with the 10,000 test images. The learning rate
 * falls to a quarter, as in the preset. A run that is finished is a line of `figures.jsonl` and is not trained again.
 */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adam, cosineDecay, createR3gan, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { evaluate, frechetDistance, precisionRecall } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';

const { values } = parseArgs({
  options: {
    gammas: { type: 'string', default: '0.1' },
    rates: { type: 'string', default: '0.0002' },
    every: { type: 'string', default: '1' },
    filters: { type: 'string' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '1000' },
    samples: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: 'runs/r3gan' },
  },
});
const { out } = values;
const file = join(out, 'figures.jsonl');
const numbers = (list: string): number[] => list.split(',').map(Number);

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads: Number(values.threads) }));
const mnist = await loadMnist({ split: 'train' });
const test = await loadMnist({ split: 'test' });

for (const gamma of numbers(values.gammas)) {
  for (const rate of numbers(values.rates)) {
    for (const every of numbers(values.every)) await once(gamma, rate, every);
  }
}

async function once(gamma: number, rate: number, every: number): Promise<void> {
  const [seed, steps] = [Number(values.seed), Number(values.steps)];
  const filters = values.filters === undefined ? {} : { baseFilters: Number(values.filters) };
  const key = JSON.stringify({ gamma, rate, every, seed, steps, ...filters }).slice(0, -1);
  const done = existsSync(file) ? await readFile(file, 'utf8') : '';
  if (done.split('\n').some((line) => line.startsWith(key))) return;
  const optimizer = adam({
    learningRate: cosineDecay({ from: rate, to: rate / 4 }),
    beta1: 0,
    beta2: cosineDecay({ from: 0.9, to: 0.99 }),
  });
  const gan = createR3gan({
    imageShape: [28, 28, 1],
    ...filters,
    gamma,
    penaltyEvery: every,
    optimizers: { generator: optimizer, discriminator: optimizer },
    seed,
  });
  const begin = performance.now();
  await gan.trainer.fit(mnist, { steps, batchSize: 32 });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const { figures } = await evaluate(gan.generator, test, {
    features: mnistFeatures(),
    samples: Number(values.samples),
    seeds: [0],
    metrics: { frechet: frechetDistance, near: precisionRecall },
  });
  const means = Object.entries(figures).map(
    ([metric, { mean }]) => [metric, Number(mean.toFixed(4))] as const,
  );
  const line = `${key},${JSON.stringify({ seconds, ...Object.fromEntries(means) }).slice(1)}`;
  console.log(line);
  await appendFile(file, `${line}\n`);
  const hundred = gan.generator.sample(100, { seed: 7 });
  const name = [gamma, rate, every, seed, steps, ...Object.values(filters)].join('-');
  await saveImageGrid(join(out, `${name}.png`), hundred, { columns: 10, scale: 2 });
  hundred.dispose();
  gan.dispose();
}
