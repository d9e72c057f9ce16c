/**
 * What augmentation before the discriminator, and networks of an earlier run, do for a DCGAN that has few images.
 *
 *     npm run bench -- few-images                                              100 and 1,000 digits, seed 1
 *     npm run bench -- few-images --data icons --icons /usr/share/icons/gnome/32x32 --seeds 1,2,3
 *     npm run bench -- few-images --data digits-5-9 --contestants diffAugment,transfer,freezeD
 *
 * Data: `digits-100` and `digits-1000` are the first images of MNIST's training set; `digits-5-9` the first 100 of these digits,
 * whose earlier run has seen only the digits 0 to 4, all of them; `icons` three of four icons of Debian's `gnome-icon-theme`;
 * `emoji`, which are not few, the 32×32 pictures of OpenMoji but those of held-out base emoji.
 *
 * Digits: Fréchet distance and coverage of samples and as many test images, in the features of a classifier. Icons and emoji: kernel
 * distance to those that were held out, in the features of a classifier of OpenMoji's groups, which is trained
 * first. `training images` are the reference: what a generator would reach that only copies. `overfittingAlarm` compares the
 * discriminator's logits on training and held-out images.
 *
 * A run that is finished is a line of `figures.jsonl` and is not trained again.
 */
import { appendFile, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {
  adaptiveAugment,
  type Callback,
  checkpoint,
  createDcgan,
  type CreateDcganOptions,
  type Dataset,
  datasetFromArray,
  diffAugment,
  Gan,
  type Generator,
  type InMemoryDataset,
  overfittingAlarm,
  R1Penalty,
  Trainer,
  type Transform,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import {
  evaluate,
  type FeatureExtractor,
  frechetDistance,
  kernelDistance,
  type Metric,
  precisionRecall,
} from 'tfjs-gan/metrics';
import { directoryStore, imageFolder, loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../examples/mnist-dcgan/recipe.ts';
import { drawOpenmoji, type EmojiPairs } from '../examples/shared/openmoji.ts';
import { choose } from './shared/choose.ts';
import { cpuMs } from './shared/cpu-ms.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';
import { spread } from './shared/spread.ts';
import { table } from './shared/table.ts';
import { trainClassifier } from './shared/train-classifier.ts';

const {
  out,
  steps,
  every,
  samples,
  filters,
  rate,
  r1,
  'base-steps': baseSteps,
  ...options
} = readOptions({
  data: 'digits-100,digits-1000',
  contestants: 'none,diffAugment,adaptiveAugment',
  seeds: '1',
  steps: 4000,
  every: 1000,
  // Of the earlier run.
  'base-steps': 1500,
  samples: 2000,
  filters: 16,
  rate: 0.002,
  // A weight of R1 takes batch norm out of the discriminator.
  r1: 0,
  batch: 16,
  threads: 1,
  icons: '/usr/share/icons/gnome/32x32',
  'classifier-steps': 300,
  out: 'runs/few-images',
});
const file = join(out, 'figures.jsonl');

/** Few images, and how samples of a GAN that has seen them are judged. */
interface Task {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly training: Dataset & { readonly size: number };
  readonly heldOut: Dataset & { readonly size: number };
  /** The images of the earlier run. */
  readonly base?: Dataset;
  readonly features: FeatureExtractor;
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** What is added to the recipe. */
interface Contestant {
  readonly transforms?: readonly Transform[];
  /** How many of the discriminator's layers stay as the earlier run left them; without it, all networks are new. */
  readonly frozen?: number;
}

/** A line of the file. */
interface Row {
  readonly data: string;
  readonly contestant: string;
  readonly seed: number;
  readonly steps: number;
  /** The step at which the alarm rang. */
  readonly alarm: number | null;
  readonly cpuMs: number;
  readonly scores: readonly Readonly<Record<string, number>>[];
}

/** Without the changes of brightness and contrast. */
const moves = diffAugment({ policy: ['translation', 'cutout'] });

const contestants: Readonly<Record<string, Contestant>> = {
  none: {},
  diffAugment: { transforms: [diffAugment()] },
  moves: { transforms: [moves] },
  translation: { transforms: [diffAugment({ policy: ['translation'] })] },
  adaptiveAugment: { transforms: [adaptiveAugment({ rampSamples: 10_000 })] },
  adaptiveMoves: { transforms: [adaptiveAugment({ rampSamples: 10_000, policy: ['geometric'] })] },
  transfer: { transforms: [moves], frozen: 0 },
  freezeD: { transforms: [moves], frozen: 2 },
};

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads: options.threads }));
const tasks: Readonly<Record<string, () => Promise<Task>>> = {
  'digits-100': () => digits(100),
  'digits-1000': () => digits(1000),
  'digits-5-9': otherDigits,
  icons,
  emoji,
};
for (const [data, makeTask] of choose('data', options.data, tasks)) {
  const task = await makeTask();
  console.log(JSON.stringify({ data, contestant: 'training images', ...(await reference(task)) }));
  for (const [name, contestant] of choose('contestants', options.contestants, contestants)) {
    for (const seed of options.seeds.split(',').map(Number)) {
      await once(data, task, { name, ...contestant, seed });
    }
  }
}

report((await readJsonLines(file)) as Row[]);

/** Mean ± deviation over the seeds of what the runs ended with. */
function report(rows: readonly Row[]): void {
  const kinds = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.data, row.contestant, row.steps]);
    kinds.set(key, [...(kinds.get(key) ?? []), row]);
  }
  const lines = [...kinds.values()].map((runs) => {
    const [{ data, contestant, steps }] = runs as [Row];
    const of = (name: string, digits: number): string =>
      spread(
        runs.map((run) => run.scores.at(-1)![name] ?? NaN),
        digits,
      );
    const rang = runs.filter(({ alarm }) => alarm !== null).length;
    return [
      ...[data, contestant, steps, runs.length, of('frechet', 2), of('near.coverage', 3)],
      ...[
        of('kernel', 1),
        of('gap', 2),
        rang,
        spread(
          runs.map(({ cpuMs }) => cpuMs),
          0,
        ),
      ],
    ];
  });
  const head = [
    ...['data', 'contestant', 'steps', 'seeds', 'Fréchet', 'coverage', 'kernel', 'gap'],
    ...['alarms', 'CPU ms per step'],
  ];
  console.log(table(head, lines));
}

async function digits(count: number): Promise<Task> {
  const mnist = await loadMnist({ split: 'train' });
  return digitsTask(mnist.slice(0, count), await loadMnist({ split: 'test' }));
}

async function otherDigits(): Promise<Task> {
  const mnist = await loadMnist({ split: 'train' });
  const [base, training] = [
    await only((label) => label < 5, mnist),
    await only((label) => label >= 5, mnist.slice(0, 1000)),
  ];
  const heldOut = await only((label) => label >= 5, await loadMnist({ split: 'test' }));
  return { ...digitsTask(training.slice(0, 100), heldOut), base };
}

function digitsTask(training: InMemoryDataset, heldOut: InMemoryDataset): Task {
  return {
    imageShape: [28, 28, 1],
    training,
    heldOut,
    features: mnistFeatures(),
    metrics: { frechet: frechetDistance, near: precisionRecall },
  };
}

/** The images of some digits. */
async function only(
  isWanted: (label: number) => boolean,
  dataset: InMemoryDataset,
): Promise<InMemoryDataset> {
  const rows: Float32Array[] = [];
  for await (const { samples: images, labels } of dataset.batches({ batchSize: 1000 })) {
    const [pixels, digit] = await Promise.all([images.data(), labels!.data()]);
    digit.forEach((label, i) => {
      if (isWanted(label)) rows.push(pixels.slice(784 * i, 784 * (i + 1)) as Float32Array);
    });
    images.dispose();
    labels!.dispose();
  }
  const values = new Float32Array(784 * rows.length);
  rows.forEach((row, i) => values.set(row, 784 * i));
  return datasetFromArray(values, { sampleShape: [28, 28, 1], name: dataset.name });
}

async function icons(): Promise<Task> {
  const imageShape = [32, 32, 3] as const;
  const parts = ['training', 'held-out'].map((part) => join(out, 'icons', part));
  for (const folder of parts) await mkdir(folder, { recursive: true });
  let number = 0;
  const folders = await readdir(options.icons);
  for (const folder of folders.filter((name) => name !== 'animations').toSorted()) {
    const entries = await readdir(join(options.icons, folder), { withFileTypes: true });
    // Links are second names of the same icons.
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    for (const name of names.toSorted()) {
      const part = parts[number % 4 === 3 ? 1 : 0]!;
      await copyFile(join(options.icons, folder, name), join(part, `${folder}-${name}`));
      number += 1;
    }
  }
  const [training, heldOut] = await Promise.all(
    parts.map((folder) => imageFolder(folder, { imageShape })),
  );
  const { training: drawn } = await drawOpenmoji(32);
  const base = datasetFromArray(drawn.colors, { sampleShape: [...imageShape], name: 'emoji' });
  return { imageShape, training: training!, heldOut: heldOut!, base, ...(await byGroups(drawn)) };
}

async function emoji(): Promise<Task> {
  const imageShape = [32, 32, 3] as const;
  const drawn = await drawOpenmoji(32);
  const [training, heldOut] = [drawn.training, drawn.heldOut].map(({ colors }) =>
    datasetFromArray(colors, { sampleShape: [...imageShape], name: 'emoji' }),
  );
  return {
    imageShape,
    training: training!,
    heldOut: heldOut!,
    ...(await byGroups(drawn.training)),
  };
}

/** Kernel distance in the features of a classifier of the groups of emoji. */
async function byGroups({
  colors: pictures,
  groups: labels,
}: EmojiPairs): Promise<Pick<Task, 'features' | 'metrics'>> {
  const features = await trainClassifier('emoji groups', {
    pictures,
    labels,
    side: 32,
    steps: options['classifier-steps'],
  });
  const kernel: Metric = async (real, fake) => (await kernelDistance(real, fake)).mean;
  return { features, metrics: { kernel } };
}

/** What a generator would reach that only copies. */
async function reference({ training, heldOut, features, metrics }: Task): Promise<object> {
  const [real, copies] = await Promise.all(
    [heldOut, training].map(async (dataset) => {
      const batchSize = Math.min(samples, dataset.size);
      for await (const batch of dataset.batches({ batchSize, seed: 0 })) {
        return tf.tidy(() => features.extract(batch.samples).features);
      }
      throw new RangeError(`Cannot judge '${dataset.name}': it must have images, got none`);
    }),
  );
  const figures: Record<string, number> = {};
  for (const [name, metric] of Object.entries(metrics)) {
    const figure = await metric(real!, copies!);
    for (const [part, value] of Object.entries(
      typeof figure === 'number' ? { '': figure } : figure,
    )) {
      figures[part === '' ? name : `${name}.${part}`] = Number((value as number).toFixed(4));
    }
  }
  return figures;
}

async function judge(
  generator: Generator,
  { heldOut, features, metrics }: Task,
): Promise<Readonly<Record<string, number>>> {
  const { figures } = await evaluate(generator, heldOut, {
    features,
    samples,
    seeds: [0],
    metrics,
  });
  return Object.fromEntries(
    Object.entries(figures).map(([metric, { mean }]) => [metric, Number(mean.toFixed(4))]),
  );
}

async function once(
  data: string,
  task: Task,
  { name, seed, ...contestant }: Contestant & { readonly name: string; readonly seed: number },
): Promise<void> {
  const about = { data, contestant: name, seed, steps, filters, rate, r1, batch: options.batch };
  const isDone = (row: object): boolean => isDeepStrictEqual({ ...row, ...about }, row);
  if ((await readJsonLines(file)).some((row) => isDone(row as object))) return;
  const gan = await makeGan(data, task, contestant, seed);
  let rang: number | null = null;
  const alarm = overfittingAlarm(task.heldOut, {
    samples: Math.min(task.training.size, task.heldOut.size, 1000),
    every: { steps: every },
    onAlarm: ({ step }) => {
      rang = step;
    },
  });
  const scores: Record<string, number>[] = [];
  let judging = 0;
  const judged: Callback = {
    onStepEnd: async ({ number, metrics }) => {
      if (number % every !== 0) return;
      const begin = cpuMs();
      const figures = await judge(gan.generator, task);
      const { gap, accuracy } = alarm.records.at(-1)!;
      const probability = metrics['adaptiveAugment/probability'];
      scores.push({
        step: number,
        ...figures,
        gap: Number(gap.toFixed(3)),
        onTrained: accuracy.real,
        onHeldOut: accuracy.heldOut,
        ...(probability !== undefined && { probability }),
      });
      judging += cpuMs() - begin;
      console.log(JSON.stringify({ ...about, ...scores.at(-1) }));
    },
  };
  const begin = cpuMs();
  await gan.trainer.fit(task.training, {
    steps,
    batchSize: options.batch,
    callbacks: [alarm, judged],
  });
  const each = (cpuMs() - begin - judging) / steps;
  const row = { ...about, alarm: rang, cpuMs: Number(each.toFixed(1)), scores } satisfies Row;
  await appendFile(file, `${JSON.stringify(row)}\n`);
  const hundred = gan.generator.sample(100, { seed: 7 });
  const picture = join(out, `${data}-${name}-${seed}.png`);
  await saveImageGrid(picture, hundred, { columns: 10, scale: 2 });
  hundred.dispose();
  gan.dispose();
}

/** What all runs train by. */
function rules(
  most: number,
  { transforms = [] }: Contestant,
): Omit<CreateDcganOptions, 'imageShape'> {
  return {
    ...(r1 > 0 && { penalties: [new R1Penalty({ weight: r1, every: 4 })] }),
    transforms,
    ...recipe({ learningRate: rate, beta1: 0.5, falling: 0.5, average: 0.05 }, most),
  };
}

/** New networks, or those of the earlier run. */
async function makeGan(
  data: string,
  task: Task,
  contestant: Contestant,
  seed: number,
): Promise<Gan> {
  const { imageShape, base } = task;
  const size = {
    imageShape,
    baseFilters: filters,
    normalization: { discriminator: r1 > 0 ? ('none' as const) : ('batch' as const) },
  };
  const settings = rules(steps, contestant);
  if (contestant.frozen === undefined) return createDcgan({ ...size, ...settings, seed });
  if (base === undefined)
    throw new RangeError(`Cannot begin with networks of an earlier run: '${data}' has none`);
  const earlier = createDcgan({ ...size, ...rules(baseSteps, {}), seed: 1 });
  const store = directoryStore(join(out, `earlier-${data}-${filters}-${baseSteps}`));
  if (!(await earlier.trainer.restore(store))) {
    console.log(`Training ${baseSteps} steps on '${base.name}' first`);
    const callbacks = [checkpoint(store)];
    await earlier.trainer.fit(base, { steps: baseSteps, batchSize: options.batch, callbacks });
  }
  earlier.trainer.dispose();
  const { generator, discriminator } = earlier;
  generator.clearEma();
  for (const layer of discriminator.model.layers.slice(0, contestant.frozen)) {
    layer.trainable = false;
  }
  return new Gan({
    generator,
    discriminator,
    trainer: new Trainer({ generator, discriminator, ...settings, seed }),
  });
}
