import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeSafetensors, type Network } from 'tfjs-gan';
import { exportTorch } from 'tfjs-gan/export';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import {
  batchFor,
  difference,
  expectedOf,
  fillWeights,
  layerNetworks,
  type NamedNetwork,
  presetNetworks,
} from './networks.ts';
import { hasPythonModule, runPython } from './python.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();
beforeAll(async () => {
  await wasmTrain({ threads: 1 }).activate();
});
interface Stored {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

async function stored(tensor: tf.Tensor): Promise<{ shape: number[]; values: Float32Array }> {
  const held = tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
  return { shape: held.shape, values: Float32Array.from(await held.data()) };
}

/** Writes a network with two batches; returns the network's outputs for them. */
async function writeCase(
  path: string,
  network: Network,
): Promise<Awaited<ReturnType<typeof stored>>[][]> {
  await mkdir(path, { recursive: true });
  for (const [file, bytes] of Object.entries(await exportTorch(network, { averaged: false }))) {
    await writeFile(join(path, file), bytes);
  }
  const expected: Awaited<ReturnType<typeof stored>>[][] = [];
  for (const count of [1, 5]) {
    const batch = batchFor(network, count, count);
    const arrays = await Promise.all(
      Object.entries(batch).map(async ([name, tensor]) => [name, await stored(tensor)] as const),
    );
    const kinds = Object.entries(batch).map(([name, { dtype }]) => [
      name,
      dtype === 'int32' ? 'labels' : 'values',
    ]);
    await writeFile(
      join(path, `batch-${count}.safetensors`),
      encodeSafetensors(Object.fromEntries(arrays)),
    );
    await writeFile(join(path, `batch-${count}.json`), JSON.stringify(kinds));
    expected.push(await Promise.all(Object.values(expectedOf(network, batch)).map(stored)));
    tf.dispose(Object.values(batch));
  }
  return expected;
}

/** A sentence for each network for which PyTorch returns something else. */
async function findDifferences(
  place: string,
  networks: readonly NamedNetwork[],
): Promise<string[]> {
  const expected = new Map<string, Awaited<ReturnType<typeof stored>>[][]>();
  for (const [i, [, network]] of networks.entries()) {
    fillWeights(network, i);
    expected.set(String(i), await writeCase(join(place, String(i)), network));
    network.model.dispose();
  }
  const made = JSON.parse(runPython('run_torch.py', place)) as Record<string, Stored[][]>;
  return networks.flatMap(([name], i) =>
    expected.get(String(i))!.flatMap((outputs, batch) =>
      outputs.flatMap((wanted, output) => {
        const got = made[String(i)]![batch]![output]!;
        if (String(got.shape) !== String(wanted.shape)) return [`${name}: ${String(got.shape)}`];
        const distance = difference(got.values, wanted.values);
        return distance <= 1e-5 ? [] : [`${name}: ${distance}`];
      }),
    ),
  );
}

describe.skipIf(!hasPythonModule('torch'))(
  'PyTorch gives the numbers of the networks (needs python3-torch)',
  () => {
    test('of presets', async () => {
      expect(await findDifferences(at('presets'), presetNetworks())).toEqual([]);
    });

    test('of all kinds of layers', async () => {
      expect(await findDifferences(at('layers'), layerNetworks())).toEqual([]);
    });
  },
);
