import '../support/on-cpu.ts';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import {
  createDcgan,
  createMlpGan,
  DataFormatError,
  datasetFromArray,
  decodeSafetensors,
  Discriminator,
  Generator,
} from 'tfjs-gan';
import { exportTorch, exportWeights } from 'tfjs-gan/export';
import { setTorchWeights } from 'tfjs-gan/import';
import { fillWeights, presetNetworks } from '../export/networks.ts';

const L = tf.layers;

/** What PyTorch wrote and computed: `make_torch_files.py` made both. */
const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`files/${name}`, import.meta.url)));
const numbers = JSON.parse(new TextDecoder().decode(read('torch.json'))) as Readonly<
  Record<'latents' | 'samples' | 'logits', number[]>
>;

/** The layers of `make_torch_files.py`, in the words of TensorFlow.js. */
function torchGenerator(): Generator {
  const same = { padding: 'same' } as const;
  const norm = (): tf.layers.Layer => L.batchNormalization({ epsilon: 1e-5 });
  const model = tf.sequential({
    layers: [
      L.dense({ inputShape: [4], units: 30 }),
      norm(),
      L.reLU(),
      L.reshape({ targetShape: [3, 2, 5] }),
      L.conv2dTranspose({ filters: 4, kernelSize: 4, strides: 2, ...same, useBias: false }),
      norm(),
      L.leakyReLU({ alpha: 0.2 }),
      L.conv2d({ filters: 4, kernelSize: 3, ...same }),
      norm(),
      L.reLU(),
      L.conv2d({ filters: 4, kernelSize: 3, ...same, activation: 'relu' }),
      L.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 2, ...same, activation: 'tanh' }),
    ],
  });
  return new Generator({ model, ownsModel: true });
}

function torchDiscriminator(): Discriminator {
  const model = tf.sequential({
    layers: [
      L.conv2d({ inputShape: [12, 8, 2], filters: 3, kernelSize: 4, strides: 2, padding: 'same' }),
      L.leakyReLU({ alpha: 0.2 }),
      L.flatten(),
      L.dense({ units: 6 }),
      L.leakyReLU({ alpha: 0.2 }),
      L.dense({ units: 1 }),
    ],
  });
  return new Discriminator({ model, ownsModel: true });
}

function worst(values: ArrayLike<number>, expected: readonly number[]): number {
  expect(values).toHaveLength(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
}

/** Renames the tensors of `torch-generator.safetensors`, or leaves them out. */
function renamed(
  rename: (name: string) => string | undefined,
): Parameters<typeof setTorchWeights>[1] {
  const { tensors } = decodeSafetensors(read('torch-generator.safetensors'));
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => {
      const to = rename(name);
      return to === undefined ? [] : [[to, tensor]];
    }),
  );
}

describe('setTorchWeights', () => {
  test('computes what PyTorch does from its own weights', () => {
    const [generator, discriminator] = [torchGenerator(), torchDiscriminator()];
    const before = tf.memory().numTensors;
    setTorchWeights(generator, read('torch-generator.safetensors'));
    setTorchWeights(discriminator, read('torch-discriminator.safetensors'));
    expect(tf.memory().numTensors).toBe(before);
    const latents = tf.tensor2d(numbers.latents, [2, 4]);
    const samples = generator.generate(latents);
    expect(worst(samples.dataSync(), numbers.samples)).toBeLessThan(2e-6);
    const logits = discriminator.model.predict(samples) as tf.Tensor;
    expect(worst(logits.dataSync(), numbers.logits)).toBeLessThan(1e-5);
  });

  test('the order of flattened images is a setting', () => {
    const generator = torchGenerator();
    setTorchWeights(generator, read('torch-generator.safetensors'), { flatten: 'channels-last' });
    const samples = generator.generate(tf.tensor2d(numbers.latents, [2, 4]));
    expect(worst(samples.dataSync(), numbers.samples)).toBeGreaterThan(0.01);
  });

  test('a dense layer between two images has the order of channels first on both sides', () => {
    const model = tf.sequential({
      layers: [
        L.flatten({ inputShape: [1, 2, 2] }),
        L.dense({ units: 4 }),
        L.reshape({ targetShape: [2, 1, 2] }),
      ],
    });
    using network = new Discriminator({ model, ownsModel: true });
    const weight = Float32Array.from({ length: 16 }, (_, i) => i * i);
    setTorchWeights(network, {
      'fc.weight': { shape: [4, 4], values: weight },
      'fc.bias': { shape: [4], values: new Float32Array(4) },
    });
    // PyTorch sees channel 0 of both pixels, then channel 1, and gives the same.
    const [a, b, c, d] = [1, 10, 100, 1000];
    const torch = [0, 1, 2, 3].map((row) =>
      [a, b, c, d].reduce((sum, x, column) => sum + x * weight[4 * row + column]!, 0),
    );
    tf.tidy(() => {
      const output = model.predict(tf.tensor4d([a, c, b, d], [1, 1, 2, 2])) as tf.Tensor;
      expect([...output.dataSync()]).toEqual([torch[0], torch[2], torch[1], torch[3]]);
    });
    expect(() =>
      setTorchWeights(network, {
        'fc.weight': { shape: [4, 4], values: weight.subarray(1) },
        'fc.bias': { shape: [4], values: new Float32Array(4) },
      }),
    ).toThrow("'fc.weight' must have 16 numbers for the shape [4, 4], got 15");
  });

  test('takes back what exportTorch and exportWeights wrote, bit-for-bit, for every preset', async () => {
    const wrong: string[] = [];
    for (const [name, network] of presetNetworks()) {
      const original = await exportWeights(network, { averaged: false });
      fillWeights(network, 3);
      const filled = await exportWeights(network, { averaged: false });
      const files = await exportTorch(network, { averaged: false });
      const torch = Object.entries(files).find(([file]) => file.endsWith('.safetensors'))![1];
      for (const [kind, bytes, wanted] of [
        ['exportWeights', original, original],
        ['exportTorch', torch, filled],
      ] as const) {
        setTorchWeights(network, bytes);
        const now = await exportWeights(network, { averaged: false });
        if (Buffer.compare(now, wanted) !== 0) wrong.push(`${name}: ${kind}`);
      }
      network.model.dispose();
    }
    expect(wrong).toEqual([]);
  });

  test('a generator with averages samples from the new weights', async () => {
    const options = { sampleShape: [2], latentSize: 3, ema: { decay: 0.5 }, seed: 1 } as const;
    const gan = createMlpGan(options);
    const rows = Array.from({ length: 8 }, (_, i) => [Math.sin(i), Math.cos(i)]);
    const data = datasetFromArray(rows, { inputRange: [-1, 1] });
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    const other = createMlpGan({ ...options, seed: 2 }).generator;
    setTorchWeights(gan.generator, await exportWeights(other));
    expect(gan.generator.hasEma).toBe(false);
    const [a, b] = [gan.generator, other].map((each) => each.sample(2, { seed: 5 }).dataSync());
    expect(a).toEqual(b);
  });

  test('takes modules by name whose names do not tell their order', () => {
    const words = { 'main.7': 'one.conv', 'main.10': 'two.conv' } as const;
    const weights = renamed((name) => {
      const module = name.replace(/\.\w+$/, '');
      return name.replace(module, words[module as keyof typeof words] ?? module);
    });
    const generator = torchGenerator();
    expect(() => {
      setTorchWeights(generator, weights);
    }).toThrow(
      "Cannot set the weights: the order of 'two.conv', 'one.conv' must follow from numbers in their names, got other words. " +
        "Pass names: { 'two.conv': '7.conv2D', … }",
    );
    const names = { 'two.conv': '10.conv2D', 'one.conv': '7.conv2D' };
    setTorchWeights(generator, weights, { names });
    const samples = generator.generate(tf.tensor2d(numbers.latents, [2, 4]));
    expect(worst(samples.dataSync(), numbers.samples)).toBeLessThan(2e-6);
  });

  test.each([
    [
      'a module without a layer',
      renamed((name) => name.replace('main.10.weight', 'main.10.kernel')),
      DataFormatError,
      "each module of the file must fit a layer, got 'main.10' (bias [4], kernel [4, 4, 3, 3]), 'main.7' (bias [4], weight [4, 4, 3, 3]) for 7.conv2D",
    ],
    [
      'a layer without a module',
      renamed((name) => (name.startsWith('main.0.') ? undefined : name)),
      DataFormatError,
      'got no module for 0.dense (bias [30], weight [30, 4]). Build the network with the layers of the PyTorch module',
    ],
    [
      'integers',
      { 'main.0.weight': { shape: [1], values: new Int8Array(1) } },
      DataFormatError,
      "'main.0.weight' must be floats, got Int8Array",
    ],
    [
      'text',
      'a.safetensors',
      TypeError,
      "weights must be the bytes of a safetensors file, or its tensors by name, got 'a.safetensors'",
    ],
    [
      'a pickle',
      Uint8Array.of(0x80, 2, 0x63),
      DataFormatError,
      'got a pickle of torch.save, which can run any code',
    ],
    [
      'a zip with a pickle before all its tensors',
      zipSync(
        Object.fromEntries(
          ['data.pkl', ...Array.from({ length: 900 }, (_, i) => `data/${'0'.repeat(60)}${i}`)].map(
            (name) => [`model/${name}`, new Uint8Array(1)],
          ),
        ),
      ),
      DataFormatError,
      'got a pickle of torch.save, which can run any code',
    ],
    ['another file', new Uint8Array(20), DataFormatError, 'Cannot read the weights: '],
  ])('refuses %s, and keeps the weights', async (_, weights, Kind, message) => {
    const generator = torchGenerator();
    const before = await exportWeights(generator);
    let error: unknown;
    try {
      setTorchWeights(generator, weights as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Kind);
    expect((error as Error).message).toContain(message);
    expect(await exportWeights(generator)).toEqual(before);
  });

  test('refuses wrong settings', () => {
    const generator = torchGenerator();
    const set = (options: object) => (): void => {
      setTorchWeights(generator, read('torch-generator.safetensors'), options);
    };
    expect(set({ strict: false })).toThrow("must have only the names names, flatten, got 'strict'");
    expect(set({ flatten: 'nchw' })).toThrow(
      "flatten must be one of 'channels-first', 'channels-last'",
    );
    expect(set({ names: { head: '0.dense' } })).toThrow(
      "names must have modules of the file, got 'head'. It has 'main.0', 'main.1'",
    );
    expect(set({ names: { 'main.0': '7.conv2D' } })).toThrow(
      "names.main.0 must be a layer with bias [30], weight [30, 4], got '7.conv2D'. That has bias [4], weight [4, 4, 3, 3]",
    );
    expect(() => {
      setTorchWeights({} as never, new Uint8Array(0));
    }).toThrow('Cannot set the weights: network must be a Generator');
  });

  test('refuses a scale of batch norm that the network does not have', async () => {
    const norm = L.batchNormalization({ inputShape: [3], scale: false });
    const model = tf.sequential({ layers: [norm] });
    const network = { model, inputs: { x: { kind: 'tensor' } }, outputs: ['y'] } as const;
    const vector = (value: number): object => ({
      shape: [3],
      values: new Float32Array(3).fill(value),
    });
    const state = { 'n.bias': vector(2), 'n.running_mean': vector(3), 'n.running_var': vector(4) };
    setTorchWeights(network, { ...state, 'n.weight': vector(1) } as never);
    const { tensors } = decodeSafetensors(await exportWeights(network));
    expect([...tensors['0.batchNormalization/beta']!.values]).toEqual([2, 2, 2]);
    expect(() => {
      setTorchWeights(network, { ...state, 'n.weight': vector(5) } as never);
    }).toThrow(
      "'n.weight' must be 1 everywhere, as the network has no 0.batchNormalization/gamma, got 5",
    );
  });

  test('finds a truncated file', async () => {
    const { generator } = createDcgan({ imageShape: [8, 8, 1], latentSize: 4, baseFilters: 2 });
    const bytes = await exportWeights(generator);
    expect(() => {
      setTorchWeights(generator, bytes.subarray(0, bytes.length - 4));
    }).toThrow(/The file may be truncated/);
  });
});
