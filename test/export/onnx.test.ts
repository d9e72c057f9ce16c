import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Generator, type Network } from 'tfjs-gan';
import { exportOnnx, type ExportOnnxOptions } from 'tfjs-gan/export';
import 'tfjs-gan/node';
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
import { repositoryPath } from '../support/public-api.ts';
import { runOnnx } from './onnx-runtime.ts';

/** DCGAN, five epochs of MNIST. */
const trained = repositoryPath('examples/load-and-sample/generator');

beforeAll(async () => {
  await wasmTrain({ threads: 1 }).activate();
});

/** How far ONNX Runtime's results are from the network's, over its outputs and batches of 1 and 5. */
async function distanceOf(network: Network, options: ExportOnnxOptions): Promise<number> {
  const isFirst = options.layout === 'nchw';
  const held = (tensor: tf.Tensor): tf.Tensor =>
    isFirst && tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
  const batches = [1, 5].map((count) => batchFor(network, count, count));
  const given = batches.map((batch) =>
    Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, held(tensor)])),
  );
  const made = await runOnnx(await exportOnnx(network, { ...options, averaged: false }), given);
  let worst = 0;
  for (const [i, batch] of batches.entries()) {
    for (const [name, tensor] of Object.entries(expectedOf(network, batch))) {
      const wanted = held(tensor);
      const got = made[i]![name]!;
      expect([...got.dims], name).toEqual(wanted.shape);
      worst = Math.max(worst, difference(got.data, await wanted.data()));
    }
    tf.dispose(Object.values(batch));
  }
  return worst;
}

/** A sentence for each network for which ONNX Runtime returns something else. */
async function findDifferences(
  networks: readonly NamedNetwork[],
  layout: 'nhwc' | 'nchw',
): Promise<string[]> {
  const far: string[] = [];
  for (const [i, [name, network]] of networks.entries()) {
    fillWeights(network, i);
    const distance = await distanceOf(network, { layout });
    if (!(distance <= 1e-5)) far.push(`${name}: ${distance}`);
    network.model.dispose();
  }
  return far;
}

describe('ONNX Runtime gives the numbers of the networks', () => {
  test.each(['nhwc', 'nchw'] as const)(
    'of presets and of all kinds of layers, in the order %s',
    async (layout) => {
      expect(await findDifferences(presetNetworks(), layout)).toEqual([]);
      expect(await findDifferences(layerNetworks(), layout)).toEqual([]);
    },
  );

  test('of trained digits: at most one byte in 10,000 of 1,024 images is another', async () => {
    using generator = await Generator.load(`file://${trained}`);
    const file = await exportOnnx(generator, { pixels: 'bytes' });
    const latents = generator.latents(1024, { seed: 1 });
    const images = generator.generate(latents);
    const values = await images.data();
    const [made] = await runOnnx(file, [{ latents }]);
    tf.dispose([latents, images]);
    const got = made!['samples']!.data as Uint8Array;
    expect(got).toHaveLength(1024 * 28 * 28);
    // Digits are black and white: a network that is wrong would differ in thousands.
    expect(new Set(got).size).toBe(256);
    const wrong = values.filter((value, i) => Math.round((255 * (value + 1)) / 2) !== got[i]);
    expect(wrong.length).toBeLessThanOrEqual(got.length / 10_000);
  });
});
