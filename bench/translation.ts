/**
 * Image to image: emoji from line drawings by pix2pix; a known map between two sets of digits, and emoji without pairs, by
 * CycleGAN.
 *
 *     npm run bench -- translation                                all tasks, seed 1
 *     npm run bench -- translation --tasks emoji --seeds 1,2,3 --steps 4000 --threads 2
 *     npm run bench -- translation --contestants pix2pix --steps 200
 *     npm run bench -- translation --tasks emoji --contestants 'pix2pix in PyTorch' --seeds 1,2,3
 *     npm run bench -- translation --tasks emoji-speed --seeds 1,2,3 --threads 1
 *
 * Emoji: OpenMoji at 32×32 on white, held out by base emoji. Floors: the drawing itself, the colors of the nearest drawing of
 * the training set, the mean picture. Control: the same U-Net trained by L1 alone. Ceiling of the Fréchet distance: as many
 * training pictures. Its features are of a classifier of emoji groups that is trained here. 'pix2pix in PyTorch' makes as many
 * updates from the same initial weights with the same settings; it needs Debian's python3-torch, and runs only if it is named.
 *
 * Emoji without pairs: the drawings of every second emoji, the colors of the others; the partners of held-out drawings are known.
 * Floor: the image itself. Control: no cycle term. Ceiling: the true images. Two classifiers judge: one says which share of the
 * translations is in color (style), the other which share has the emoji group that it finds in the drawing (content). They are
 * trained here on both styles of all emoji, held-out ones too, as only the translators may not have seen these.
 *
 * Digits: MNIST and its other half, inverted and tinted: the true partner of every digit is known. Floor: the untrained
 * network. Control: no cycle term.
 *
 * Distances (L1) are of values in 0…1. A contestant and seed that is finished is a line of `figures.jsonl`, not trained again.
 */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  datasetFromArray,
  decodeSafetensors,
  encodeSafetensors,
  type InMemoryDataset,
  linearDecay,
  paired,
  unpaired,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { createCycleGan, createPix2pix, Translator } from 'tfjs-gan/image-to-image';
import { frechetDistance, psnr, ssim } from 'tfjs-gan/metrics';
import { loadMnist, progress, saveImageGrid } from 'tfjs-gan/node';
import { drawOpenmoji, type EmojiPairs } from '../examples/shared/openmoji.ts';
import { stateOf } from './families-peer.ts';
import { choose } from './shared/choose.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { runPeer } from './shared/run-peer.ts';
import { timeSteps } from './shared/time-steps.ts';
import { trainClassifier } from './shared/train-classifier.ts';

const { out, threads, ...options } = readOptions({
  tasks: 'emoji,emoji-unpaired,digits',
  contestants: 'all',
  seeds: '1',
  // As many as the task needs, if 0.
  steps: 0,
  'base-filters': 32,
  // Of CycleGAN.
  'learning-rate': 2e-4,
  'batch-size': 4,
  // Of CycleGAN between sets with as many channels.
  'identity-weight': 5,
  threads: 2,
  'classifier-steps': 600,
  out: 'runs/translation',
});
const seeds = options.seeds.split(',').map(Number);
const file = join(out, 'figures.jsonl');
const side = 32;

/** How the classifiers that judge are trained. */
const judges = { side, steps: options['classifier-steps'] };

/** What black and white of a digit become: a light ground with dark strokes, each of a color. */
const [ground, stroke] = [
  [1, 0.8, 0.4],
  [0, -0.4, 0.2],
] as const;

/** A line of the file. */
interface Row {
  readonly contestant: string;
  readonly seed: number;
  readonly steps: number;
  readonly seconds?: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** What PyTorch trains with, and translates. */
interface PeerRun {
  readonly training: EmojiPairs;
  /** Drawings to translate. */
  readonly lines: tf.Tensor4D;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** The contestant that runs only if it is named. */
const inPyTorch = 'pix2pix in PyTorch';

/** The emoji, which all tasks share. */
let drawn: ReturnType<typeof drawOpenmoji> | undefined;

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads }));
const tasks = {
  emoji,
  'emoji-unpaired': emojiUnpaired,
  digits,
  'emoji-speed': emojiSpeed,
};
for (const [, task] of choose('tasks', options.tasks, tasks)) await task();

async function emoji(): Promise<void> {
  const { training, heldOut } = await (drawn ??= drawOpenmoji(side));
  console.log(`${training.count} emoji in training, ${heldOut.count} held out`);
  const { colors: pictures, groups: labels } = training;
  const classifier = await trainClassifier('emoji groups', { ...judges, pictures, labels });
  const extract = (images: tf.Tensor4D): tf.Tensor2D => classifier.extract(images).features;
  const [lines, colors] = [linesOf(heldOut), colorsOf(heldOut)];
  const real = extract(colors);
  const judge = async (made: tf.Tensor4D): Promise<Row['figures']> => ({
    l1: await distance(made, colors),
    psnr: await psnr(asOne(made), asOne(colors)),
    ssim: await ssim(made, colors),
    frechet: await frechetDistance(real, extract(made)),
  });
  const copied = tf.tile(lines, [1, 1, 1, 3]);
  await report({ contestant: 'floor: the drawing', figures: await judge(copied) });
  const nearest = nearestColors(training, lines);
  await report({ contestant: 'floor: nearest drawing', figures: await judge(nearest) });
  const mean = tf.tidy(() => tf.mean(colorsOf(training), 0, true));
  const everywhere = tf.tile(mean, [heldOut.count, 1, 1, 1]) as tf.Tensor4D;
  await report({ contestant: 'floor: mean picture', figures: await judge(everywhere) });
  const others = tf.tidy(() => {
    const every = Array.from({ length: heldOut.count }, (_, i) =>
      Math.floor((i * training.count) / heldOut.count),
    );
    return tf.gather(colorsOf(training), every);
  });
  const ceiling = await frechetDistance(real, extract(others));
  await report({ contestant: 'ceiling: training pictures', figures: { frechet: ceiling } });

  const data = pairsOf(training);
  const contestants = { pix2pix: 1, 'L1 only': 0, [inPyTorch]: 1 };
  await each(contestants, 4000, async (contestant, weight, seed, steps) => {
    const gan = pix2pixOf(weight, seed, steps);
    const run = { steps, batchSize: 8 };
    if (contestant === inPyTorch) {
      const { made, seconds } = await translatedByPyTorch(gan, { training, lines, seed, ...run });
      const all = Math.round(seconds.reduce((sum, each) => sum + each, 0));
      await report({ contestant, seed, steps, seconds: all, figures: await judge(made) });
    } else {
      const begin = performance.now();
      await gan.trainer.fit(data, { ...run, callbacks: [progress()] });
      const seconds = Math.round((performance.now() - begin) / 1000);
      const made = gan.generator.translate(lines);
      await report({ contestant, seed, steps, seconds, figures: await judge(made) });
      await gan.generator.save(placeOf(contestant, seed));
    }
    gan.dispose();
  });
  const [seed = 1] = seeds;
  const places = ['L1 only', 'pix2pix'].map((contestant) => placeOf(contestant, seed));
  if (!places.every((place) => existsSync(new URL(`${place}/model.json`)))) return;
  const [byDistance, byBoth] = await Promise.all(
    places.map(async (place) => (await Translator.load(place)).translate(lines)),
  );
  // Twenty held-out emoji, evenly chosen, five rows each: drawing, nearest drawing's colors, L1 only, pix2pix, true colors.
  const chosen = Array.from({ length: 20 }, (_, i) => Math.floor(((i + 0.5) * heldOut.count) / 20));
  const rows = [copied, nearest, byDistance!, byBoth!, colors];
  const sheet = tf.concat(rows.map((row) => tf.gather(row, chosen)));
  await saveImageGrid(join(out, 'emoji.png'), sheet, { columns: 20 });
}

function pairsOf({ lines, colors }: EmojiPairs): ReturnType<typeof paired> {
  return paired({
    source: datasetFromArray(lines, { sampleShape: [side, side, 1], name: 'drawings' }),
    samples: datasetFromArray(colors, { sampleShape: [side, side, 3], name: 'emoji' }),
  });
}

function pix2pixOf(
  adversarialWeight: number,
  seed: number,
  steps: number,
): ReturnType<typeof createPix2pix> {
  const optimizer = adam({
    learningRate: linearDecay({ from: 5e-4, begin: steps / 2, end: steps }),
  });
  return createPix2pix({
    sourceShape: [side, side, 1],
    targetShape: [side, side, 3],
    seed,
    adversarialWeight,
    ema: { decay: 0.99 },
    baseFilters: options['base-filters'],
    optimizers: { generator: optimizer, discriminator: optimizer },
  });
}

/** Milliseconds of a step of pix2pix, here and in PyTorch by turns: medians, without the first steps of each run. */
async function emojiSpeed(): Promise<void> {
  const { training, heldOut } = await (drawn ??= drawOpenmoji(side));
  const [steps, warmUp, batchSize] = [options.steps || 20, 3, 8];
  const [ours, theirs]: [number[], number[]] = [[], []];
  const lines = linesOf(heldOut);
  for (const seed of seeds) {
    const gan = pix2pixOf(1, seed, steps);
    const { seconds } = await translatedByPyTorch(gan, { training, lines, steps, batchSize, seed });
    theirs.push(...seconds.slice(warmUp));
    const timer = timeSteps();
    const callbacks = [timer.callback];
    await gan.trainer.fit(pairsOf(training), { steps, batchSize, callbacks });
    ours.push(...timer.seconds.slice(warmUp));
    gan.dispose();
  }
  const [here, there] = [1000 * median(ours), 1000 * median(theirs)];
  console.log(
    `${here.toFixed(0)} ms a step, PyTorch ${there.toFixed(0)} ms: ${(here / there).toFixed(2)} times as long`,
  );
}

/** Trains the networks of a pix2pix in PyTorch, from the weights that they have, and translates drawings by them. */
async function translatedByPyTorch(
  gan: ReturnType<typeof createPix2pix>,
  { training, lines, steps, batchSize, seed }: PeerRun,
): Promise<{ readonly made: tf.Tensor4D; readonly seconds: readonly number[] }> {
  const folder = join(out, 'pytorch', `${seed}`);
  await mkdir(folder, { recursive: true });
  const first = await gan.trainer.snapshot();
  const { description, configuration } = first;
  await writeFile(join(folder, 'setup.json'), JSON.stringify({ description, configuration }));
  await writeFile(join(folder, 'state-0.safetensors'), encodeSafetensors(stateOf(first)));
  const given = { source: linesOf(training), samples: colorsOf(training), unseen: lines };
  const arrays = await Promise.all(
    Object.entries(given).map(async ([name, tensor]) => {
      return [
        name,
        { shape: tensor.shape, values: (await tensor.data()) as Float32Array },
      ] as const;
    }),
  );
  const bytes = encodeSafetensors(Object.fromEntries(arrays));
  await writeFile(join(folder, 'data.safetensors'), bytes);
  const flags = ['--steps', steps, '--batch', batchSize, '--seed', seed];
  const program = 'pix2pix_torch.py';
  const { seconds } = runPeer(program, [folder, threads, ...flags], threads) as {
    seconds: number[];
  };
  const read = async (name: string): Promise<tf.Tensor4D> => {
    const file = await readFile(join(folder, `${name}.safetensors`));
    const { samples } = decodeSafetensors(new Uint8Array(file)).tensors;
    return tf.tensor4d(samples!.values as Float32Array, samples!.shape as [number, number, number, number]); // prettier-ignore
  };
  const difference = tf.max(tf.abs(tf.sub(await read('first'), gan.generator.translate(lines))));
  const [most = NaN] = await difference.data();
  console.log(`Initial translations differ from PyTorch's by at most ${most.toExponential(1)}`);
  if (!(most < 1e-4)) throw new Error('Cannot compare: the networks differ before training');
  return { made: await read('made'), seconds };
}

async function emojiUnpaired(): Promise<void> {
  const { training, heldOut } = await (drawn ??= drawOpenmoji(side));
  const everySecond = (bytes: Uint8Array, first: number): Uint8Array =>
    bytes.filter((_, i) => Math.floor(i / (side * side * 3)) % 2 === first);
  // With three channels, as the term of identity needs both sets alike. Without it the translations turn black to white.
  const inColor = ({ lines }: EmojiPairs): Uint8Array =>
    Uint8Array.from([...lines].flatMap((gray) => [gray, gray, gray]));
  const data = unpaired({
    a: datasetFromArray(everySecond(inColor(training), 0), {
      sampleShape: [side, side, 3],
      name: 'drawings',
    }),
    b: datasetFromArray(everySecond(training.colors, 1), {
      sampleShape: [side, side, 3],
      name: 'emoji',
    }),
  });
  const all = [training, heldOut];
  const inBoth = Uint8Array.from([
    ...all.flatMap((part) => [...inColor(part)]),
    ...all.flatMap(({ colors }) => [...colors]),
  ]);
  const groups = all.flatMap((part) => [...part.groups]);
  const styles = [0, 1].flatMap((style) => groups.map(() => style));
  const ofStyle = await trainClassifier('styles', { ...judges, pictures: inBoth, labels: styles });
  const ofContent = await trainClassifier('groups of both styles', {
    ...judges,
    pictures: inBoth,
    labels: [...groups, ...groups],
  });
  const classesOf = (judge: typeof ofStyle, images: tf.Tensor4D): tf.Tensor1D =>
    tf.tidy(() => tf.argMax(judge.extract(images).logits!, 1));
  const colors = colorsOf(heldOut);
  const lines = tf.tile<tf.Tensor4D>(linesOf(heldOut), [1, 1, 1, 3]);
  const content = classesOf(ofContent, lines);
  const share = async (same: tf.Tensor): Promise<number> => (await tf.mean(same).data())[0]!;
  const figuresOf = async (there: tf.Tensor4D, back: tf.Tensor4D): Promise<Row['figures']> => ({
    aToB: await distance(there, colors),
    bToA: await distance(back, lines),
    style: await share(classesOf(ofStyle, there)),
    content: await share(tf.equal(classesOf(ofContent, there), content)),
  });
  const gray = tf.tile(tf.mean<tf.Tensor4D>(colors, 3, true), [1, 1, 1, 3]);
  await report({ contestant: 'floor: the image itself', figures: await figuresOf(lines, gray) });
  await report({ contestant: 'ceiling: true images', figures: await figuresOf(colors, lines) });
  const contestants = { 'emoji cycleGan': 10, 'emoji without cycle': 0 };
  await each(contestants, 1500, async (contestant, cycleWeight, seed, steps) => {
    const gan = cycleGanOf(cycleWeight, { seed, steps, size: side, channels: 3 });
    const begin = performance.now();
    await gan.trainer.fit(data, {
      steps,
      batchSize: options['batch-size'],
      callbacks: [progress()],
    });
    const seconds = Math.round((performance.now() - begin) / 1000);
    const { aToB, bToA } = gan.generators;
    const [there, back] = [aToB.translate(lines), bToA.translate(colors)];
    const cycle = await distance(bToA.translate(there), lines);
    const figures = { ...(await figuresOf(there, back)), cycle };
    await report({ contestant, seed, steps, seconds, figures });
    const chosen = Array.from({ length: 20 }, (_, i) =>
      Math.floor(((i + 0.5) * heldOut.count) / 20),
    );
    const sheet = tf.concat([lines, there, colors, back].map((row) => tf.gather(row, chosen)));
    const name = `${contestant.replaceAll(' ', '-')}-${seed}.png`;
    await saveImageGrid(join(out, name), sheet, { columns: 20 });
    gan.dispose();
  });
}

/** A CycleGAN between images with one channel, or `channels`, and with three. */
function cycleGanOf(
  cycleWeight: number,
  { seed, steps, size, blocks, channels = 1 }: Readonly<Record<'seed' | 'steps' | 'size', number>> & Partial<Record<'blocks' | 'channels', number>>, // prettier-ignore
): ReturnType<typeof createCycleGan> {
  const from = options['learning-rate'];
  const optimizer = adam({ learningRate: linearDecay({ from, begin: steps / 2, end: steps }) });
  return createCycleGan({
    shapes: { a: [size, size, channels], b: [size, size, 3] },
    seed,
    cycleWeight,
    identityWeight: channels === 3 ? options['identity-weight'] : 0,
    blocks,
    discriminatorFilters: 16,
    ema: { decay: 0.99 },
    optimizers: { generators: optimizer, discriminators: optimizer },
  });
}

async function digits(): Promise<void> {
  const [train, test] = [await loadMnist({ split: 'train' }), await loadMnist({ split: 'test' })];
  const half = 5000;
  const gray = await digitsOf(train, 2 * half);
  const [a, b] = [tf.slice(gray, 0, half), tinted(tf.slice(gray, half, half))];
  const data = unpaired({
    a: datasetFromArray(await a.data(), { sampleShape: [28, 28, 1], name: 'digits' }),
    b: datasetFromArray(await b.data(), { sampleShape: [28, 28, 3], name: 'tinted digits' }),
  });
  const unseen = await digitsOf(test, 500);
  const partners = tinted(unseen);
  await each(
    { cycleGan: 10, 'no cycle': 0 },
    1500,
    async (contestant, cycleWeight, seed, steps) => {
      const gan = cycleGanOf(cycleWeight, { seed, steps, size: 28, blocks: 1 });
      const { aToB, bToA } = gan.generators;
      const judge = async (): Promise<Row['figures']> => ({
        aToB: await distance(aToB.translate(unseen), partners),
        bToA: await distance(bToA.translate(partners), unseen),
        cycle: await distance(bToA.translate(aToB.translate(unseen)), unseen),
      });
      await report({ contestant: `floor: untrained ${contestant}`, seed, figures: await judge() });
      const begin = performance.now();
      const batchSize = options['batch-size'];
      await gan.trainer.fit(data, { steps, batchSize, callbacks: [progress()] });
      const seconds = Math.round((performance.now() - begin) / 1000);
      await report({ contestant, seed, steps, seconds, figures: await judge() });
      const some = tf.slice(unseen, 0, 20);
      const made = aToB.translate(some);
      const sheet = [tf.tile(some, [1, 1, 1, 3]), made, tinted(some)];
      await saveImageGrid(join(out, `${contestant}-${seed}.png`), tf.concat(sheet), {
        columns: 20,
      });
      gan.dispose();
    },
  );
}

/** Where a translator is saved. */
function placeOf(contestant: string, seed: number): string {
  const name = `${contestant.toLowerCase().replace(' ', '-')}-${seed}`;
  return pathToFileURL(join(out, 'generators', name)).href;
}

/** Trains each requested contestant with each seed, but those that are done. */
async function each<T>(
  contestants: Readonly<Record<string, T>>,
  defaultSteps: number,
  train: (contestant: string, setting: T, seed: number, steps: number) => Promise<void>,
): Promise<void> {
  const steps = options.steps || defaultSteps;
  const done = (await readJsonLines(file)) as Row[];
  for (const [contestant, setting] of Object.entries(contestants)) {
    const named = options.contestants.split(',');
    if (options.contestants === 'all' ? contestant === inPyTorch : !named.includes(contestant))
      continue;
    for (const seed of seeds) {
      const isDone = (row: Row): boolean =>
        row.contestant === contestant && row.seed === seed && row.steps === steps;
      if (!done.some(isDone)) await train(contestant, setting, seed, steps);
    }
  }
}

async function report(row: Pick<Row, 'contestant' | 'figures'> & Partial<Row>): Promise<void> {
  const rounded = Object.entries(row.figures).map(
    ([name, value]) => [name, Number(value.toPrecision(4))] as const,
  );
  const line = JSON.stringify({ ...row, figures: Object.fromEntries(rounded) });
  console.log(line);
  // Floors are computed anew each time.
  if (row.steps !== undefined) await appendFile(file, `${line}\n`);
}

/** All images as one, as some emoji are equal to their drawings, which makes a mean of ratios infinite. */
function asOne(images: tf.Tensor4D): tf.Tensor4D {
  return tf.reshape(images, [1, -1, side, 3]);
}

/** Mean absolute difference of values in 0…1. */
async function distance(x: tf.Tensor4D, y: tf.Tensor4D): Promise<number> {
  const mean = tf.tidy(() => tf.div(tf.mean(tf.abs(tf.sub(x, y))), 2));
  const [value = NaN] = await mean.data();
  mean.dispose();
  return value;
}

function linesOf({ lines, count }: EmojiPairs): tf.Tensor4D {
  return scaled(lines, [count, side, side, 1]);
}

function colorsOf({ colors, count }: EmojiPairs): tf.Tensor4D {
  return scaled(colors, [count, side, side, 3]);
}

function scaled(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
  const pixels = Float32Array.from(bytes, (value) => value / 127.5 - 1);
  return tf.tensor4d(pixels, shape);
}

/** For each drawing the colors of the training drawing with the smallest squared distance. */
function nearestColors(training: EmojiPairs, lines: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const known = tf.reshape(linesOf(training), [training.count, side * side]);
    const asked = tf.reshape<tf.Rank.R2>(lines, [-1, side * side]);
    const products = tf.matMul(asked, known, false, true);
    // Up to the length of what is asked, which is the same for all.
    const distances = tf.sub(tf.sum(tf.square(known), 1), tf.mul(products, 2));
    return tf.gather(colorsOf(training), tf.argMin<tf.Tensor1D>(distances, 1));
  });
}

/** The first digits of a set. */
async function digitsOf(set: InMemoryDataset, count: number): Promise<tf.Tensor4D> {
  for await (const { samples, labels } of set.batches({ batchSize: count })) {
    labels?.dispose();
    return samples as tf.Tensor4D;
  }
  throw new RangeError(`Cannot take digits: there must be ${count}, got fewer`);
}

/** The known map: inverted and tinted. */
function tinted(digits: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const share = tf.div(tf.add(digits, 1), 2);
    const [black, white] = [tf.tensor1d([...ground]), tf.tensor1d([...stroke])];
    return tf.add<tf.Tensor4D>(tf.mul(share, white), tf.mul(tf.sub(1, share), black));
  });
}
