/**
 * Conditional GANs on MNIST: a classifier compares 10,000 samples of requested digits with the 10,000 test images.
 *
 *     npm run bench -- conditional                           every recipe, seeds 1, 2 and 3
 *     npm run bench -- conditional --recipes projection --seeds 1 --threads 2
 *     npm run bench -- conditional --steps 4500 --out runs/conditional
 *     npm run bench -- conditional --peer --recipes projection
 *
 * With `--peer` PyTorch trains the same networks from the same first weights by the same settings, with its own batches and
 * random numbers; our generator takes the weights and is judged. Needs Debian's python3-torch and libopenblas0-pthread.
 *
 * Floor: the untrained generator. Control: `shuffled`, whose labels were shuffled before training. Ceiling: training images
 * in place of generated ones. A recipe and seed that is finished is a line of `figures.jsonl` and is not trained again.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  createDcgan,
  createInfoGan,
  createSngan,
  type Dataset,
  type Gan,
  type Generator,
  Random,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { type Evaluation, evaluate, type Figure, frechetDistance } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';
import { type CodeMap, codesOfDigits } from './code-map.ts';
import { trainByPyTorch } from './families-peer.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { timeSteps } from './shared/time-steps.ts';

const { out, samples, threads, peer, ...options } = readOptions({
  recipes: 'all',
  seeds: '1,2,3',
  // As many as the recipe says, if 0.
  steps: 0,
  threads: 2,
  peer: false,
  samples: 10_000,
  out: 'runs/conditional',
});
const file = join(out, 'figures.jsonl');
const imageShape = [28, 28, 1] as const;
const falling = { beta1: 0.5, falling: 0.5, average: 0.05 };

/** One contestant. */
interface Contestant {
  readonly steps: number;
  readonly batchSize: number;
  readonly create: (seed: number, steps: number) => Gan;
  /** What it is trained on, if that is not MNIST as it is. */
  readonly data?: (mnist: Dataset) => Dataset;
}

/** The recipe of `npm run mnist`, with 4,500 steps of 32 images. */
function dcgan(
  conditioning: 'concat' | 'projection' | 'auxiliary' | undefined,
  data?: Contestant['data'],
): Contestant {
  const create = (seed: number, steps: number): Gan => {
    const settings = { imageShape, seed, ...recipe({ learningRate: 2e-3, ...falling }, steps) };
    return conditioning === undefined
      ? createDcgan(settings)
      : createDcgan({ ...settings, classes: 10, conditioning });
  };
  return { steps: 4500, batchSize: 32, create, ...(data && { data }) };
}

/**
 * The paper's rates, 0.001 and 0.0002, that fall to 0 in the second half. Without information the generator outruns so slow
 * a discriminator and collapses, so the control takes 0.001 for both.
 */
function infoGan(informationWeight: number, discriminatorRate = 2e-4): Contestant {
  const create = (seed: number, steps: number): Gan => {
    const generator = recipe({ learningRate: 1e-3, ...falling }, steps);
    const discriminator = recipe({ learningRate: discriminatorRate, ...falling }, steps);
    return createInfoGan({
      imageShape,
      seed,
      codes: { categorical: [10], continuous: 2 },
      informationWeight,
      ...generator,
      optimizers: {
        generator: generator.optimizers?.generator,
        discriminator: discriminator.optimizers?.discriminator,
      },
    });
  };
  return { steps: 4500, batchSize: 32, create };
}

const contestants: Readonly<Record<string, Contestant>> = {
  unconditional: dcgan(undefined),
  concat: dcgan('concat'),
  projection: dcgan('projection'),
  auxiliary: dcgan('auxiliary'),
  shuffled: dcgan('projection', shuffledLabels),
  sngan: {
    steps: 3600,
    batchSize: 32,
    create: (seed, steps) =>
      createSngan({
        imageShape,
        seed,
        classes: 10,
        updatesPerStep: { discriminator: 1 },
        ...recipe({ ...falling, learningRate: 1e-3, beta1: 0 }, steps),
      }),
  },
  infogan: infoGan(1),
  'infogan-equal-rates': infoGan(1, 1e-3),
  'infogan-no-information': infoGan(0, 1e-3),
};

/** The same images with labels that say nothing of them. */
function shuffledLabels(dataset: Dataset): Dataset {
  return {
    ...dataset,
    name: `${dataset.name}, labels shuffled`,
    async *batches(options) {
      let number = options.firstBatch ?? 0;
      for await (const batch of dataset.batches(options)) {
        const order = new Random((options.seed ?? 0) + number).permutation(options.batchSize);
        const labels = tf.tidy(() => tf.gather(batch.labels!, tf.tensor1d([...order], 'int32')));
        batch.labels!.dispose();
        number += 1;
        yield { ...batch, labels };
      }
    },
  };
}

/** A line of the file. */
interface Row {
  readonly recipe: string;
  readonly seed: number;
  readonly steps: number;
  readonly seconds: number;
  /** Median milliseconds of a step; not of the peer. */
  readonly stepMs?: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly byClass?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly codes?: CodeMap | undefined;
}

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads }));
const mnist = await loadMnist({ split: 'train' });
const test = await loadMnist({ split: 'test' });
const features = mnistFeatures();
const names = options.recipes === 'all' ? Object.keys(contestants) : options.recipes.split(',');

for (const name of names) {
  for (const seed of options.seeds.split(',').map(Number)) await once(name, seed);
}
console.log(JSON.stringify({ recipe: 'real', ...figuresOf(await judge(mnist)) }));

async function once(name: string, seed: number): Promise<void> {
  const contestant = contestants[name];
  if (contestant === undefined) {
    throw new RangeError(
      `Cannot train a recipe: --recipes must be of ${Object.keys(contestants).join(', ')}, got ${name}`,
    );
  }
  const steps = options.steps || contestant.steps;
  const before = (await readJsonLines(file)) as Row[];
  const recipeName = peer ? `${name}, PyTorch` : name;
  if (before.some((row) => row.recipe === recipeName && row.seed === seed && row.steps === steps))
    return;
  const gan = contestant.create(seed, steps);
  const stopwatch = timeSteps();
  const begin = performance.now();
  const data = contestant.data?.(mnist) ?? mnist;
  const { batchSize } = contestant;
  const folder = join(out, 'peer', `${name}-${seed}`);
  if (peer) await trainByPyTorch(gan, mnist, { folder, steps, batchSize, seed, threads });
  else await gan.trainer.fit(data, { steps, batchSize, callbacks: [stopwatch.callback] });
  const seconds = (performance.now() - begin) / 1000;
  const isInfoGan = 'codes' in gan.generator.inputs;
  const row: Row = {
    recipe: recipeName,
    seed,
    steps,
    seconds: Math.round(seconds),
    ...(!peer && { stepMs: Number((1000 * median(stopwatch.seconds.slice(1))).toFixed(1)) }),
    ...figuresOf(await judge(gan.generator)),
    ...(isInfoGan && { codes: await codesOfDigits(gan.generator, features, samples) }),
  };
  console.log(JSON.stringify(row));
  await appendFile(file, `${JSON.stringify(row)}\n`);
  const columns = { labels: Array.from({ length: 100 }, (_, i) => i % 10) };
  const codes = { codes: { categorical: [columns.labels] } };
  const asked = 'labels' in gan.generator.inputs ? columns : isInfoGan ? codes : {};
  const hundred = gan.generator.sample(100, { seed: 7, ...asked });
  await saveImageGrid(join(out, `${recipeName}-${seed}.png`), hundred, { columns: 10, scale: 2 });
  hundred.dispose();
  await gan.generator.save(`file://${join(out, 'generators', `${recipeName}-${seed}`)}`);
  gan.dispose();
}

function judge(judged: Generator | Dataset): Promise<Evaluation> {
  return evaluate(judged, test, {
    features,
    samples,
    seeds: [0],
    metrics: { frechet: frechetDistance },
  });
}

function figuresOf({ figures, classes }: Evaluation): Pick<Row, 'figures' | 'byClass'> {
  const means = Object.entries(figures).map(([name, { mean }]) => [name, mean] as const);
  const byClass = Object.entries<readonly Figure[]>({ ...classes }).map(
    ([name, all]) => [name, all.map(({ mean }) => Number(mean.toFixed(4)))] as const,
  );
  return {
    figures: Object.fromEntries(means),
    ...(classes !== undefined && { byClass: Object.fromEntries(byClass) }),
  };
}
