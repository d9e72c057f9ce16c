/**
 * How many of the 1,000 kinds of stacked digits a DCGAN generates. A stack is a picture whose red, green and blue are a random
 * digit each.
 *
 *     npm run bench -- stacked-digits                                   all contestants, seed 1
 *     npm run bench -- stacked-digits --contestants none,packing --seeds 1,2,3 --threads 2
 *
 * The measures are those of VEEGAN and PacGAN: a classifier names the three digits of each of 26,000 samples; `modes` are the
 * triples among them, `divergence` the Kullback–Leibler divergence, in nats, of their distribution from the uniform one. As many
 * stacks of test digits are the ceiling, samples of new networks the floor.
 *
 * A run that is finished is a line of `figures.jsonl` and is not trained again.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {
  createDcgan,
  type CreateDcganOptions,
  datasetFromArray,
  type Gan,
  type InMemoryDataset,
  packing,
  R1Penalty,
  Random,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';
import { choose } from './shared/choose.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';
import { spread } from './shared/spread.ts';
import { table } from './shared/table.ts';

const { steps, filters, batch, rate, stacks, samples, out, ...options } = readOptions({
  contestants: 'none,packing,r1',
  seeds: '1',
  steps: 2000,
  filters: 32,
  batch: 64,
  rate: 0.002,
  // Pictures to train on, and to judge.
  stacks: 60_000,
  samples: 26_000,
  threads: 1,
  out: 'runs/stacked-digits',
});
/** What rows must have in common to be one row of the table. */
const settings = { steps, filters, rate, batch, stacks, samples };
const pixels = 28 * 28;
const file = join(out, 'figures.jsonl');

interface Row {
  readonly contestant: string;
  readonly seed: number;
  readonly steps: number;
  readonly modes: number;
  readonly divergence: number;
  readonly seconds: number;
}

const contestants: Readonly<Record<string, Partial<CreateDcganOptions>>> = {
  none: {},
  packing: { transforms: [packing(2)] },
  'packing-4': { transforms: [packing(4)] },
  r1: {
    normalization: { generator: 'batch', discriminator: 'none' },
    penalties: [new R1Penalty({ weight: 0.1, every: 4 })],
  },
};

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads: options.threads }));
const classifier = mnistFeatures();
const training = await stacked('train', stacks, 1);
console.log(JSON.stringify({ ceiling: await figuresOf(drawn('test')) }));
{
  const untrained = create({}, 1);
  console.log(JSON.stringify({ floor: await figuresOf(made(untrained)) }));
  untrained.dispose();
}
for (const [contestant, more] of choose('contestants', options.contestants, contestants)) {
  for (const seed of options.seeds.split(',').map(Number)) await once(contestant, more, seed);
}
report((await readJsonLines(file)) as Row[]);

/** Pictures of three random digits. */
async function stacked(
  split: 'train' | 'test',
  count: number,
  seed: number,
): Promise<InMemoryDataset> {
  const digits = await loadMnist({ split });
  const random = new Random(seed);
  const values = new Float32Array(3 * pixels * count);
  const rows: Float32Array[] = [];
  for await (const { samples } of digits.batches({ batchSize: 1000 })) {
    const all = (await samples.data()) as Float32Array;
    for (let i = 0; i < all.length; i += pixels) rows.push(all.subarray(i, i + pixels));
    samples.dispose();
  }
  for (let i = 0; i < count; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const row = rows[random.integer(rows.length)]!;
      for (let k = 0; k < pixels; k += 1) values[3 * (pixels * i + k) + channel] = row[k]!;
    }
  }
  return datasetFromArray(values, { sampleShape: [28, 28, 3], name: `stacked ${split} digits` });
}

/** As many stacks of a split as are judged. */
async function* drawn(split: 'train' | 'test'): AsyncGenerator<tf.Tensor> {
  const dataset = await stacked(split, samples, 2);
  const batchSize = Math.min(1000, samples);
  for await (const batch of dataset.batches({ batchSize })) yield batch.samples;
}

async function* made({ generator }: Gan): AsyncGenerator<tf.Tensor> {
  for (let begin = 0; begin < samples; begin += 1000) {
    yield generator.sample(Math.min(1000, samples - begin), { seed: begin + 1 });
  }
}

/** Disposes the batches. */
async function figuresOf(
  batches: AsyncIterable<tf.Tensor>,
): Promise<Pick<Row, 'modes' | 'divergence'>> {
  const counts = new Array<number>(1000).fill(0);
  let total = 0;
  for await (const samples of batches) {
    const kinds = tf.tidy(() => {
      const digits = tf.split(samples, 3, -1).map((channel) => {
        const { logits } = classifier.extract(channel);
        return tf.argMax(logits!, -1).toFloat();
      });
      return digits.reduce((kind, digit) => tf.add(tf.mul(kind, 10), digit));
    });
    for (const kind of await kinds.data()) counts[kind]! += 1;
    total += samples.shape[0];
    tf.dispose([samples, kinds]);
  }
  const shares = counts.filter((count) => count > 0).map((count) => count / total);
  const divergence = shares.reduce((sum, share) => sum + share * Math.log(share * 1000), 0);
  return { modes: shares.length, divergence: Number(divergence.toFixed(3)) };
}

function create(more: Partial<CreateDcganOptions>, seed: number): Gan {
  return createDcgan({
    imageShape: [28, 28, 3],
    baseFilters: filters,
    ...recipe({ learningRate: rate, beta1: 0.5, falling: 0.5, average: 0.05 }, steps),
    ...more,
    seed,
  });
}

async function once(
  contestant: string,
  more: Partial<CreateDcganOptions>,
  seed: number,
): Promise<void> {
  const about = { contestant, seed, ...settings };
  const isDone = (row: object): boolean => isDeepStrictEqual({ ...row, ...about }, row);
  if ((await readJsonLines(file)).some((row) => isDone(row as object))) return;
  const gan = create(more, seed);
  const begin = performance.now();
  await gan.trainer.fit(training, { steps, batchSize: batch });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const row = { ...about, ...(await figuresOf(made(gan))), seconds } satisfies Row;
  console.log(JSON.stringify(row));
  await appendFile(file, `${JSON.stringify(row)}\n`);
  const hundred = gan.generator.sample(100, { seed: 7 });
  const picture = join(out, `${contestant}-${seed}.png`);
  await saveImageGrid(picture, hundred, { columns: 10, scale: 2 });
  hundred.dispose();
  gan.dispose();
}

/** Mean ± deviation over the seeds. */
function report(rows: readonly Row[]): void {
  const kinds = new Map<string, Row[]>();
  for (const row of rows.filter((one) => isDeepStrictEqual({ ...one, ...settings }, one))) {
    kinds.set(row.contestant, [...(kinds.get(row.contestant) ?? []), row]);
  }
  const lines = [...kinds.values()].map((runs) => [
    ...[runs[0]!.contestant, runs[0]!.steps, runs.length],
    ...[
      [runs.map(({ modes }) => modes), 0] as const,
      [runs.map(({ divergence }) => divergence), 2] as const,
      [runs.map(({ seconds }) => seconds), 0] as const,
    ].map(([values, digits]) => spread(values, digits)),
  ]);
  console.log(table(['contestant', 'steps', 'seeds', 'modes', 'divergence', 'seconds'], lines));
}
