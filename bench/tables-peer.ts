import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  type NamedArrays,
  Random,
  Trainer,
} from 'tfjs-gan';
import type { TableDataset, TableGan } from 'tfjs-gan/tabular';
import { gumbel } from '../src/codecs/table/gumbel.ts';
import { relativeDistance } from './families-differences.ts';
import { flattened, replaced, stateOf } from './families-peer.ts';
import { runPeer } from './shared/run-peer.ts';
import { GameRecorder } from './families-recorder.ts';

const program = 'ctgan_torch.py';

/** A run of CTGAN that PyTorch makes. */
export interface TablePeer {
  /** Where its files go. */
  readonly folder: string;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
}

/**
 * Lets PyTorch repeat the first steps of a GAN, with the same weights, rows and random numbers, both without dropout.
 *
 * @param gan - Of `createCtgan`; these steps train its networks, without dropout from then on.
 * @returns How far PyTorch's are from ours: the terms of the losses in parts of their sum, and the generator's weights in parts
 *   of the way they went.
 */
export async function comparePeer(
  gan: TableGan,
  table: TableDataset,
  { folder, batchSize, seed, threads }: TablePeer,
  steps: number,
): Promise<{ readonly losses: number; readonly weights: number }> {
  for (const layer of gan.discriminator.model.layers) {
    if (layer.getClassName() === 'Dropout') Object.assign(layer, { rate: 0 });
  }
  const recorder = new GameRecorder(gan.trainer.game);
  const trainer = new Trainer({ game: recorder.game, seed });
  await writeSetup(gan, table, folder);
  const { networks: before } = await trainer.snapshot();
  await trainer.fit(table, { steps, batchSize });
  const updates = await recorder.take();
  const draws = updates.map(({ drawn, sources }) => ({
    ...drawn,
    gumbel: noise(Random.fromState(sources['gumbel']!), drawn['batch/samples']!.shape),
  }));
  const numbered = Object.fromEntries(draws.map((drawn, i) => [`${i}`, drawn]));
  await writeFile(join(folder, 'draws.safetensors'), encodeSafetensors(flattened(numbered)));
  const { terms } = runPeer(program, ['check', folder, threads], threads) as { terms: Record<string, number>[] }; // prettier-ignore
  const trained = await readTensors(join(folder, 'checked.safetensors'));
  const { networks } = await trainer.snapshot();
  trainer.dispose();
  return {
    losses: Math.max(...updates.map((update, i) => distance(update.terms, terms[i]!))),
    weights: relativeDistance(
      networks.generator,
      trained,
      // PyTorch divides variances by another count.
      (name) => !name.endsWith('/moving_variance'),
      before.generator,
    ),
  };
}

/** The largest difference of a term, in parts of the sum of all. */
function distance(
  ours: Readonly<Record<string, number>>,
  theirs: Readonly<Record<string, number>>,
): number {
  const entries = Object.entries(ours);
  const size = entries.reduce((sum, [, value]) => sum + Math.abs(value), 0);
  return Math.max(...entries.map(([name, value]) => Math.abs(value - theirs[name]!))) / size;
}

async function readTensors(path: string): Promise<NamedArrays> {
  return decodeSafetensors(new Uint8Array(await readFile(path))).tensors as NamedArrays;
}

/**
 * Lets PyTorch train the networks of a GAN from the weights that they have, with rows and random numbers of its own.
 *
 * @param steps - The last one, and others after which the generator is kept.
 * @returns Seconds of each step, and what gives the GAN the generator that was kept after a step.
 */
export async function trainTableByPyTorch(
  gan: TableGan,
  table: TableDataset,
  { folder, batchSize, seed, threads }: TablePeer,
  steps: readonly number[],
): Promise<{
  readonly seconds: readonly number[];
  readonly take: (step: number) => Promise<void>;
}> {
  await writeSetup(gan, table, folder);
  for await (const { samples } of table.batches({ batchSize: table.size, tensors: [] })) {
    const values = (await samples.data()) as Float32Array;
    const rows = { shape: [...samples.shape], values };
    samples.dispose();
    await writeFile(join(folder, 'table.safetensors'), encodeSafetensors({ rows }));
  }
  const flags = ['--steps', steps.join(','), '--batch', batchSize, '--seed', seed];
  const { seconds } = runPeer(program, ['train', folder, threads, ...flags], threads) as { seconds: number[] }; // prettier-ignore
  const take = async (step: number): Promise<void> => {
    const trained = await readTensors(join(folder, `trained-${step}.safetensors`));
    const named = flattened({ 'networks/generator': trained });
    const snapshot = await gan.trainer.snapshot();
    const generator = replaced(snapshot.networks.generator, named, 'generator');
    await gan.trainer.restore({ ...snapshot, networks: { ...snapshot.networks, generator } });
  };
  return { seconds, take };
}

/** What the networks are, and the weights that they have. */
async function writeSetup(gan: TableGan, table: TableDataset, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const snapshot = await gan.trainer.snapshot();
  const { configuration } = snapshot;
  const spans = table.codec.places.flatMap(({ codec, condition }) => [
    ...(codec.hasNumber ? [{ size: 1, isNumber: true, condition: -1 }] : []),
    { size: codec.choices, isNumber: false, condition },
  ]);
  const optimizerOf = (network: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      ['learningRate', 'beta1', 'beta2', 'epsilon'].map((name) => [
        name,
        configuration[`optimizers.${network}.${name}`],
      ]),
    );
  const setup = {
    spans,
    latentSize: configuration['latentSize'],
    pack: configuration['pack'],
    temperature: configuration['temperature'],
    penaltyWeight: configuration['penalties.gradientPenalty.weight'],
    optimizers: {
      generator: optimizerOf('generator'),
      discriminator: optimizerOf('discriminator'),
    },
  };
  await writeFile(join(folder, 'setup.json'), JSON.stringify(setup));
  await writeFile(join(folder, 'state.safetensors'), encodeSafetensors(stateOf(snapshot)));
}

function noise(random: Random, shape: readonly number[]): NamedArray {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: Float32Array.from({ length: size }, () => gumbel(random)) };
}
