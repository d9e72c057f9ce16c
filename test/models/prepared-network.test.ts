import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { Generator } from '../../src/models/generator.ts';
import { dcganGenerator } from '../../src/models/dcgan/dcgan-generator.ts';
import { mlpGenerator } from '../../src/models/mlp/mlp-generator.ts';
import { r3ganGenerator } from '../../src/models/r3gan/r3gan-generator.ts';
import { resnetGenerator } from '../../src/models/resnet/resnet-generator.ts';
import { resnetTranslator } from '../../src/models/translators/resnet-translator.ts';
import { unetTranslator } from '../../src/models/translators/unet-translator.ts';
import { createInfoGan } from '../../src/presets/info-gan.ts';
import { tableDataset } from '../../src/data/table/read-table.ts';
import { createCtgan } from '../../src/presets/tabular/ctgan.ts';
import { shiftedRelu } from '../support/shifted-relu.ts';

const image = { imageShape: [8, 8, 3], baseFilters: 4, latentSize: 6, seed: 1 } as const;
const pair = {
  sourceShape: [16, 16, 1],
  targetShape: [16, 16, 3],
  baseFilters: 4,
  seed: 1,
} as const;

/** Every kind of generator that a preset creates, with every kind of condition. */
const generators: Readonly<Record<string, () => Generator>> = {
  DCGAN: () => dcganGenerator(image),
  'DCGAN without normalization': () => dcganGenerator({ ...image, normalization: 'none' }),
  'DCGAN by class': () => dcganGenerator({ ...image, classes: 3 }),
  'DCGAN by class, projection': () =>
    dcganGenerator({ ...image, classes: 3, conditioning: 'projection' }),
  'DCGAN by vector': () => dcganGenerator({ ...image, condition: { size: 2 } }),
  MLP: () => mlpGenerator({ sampleShape: [2, 3], latentSize: 4, hiddenUnits: [8, 8], seed: 1 }),
  'MLP by class': () => mlpGenerator({ sampleShape: [2], latentSize: 4, classes: 3, seed: 1 }),
  R3GAN: () => r3ganGenerator(image),
  ResNet: () => resnetGenerator({ imageShape: [16, 16, 1], baseFilters: 4, seed: 1 }),
  InfoGAN: () =>
    createInfoGan({ ...image, denseUnits: 8, codes: { categorical: [3], continuous: 1 } })
      .generator,
  CTGAN: () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ kind: 'ab'[i % 2]!, size: i * 0.5 }));
    const units = { generatorUnits: [8, 8], discriminatorUnits: [8] };
    return createCtgan({ table: tableDataset(rows), ...units }).generator.generator;
  },
  'U-Net translator': () => unetTranslator(pair).generator,
  'ResNet translator': () => resnetTranslator({ ...pair, blocks: 1 }).generator,
};

/** Gives every weight random values, so that no batch norm is close to the identity. */
function scramble(model: tf.LayersModel): void {
  tf.tidy(() => {
    model.setWeights(
      model.weights.map(({ shape, originalName }, i) => {
        const [low, high] = /variance|gamma/.test(originalName) ? [0.5, 2] : [-0.4, 0.4];
        return tf.randomUniform(shape as number[], low, high, 'float32', i + 1);
      }),
    );
  });
}

function inputsOf({ model, inputs }: Generator, count: number): tf.Tensor[] {
  return Object.values(inputs).map((input, i) => {
    const [, ...shape] = model.inputs[i]!.shape as [null, ...number[]];
    const classes = input.kind === 'condition' ? input.classes : undefined;
    if (classes !== undefined) return tf.tensor1d([2, 0, 1].slice(0, count), 'int32');
    return tf.randomUniform([count, ...shape], -1, 1, 'float32', 5);
  });
}

/** Largest difference, and the share of values whose bytes differ. */
function differences(a: tf.Tensor, b: tf.Tensor): { largest: number; bytes: number } {
  const [first, second] = [a, b].map((one) => one.dataSync());
  const byte = (value: number): number =>
    Math.round((Math.min(Math.max(value, -1), 1) + 1) * 127.5);
  const pairs = Array.from(first!, (value, i) => [value, second![i]!] as const);
  return {
    largest: Math.max(...pairs.map(([x, y]) => Math.abs(x - y))),
    bytes: pairs.filter(([x, y]) => byte(x) !== byte(y)).length / pairs.length,
  };
}

function named(generator: Generator, tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.keys(generator.inputs).map((name, i) => [name, tensors[i]!]));
}

describe.each(['cpu', 'wasm-train'])('a prepared network on %s', (backend) => {
  beforeAll(async () => {
    if (backend === 'cpu') await tf.setBackend('cpu');
    else await wasmTrain({ simd: 'plain' }).activate();
  });
  afterAll(() => tf.setBackend('cpu'));

  test.each(Object.entries(generators))('makes the samples of its layers: %s', (_, make) => {
    using generator = make();
    scramble(generator.model);
    tf.tidy(() => {
      for (const count of [1, 3]) {
        const inputs = inputsOf(generator, count);
        const wanted = generator.model.predict(
          inputs.length === 1 ? inputs[0]! : inputs,
        ) as tf.Tensor;
        const made = generator.generate(named(generator, inputs));
        const { largest, bytes } = differences(made, wanted);
        expect(made.shape).toEqual(wanted.shape);
        expect(largest).toBeLessThan(1e-5);
        expect(bytes).toBeLessThanOrEqual(1e-4);
        // Again, with weights that were kept.
        const again = generator.generate(named(generator, inputs));
        expect(again.dataSync()).toEqual(made.dataSync());
      }
    });
  });

  test('runs no batch norm, and one kernel for each layer that has weights, if the backend can', async () => {
    using generator = dcganGenerator(image);
    const latents = generator.latents(2, { seed: 1 });
    const kernelsOf = async (run: () => tf.Tensor): Promise<string[]> => {
      tf.tidy(run);
      tf.tidy(run);
      return (await tf.profile(() => tf.tidy(run))).kernelNames;
    };
    const layers = await kernelsOf(() => generator.model.predict(latents) as tf.Tensor);
    const kernels = await kernelsOf(() => generator.generate(latents));
    expect(layers).toContain('FusedBatchNorm');
    expect(kernels).not.toContain('FusedBatchNorm');
    if (backend !== 'wasm-train') return;
    const own = kernels.filter((name) => !name.endsWith('__op'));
    expect(own.sort()).toEqual(['FusedConv2DTranspose', 'Reshape', '_FusedMatMul']);
  });

  test('notices new weights, of a step, of averages, and set by hand', () => {
    using generator = dcganGenerator(image);
    const { model } = generator;
    const check = (): void => {
      tf.tidy(() => {
        const latents = generator.latents(2, { seed: 1 });
        const wanted = model.predict(latents) as tf.Tensor;
        for (let again = 0; again < 3; again += 1) {
          const made = generator.generate(latents, { averaged: false });
          expect(differences(made, wanted).largest).toBeLessThan(1e-5);
        }
      });
    };
    check();
    for (const weight of model.weights) {
      tf.tidy(() => {
        weight.write(tf.add(tf.mul(weight.read(), 1.5), 0.1));
      });
      check();
    }
    generator.emaWeights();
    scramble(model);
    const sampled = (averaged: boolean): number[] =>
      tf.tidy(() => [...generator.sample(1, { seed: 1, averaged }).dataSync()]);
    const averages = sampled(true);
    expect(sampled(false)).not.toEqual(averages);
    expect(sampled(true)).toEqual(averages);
    check();
    generator.clearEma();
    expect(sampled(true)).toEqual(sampled(false));
  });

  test('leaves no tensors behind: nothing after one sample, and nothing when it is disposed', () => {
    const start = tf.memory().numTensors;
    const generator = dcganGenerator(image);
    const created = tf.memory().numTensors;
    const counts = Array.from({ length: 4 }, () => {
      generator.sample(2, { seed: 1 }).dispose();
      return tf.memory().numTensors - created;
    });
    expect(counts[0]).toBe(0);
    // From the second sample on, kernel and offset of three layers are kept, but not on cpu.
    expect(counts.slice(1)).toEqual(Array<number>(3).fill(backend === 'cpu' ? 0 : 6));
    scramble(generator.model);
    generator.sample(2, { seed: 1 }).dispose();
    expect(tf.memory().numTensors).toBe(created);
    generator.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  test('runs layers that it does not know by their own call', () => {
    class Doubled extends tf.layers.Layer {
      static readonly className = 'DoubledForTest';
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul([inputs].flat()[0]!, 2);
      }
    }
    const input = tf.input({ shape: [4] });
    const dense = tf.layers.dense({ units: 6 }).apply(input) as tf.SymbolicTensor;
    const doubled = new Doubled({}).apply(dense) as tf.SymbolicTensor;
    // Read twice, so it is not folded into the layer before it.
    const norm = tf.layers.batchNormalization().apply(doubled) as tf.SymbolicTensor;
    const outputs = tf.layers.concatenate().apply([norm, dense, norm]) as tf.SymbolicTensor;
    using generator = new Generator({
      model: tf.model({ inputs: input, outputs }),
      ownsModel: true,
    });
    scramble(generator.model);
    tf.tidy(() => {
      const latents = generator.latents(3, { seed: 2 });
      const wanted = generator.model.predict(latents) as tf.Tensor;
      expect(generator.generate(latents).dataSync()).toEqual(wanted.dataSync());
    });
  });

  test('does not fold a batch norm of another axis, or behind an activation or a second reader', () => {
    const input = tf.input({ shape: [4, 4, 2] });
    const convolved = tf.layers
      .conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh' })
      .apply(input) as tf.SymbolicTensor;
    const normal = tf.layers.batchNormalization().apply(convolved) as tf.SymbolicTensor;
    const thin = tf.layers
      .depthwiseConv2d({ kernelSize: 3, padding: 'same' })
      .apply(normal) as tf.SymbolicTensor;
    const byRow = tf.layers.batchNormalization({ axis: 1 }).apply(thin) as tf.SymbolicTensor;
    const outputs = tf.layers.add().apply([byRow, thin]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs });
    const inputs = { source: { kind: 'condition' } } as const;
    using generator = new Generator({ model, inputs, ownsModel: true });
    scramble(model);
    tf.tidy(() => {
      const source = tf.randomUniform([2, 4, 4, 2], -1, 1, 'float32', 5);
      const wanted = model.predict(source) as tf.Tensor;
      const made = generator.generate({ source });
      expect(differences(made, wanted).largest).toBeLessThan(1e-5);
    });
  });

  test('folds behind depthwise and plain convolutions, and through a reshape that splits channels', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 48, inputShape: [5] }),
        tf.layers.reshape({ targetShape: [4, 4, 3] }),
        tf.layers.batchNormalization(),
        tf.layers.leakyReLU({ alpha: 0.1 }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
        tf.layers.batchNormalization({ scale: false }),
        tf.layers.activation({ activation: 'elu' }),
        tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.batchNormalization({ center: false }),
        tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, activation: 'sigmoid' }),
        tf.layers.flatten(),
        tf.layers.batchNormalization(),
        tf.layers.softmax(),
      ],
    });
    using generator = new Generator({ model, ownsModel: true });
    scramble(model);
    tf.tidy(() => {
      for (const count of [1, 4]) {
        const latents = generator.latents(count, { seed: 2 });
        const wanted = model.predict(latents) as tf.Tensor;
        expect(differences(generator.generate(latents), wanted).largest).toBeLessThan(1e-5);
      }
    });
  });

  /** Compares samples with those of the layers, before and after weights are kept. */
  function expectSamplesOf(model: tf.LayersModel): void {
    using generator = new Generator({ model, ownsModel: true });
    scramble(model);
    tf.tidy(() => {
      const latents = generator.latents(3, { seed: 2 });
      const wanted = model.predict(latents) as tf.Tensor;
      for (let again = 0; again < 3; again += 1) {
        expect(differences(generator.generate(latents), wanted).largest).toBeLessThan(1e-5);
      }
    });
  }

  const { dense, reshape, flatten, activation, batchNormalization } = tf.layers;

  test.each<[string, () => tf.layers.Layer[]]>([
    [
      'a flattening of channels-first images, which moves values',
      () => [reshape({ targetShape: [2, 4, 3] }), flatten({ dataFormat: 'channelsFirst' })],
    ],
    [
      'a softmax over a part of the outputs',
      () => [
        reshape({ targetShape: [6, 4] }),
        activation({ activation: 'logSoftmax' as 'softmax' }),
      ],
    ],
  ])('does not fold %s', (_, after) => {
    const layers = [dense({ units: 24, inputShape: [5] }), ...after(), batchNormalization()];
    expectSamplesOf(tf.sequential({ layers }));
  });

  test('does not fold layers and models of derived classes, which may compute something else', () => {
    const Dense = dense({ units: 1 }).constructor as new (
      settings: object,
    ) => tf.layers.Layer & { readonly kernel: tf.LayerVariable };
    class Normalized extends Dense {
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const kernel = this.kernel.read();
        return tf.tidy(() => tf.dot([inputs].flat()[0]!, tf.div(kernel, tf.norm(kernel))));
      }
    }
    class Halved extends tf.LayersModel {
      override call(...given: Parameters<tf.LayersModel['call']>): tf.Tensor {
        return tf.tidy(() => tf.div([super.call(...given)].flat()[0]!, 2));
      }
    }
    const halved = (): Halved => {
      const inputs = tf.input({ shape: [5] });
      const outputs = dense({ units: 3 }).apply(inputs) as tf.SymbolicTensor;
      return new Halved({ inputs, outputs, name: 'halved' });
    };
    const normalized = new Normalized({ units: 5, inputShape: [5] });
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- TensorFlow.js does not export Dense
    expectSamplesOf(tf.sequential({ layers: [normalized, batchNormalization(), halved()] }));
    using generator = new Generator({ model: halved(), ownsModel: true });
    tf.tidy(() => {
      const latents = generator.latents(3, { seed: 2 });
      const wanted = generator.model.apply(latents) as tf.Tensor;
      expect(differences(generator.generate(latents), wanted).largest).toBeLessThan(1e-5);
    });
  });

  test('does not fuse activations of derived classes', () => {
    const layers = [
      dense({ units: 5, inputShape: [5], activation: shiftedRelu() }),
      dense({ units: 5 }),
      activation({ activation: shiftedRelu() }),
    ];
    expectSamplesOf(tf.sequential({ layers }));
  });

  test('hands a recurrent layer its first state', () => {
    const inputs = tf.input({ shape: [4] });
    const state = dense({ units: 3 }).apply(inputs) as tf.SymbolicTensor;
    const steps = tf.layers.repeatVector({ n: 2 }).apply(inputs) as tf.SymbolicTensor;
    const initialState = [state];
    const outputs = tf.layers.gru({ units: 3 }).apply(steps, { initialState }) as tf.SymbolicTensor;
    expectSamplesOf(tf.model({ inputs, outputs }));
  });

  test('calls the hooks of its layers', () => {
    const layers = [dense({ units: 4, inputShape: [5] }), activation({ activation: 'relu' })];
    using generator = new Generator({ model: tf.sequential({ layers }), ownsModel: true });
    const called: string[] = [];
    for (const layer of layers) layer.setCallHook(() => called.push(layer.getClassName()));
    generator.sample(1).dispose();
    expect(called).toEqual(['Dense', 'Activation']);
  });

  test('can be differentiated, like its layers', () => {
    using generator = dcganGenerator(image);
    scramble(generator.model);
    tf.tidy(() => {
      const latents = generator.latents(2, { seed: 1 });
      generator.generate(latents);
      const loss = (run: (z: tf.Tensor) => tf.Tensor) => tf.grad((z) => tf.sum(tf.square(run(z))));
      const made = loss((z) => generator.generate(z))(latents);
      const wanted = loss((z) => generator.model.predict(z) as tf.Tensor)(latents);
      expect([...made.dataSync()]).toEqual([...wanted.dataSync()]);
    });
  });

  test('runs a layer whose call was replaced as it is now', () => {
    using generator = mlpGenerator({ sampleShape: [2], latentSize: 4, seed: 1 });
    const sampled = (): number[] => tf.tidy(() => [...generator.sample(2, { seed: 1 }).dataSync()]);
    const before = sampled();
    const layer = generator.model.layers[0]!;
    layer.call = () => {
      throw new Error('mine');
    };
    expect(sampled).toThrow('mine');
    delete (layer as { call?: unknown }).call;
    expect(sampled()).toEqual(before);
  });

  test('passes masks on, as TensorFlow.js does', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 }),
        tf.layers.simpleRNN({ units: 4 }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const inputs = { words: { kind: 'condition' } } as const;
    using generator = new Generator({ model, inputs, ownsModel: true });
    tf.tidy(() => {
      const words = tf.tensor2d([
        [1, 2, 0, 0],
        [3, 4, 1, 0],
      ]);
      const wanted = model.predict(words) as tf.Tensor;
      const made = generator.generate({ words });
      expect(differences(made, wanted).largest).toBeLessThan(1e-6);
    });
  });

  test('drops a mask in the layer that drops it', () => {
    const seen: boolean[] = [];
    class Seeing extends tf.layers.Layer {
      static readonly className = 'Seeing';
      override supportsMasking = true;
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.clone([inputs].flat()[0]!);
      }
      override computeMask(_: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const [first = null] = [mask ?? []].flat();
        seen.push(first !== null);
        return first!;
      }
    }
    const model = tf.sequential({
      layers: [
        tf.layers.masking({ inputShape: [4, 3] }),
        tf.layers.dense({ units: 2 }),
        new Seeing({}),
        tf.layers.dense({ units: 2 }),
        tf.layers.reshape({ targetShape: [2, 4] }),
        new Seeing({}),
      ],
    });
    const generator = new Generator({
      model,
      inputs: { z: { kind: 'condition' } },
      ownsModel: true,
    });
    tf.tidy(() => {
      const z = tf.ones([5, 4, 3]);
      seen.length = 0;
      model.predict(z);
      // Each layer is asked twice, without a mask in its own `apply`.
      expect(seen.splice(0)).toEqual([false, true, false, false]);
      generator.generate({ z });
      expect(seen).toEqual([false, true, false, false]);
    });
    generator.dispose();
  });

  test('has the settings that layers have now', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [3] }),
        tf.layers.batchNormalization(),
        tf.layers.leakyReLU({ alpha: 0.2 }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    scramble(model);
    const generator = new Generator({ model, ownsModel: true });
    tf.tidy(() => {
      const latents = tf.randomNormal([6, 3], 0, 1, 'float32', 1);
      for (let pass = 0; pass < 3; pass += 1) generator.generate(latents);
      Object.assign(model.layers[1]!, { epsilon: 0.5 });
      Object.assign(model.layers[2]!, { alpha: 0.9 });
      const wanted = model.predict(latents) as tf.Tensor;
      expect(differences(generator.generate(latents), wanted).largest).toBeLessThan(1e-6);
    });
    generator.dispose();
  });
});
