import '../support/on-cpu.ts';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, test, vi } from 'vitest';
import { DataFormatError, datasetFromTensor, Discriminator, Generator, Trainer } from 'tfjs-gan';
import { exportTorch } from 'tfjs-gan/export';
import { kerasFile } from 'tfjs-gan/import';

interface Golden {
  readonly inputs: readonly { readonly shape: number[]; readonly values: number[] }[];
  readonly outputs: { readonly shape: number[]; readonly values: number[] };
}

/** The files, and what Keras computes from them: `make_keras_files.py` made both. */
const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`files/${name}`, import.meta.url)));
const expected = JSON.parse(new TextDecoder().decode(read('expected.json'))) as Readonly<
  Record<string, Golden>
>;

/** `dcgan.keras` with something else in its description. */
function changed(change: (config: string) => string): Uint8Array {
  const files = unzipSync(read('dcgan.keras'));
  const config = change(new TextDecoder().decode(files['config.json']));
  return zipSync({ ...files, 'config.json': new TextEncoder().encode(config) });
}

describe('kerasFile', () => {
  test.each([
    ['dcgan', 'dcgan.keras'],
    ['dcgan', 'dcgan.h5'],
    ['dcgan', 'dcgan-keras2.h5'],
    ['dcgan', 'dcgan-packed.h5'],
    ['conditional', 'conditional.keras'],
    ['conditional', 'conditional.h5'],
    ['discriminator', 'discriminator.keras'],
  ])('computes %s as Keras does from %s', async (name, file) => {
    const { inputs, outputs } = expected[name]!;
    const model = await tf.loadLayersModel(kerasFile(read(file), file));
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const result = model.predict(tensors.length > 1 ? tensors : tensors[0]!) as tf.Tensor;
    expect(result.shape).toEqual(outputs.shape);
    const worst = Math.max(
      ...(await result.data()).map((value, i) => Math.abs(value - outputs.values[i]!)),
    );
    expect(worst).toBeLessThan(2e-6);
  });

  test('gives a generator that samples, saves and exports, and leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const generator = await Generator.load(kerasFile(read('dcgan.keras')));
    expect([generator.latentSize, generator.outputShape]).toEqual([6, [8, 8, 1]]);
    expect(generator.valueRange).toEqual([-1, 1]);
    const [first] = expected['dcgan']!.inputs;
    const latents = tf.tensor2d(first!.values, [2, 6]);
    const samples = generator.generate(latents);
    let saved: tf.io.ModelArtifacts | undefined;
    await generator.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    const again = await Generator.load(tf.io.fromMemory(saved!));
    const same = again.generate(latents);
    expect(await same.data()).toEqual(await samples.data());
    const files = await exportTorch(generator);
    expect(Object.keys(files)).toEqual(['generator.py', 'generator.safetensors']);
    tf.dispose([latents, samples, same]);
    generator.dispose();
    again.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('gives networks that continue to train', async () => {
    const generator = await Generator.load(kerasFile(read('dcgan.h5')));
    const discriminator = new Discriminator({
      model: await tf.loadLayersModel(kerasFile(read('discriminator.keras'))),
      ownsModel: true,
    });
    const weight = generator.model.getWeights()[0]!;
    const before = await weight.data();
    const trainer = new Trainer({ generator, discriminator });
    const images = tf.randomUniform([8, 8, 8, 1], -1, 1, 'float32', 1);
    await trainer.fit(await datasetFromTensor(images), { steps: 2, batchSize: 4 });
    const after = await generator.model.getWeights()[0]!.data();
    expect(after.every(Number.isFinite)).toBe(true);
    expect(after).not.toEqual(before);
  });

  test('keeps what Keras froze out of training', async () => {
    const model = await tf.loadLayersModel(kerasFile(read('conditional.h5')));
    const body = model.getLayer('body');
    expect(body.trainableWeights).toHaveLength(0);
    expect(model.getLayer('stem').trainableWeights).toHaveLength(4);
    const painter = new Generator({ model, inputs: { latents: 4, labels: { classes: 3 } } });
    const samples = painter.sample(2, { labels: 1, seed: 1 });
    expect(samples.shape).toEqual([2, 6, 6, 3]);
    expect(painter.valueRange).toEqual([0, 1]);
    samples.dispose();
  });

  test.each([
    [
      'a layer that TensorFlow.js does not have',
      (config: string) => config.replaceAll('"LeakyReLU"', '"GroupNormalization"'),
      "got the unknown layer 'GroupNormalization'. Import or define it, and call tf.serialization.registerClass",
    ],
    [
      'a setting that TensorFlow.js would ignore',
      (config: string) => config.replace('"output_padding": null', '"output_padding": [1, 1]'),
      "the layer 'conv2d_transpose' (Conv2DTranspose) must have only settings that TensorFlow.js has, got output_padding: [1, 1]",
    ],
    [
      'a slope of ReLU',
      (config: string) =>
        config.replace(/("max_value": null, )("negative_slope": 0.0)/, '$1"negative_slope": 0.1'),
      "the layer 're_lu' (ReLU) must have only settings that TensorFlow.js has, got negative_slope: 0.1",
    ],
    [
      'an activation that is a function',
      (config: string) =>
        config.replace(
          '"activation": "tanh"',
          '"activation": {"class_name": "function", "config": {"class_name": "__lambda__"}}',
        ),
      "the activation of the layer 'to_image' (Conv2DTranspose) must be one of Keras' own by name, got '__lambda__'",
    ],
    [
      'an activation that Keras 3 defines differently',
      (config: string) => config.replace('"activation": "tanh"', '"activation": "hard_sigmoid"'),
      "must have another activation than 'hard_sigmoid', which Keras 3 defines differently",
    ],
    [
      'double precision',
      (config: string) => config.replaceAll('"name": "float32"', '"name": "float64"'),
      "must be a float of at most 32 bits, got 'float64'",
    ],
    [
      'a class without its code',
      (config: string) => config.replace('"layers": [', '"blocks": ['),
      'the model must be a Sequential or functional model, got Sequential, a class whose code is not in the file',
    ],
    [
      'weights of another shape',
      (config: string) => config.replace('"units": 20', '"units": 40'),
      "the weight project/kernel of the layer 'project' must have the shape [6, 40], got [6, 20] ('0')",
    ],
    [
      'layers that no memory would hold',
      (config: string) => config.replace('"units": 20', '"units": 1000000000'),
      'g.keras must describe layers that TensorFlow.js can build, got "weights of 6000000000 numbers or more, of which its files have 983"',
    ],
    [
      'another number of weights',
      (config: string) => config.replace('"use_bias": false', '"use_bias": true'),
      "the layer 'project' must come with 2 arrays, got 1",
    ],
  ])('refuses %s by name', async (_, change, message) => {
    const before = tf.memory().numTensors;
    const error: unknown = await kerasFile(changed(change), 'g.keras').load!().catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain('g.keras');
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ['nothing', new Uint8Array(0), 'it must be a .keras or .h5 file'],
    ['text', new TextEncoder().encode('<html>'), 'it must be a .keras or .h5 file'],
    ['half of a zip', read('dcgan.keras').subarray(0, 20_000), 'it must be a valid zip'],
    [
      'half of an HDF5 file',
      read('dcgan.h5').subarray(0, 20_000),
      'it must be HDF5 that jsfive reads',
    ],
    [
      'another zip',
      zipSync({ 'a.txt': new Uint8Array(3) }),
      'must contain config.json and model.weights.h5, got neither',
    ],
    [
      'weights alone',
      unzipSync(read('dcgan.keras'))['model.weights.h5']!,
      'it must have the layers of the model, got weights alone',
    ],
    [
      'a pickle',
      Uint8Array.of(0x80, 2, 0x7d, 0x71),
      'a pickle of torch.save, which can run any code',
    ],
    [
      'a .pt file',
      zipSync({ 'model/data.pkl': new Uint8Array(3) }),
      "save_file(torch.load('model.pt', weights_only=True), 'model.safetensors')",
    ],
  ])('refuses %s', async (_, bytes, message) => {
    const error: unknown = await kerasFile(bytes, 'g').load!().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toContain(message);
  });

  test.each(['dcgan.keras', 'conditional.keras'])('refuses a flipped bit in %s', async (file) => {
    const bytes = read(file);
    // In the weights, whose bytes are any floats.
    bytes[Math.floor(bytes.length * 0.8)]! ^= 4;
    const error: unknown = await kerasFile(bytes, 'g').load!().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toContain('another checksum of model.weights.h5');
  });

  test('unpacks no file to far more than it has', async () => {
    const bytes = read('dcgan.keras');
    const at = (text: string): number =>
      bytes.findLastIndex((_, i) => String.fromCharCode(...bytes.subarray(i, i + 11)) === text);
    const huge = bytes.slice();
    // Both sizes in the central directory, 22 and 26 bytes before the name.
    huge.set([255, 255, 255, 127, 255, 255, 255, 127], at('config.json') - 26);
    for (const [damaged, message] of [
      [
        zipSync({ 'config.json': new Uint8Array(3e7) }),
        /"\d+ bytes of config.json that would unpack to 30000000"/,
      ],
      [huge, /that would unpack to 2147483647"/],
    ] as const) {
      await expect(kerasFile(damaged, 'g').load!()).rejects.toThrow(message);
    }
  });

  test.each([
    [
      'a call that is a number',
      () =>
        '{"class_name":"Functional","config":{"name":"a","input_layers":[],"output_layers":[],"layers":[' +
        '{"class_name":"Dense","config":{"name":"b","units":1},"inbound_nodes":[[7]]}]}}',
    ],
    [
      'a nest that overflows the stack',
      () =>
        '{"class_name":"Sequential","config":{"name":"a","layers":['.repeat(2e4) +
        ']}}'.repeat(2e4),
    ],
  ])('refuses a description with %s', async (_, change) => {
    await expect(kerasFile(changed(change), 'g').load!()).rejects.toThrow(DataFormatError);
  });

  test('reads a file whose metadata are null', async () => {
    const files = unzipSync(read('dcgan.keras'));
    const bytes = zipSync({ ...files, 'metadata.json': new TextEncoder().encode('null') });
    expect((await kerasFile(bytes).load!()).generatedBy).toBe('Keras 3');
  });

  test('refuses weights that are no floats', async () => {
    const bytes = read('dcgan-keras2.h5');
    // The first byte of a datatype: version 1, class 1 (floats); class 0 are integers.
    const type = bytes.findIndex(
      (_, i) => String(bytes.subarray(i, i + 8)) === '17,32,31,0,4,0,0,0',
    );
    for (let i = type; i < bytes.length - 8; i += 1) {
      if (String(bytes.subarray(i, i + 8)) === '17,32,31,0,4,0,0,0') bytes[i] = 16;
    }
    await expect(kerasFile(bytes, 'g.h5').load!()).rejects.toThrow(
      /Cannot read g\.h5: '.*' must have the dtype float16, float32 or float64, got '[<>][iu]4'/,
    );
  });

  test('a flipped byte gives an error of the format or numbers of the same shapes', async () => {
    const bytes = read('dcgan.h5');
    const { weightSpecs } = await kerasFile(bytes).load!();
    // Offsets that a multiplicative generator spreads over the file.
    for (let i = 1, at = 12_345; i <= 24; i += 1, at = (at * 16_807) % 2_147_483_647) {
      const damaged = bytes.slice();
      damaged[at % bytes.length]! ^= 1 << (i % 8);
      const result: unknown = await kerasFile(damaged).load!().catch((error: unknown) => error);
      if (result instanceof DataFormatError) continue;
      const read = (result as tf.io.ModelArtifacts).weightSpecs?.map(({ shape }) => shape);
      expect(read, `byte ${at % bytes.length}`).toEqual(weightSpecs!.map(({ shape }) => shape));
    }
  });

  test('says what to install without jsfive', async () => {
    vi.doMock('jsfive', () => {
      throw new Error("Cannot find package 'jsfive'");
    });
    await expect(kerasFile(read('dcgan.h5'), 'g.h5').load!()).rejects.toThrow(
      'Cannot read g.h5: the package jsfive, which reads HDF5, must be installed, got none. Run npm install jsfive',
    );
    vi.doUnmock('jsfive');
  });

  test('refuses what are no bytes', () => {
    expect(() => kerasFile('g.h5' as never)).toThrow(
      "Cannot read the Keras file: bytes must be a Uint8Array, got 'g.h5'",
    );
  });
});
