import '../support/on-cpu.ts';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  createDcgan,
  createMlpGan,
  createSngan,
  datasetFromArray,
  datasetFromTensor,
  Discriminator,
  Generator,
} from 'tfjs-gan';
import { exportOnnx, type ExportOnnxOptions } from 'tfjs-gan/export';
import { readImageGrid } from '../../src/io/read-image-grid.ts';
import { difference } from './networks.ts';
import { type OnnxTensor, runOnnx } from './onnx-runtime.ts';

const small = { imageShape: [8, 8, 1], baseFilters: 4, latentSize: 5, seed: 1 } as const;

async function run(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, tf.Tensor>>,
): Promise<Readonly<Record<string, OnnxTensor>>> {
  return (await runOnnx(bytes, [feeds]))[0]!;
}

/** A layer of a program's own: x · factor + offset of each channel. */
class Stretch extends tf.layers.Layer {
  static readonly className: string = 'Stretch';
  #factor!: tf.LayerVariable;
  override build(shape: tf.Shape): void {
    const initializer = tf.initializers.randomNormal({ seed: 3 });
    this.#factor = this.addWeight('factor', [shape.at(-1)!], 'float32', initializer);
    this.built = true;
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.add(tf.mul([inputs].flat()[0]!, this.#factor.read()), 2));
  }
}

function stretched(): Generator {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 18 }),
      tf.layers.reshape({ targetShape: [3, 2, 3] }),
      new Stretch({ name: 'own' }),
    ],
  });
  return new Generator({ model });
}

describe('exportOnnx', () => {
  test('writes a layer of the program by the table it is given', async () => {
    const generator = stretched();
    const bytes = await exportOnnx(generator, {
      layers: {
        Stretch: (layer, [x], graph) => {
          expect(layer).toMatchObject({ kind: 'Stretch', name: 'own', inputShapes: [[3, 2, 3]] });
          // Channels are first: [3] → [3, 1, 1]
          const factor = graph.op('Reshape', [graph.weight('factor'), graph.integers([3, 1, 1])]);
          const two = graph.floats({ shape: [], values: Float32Array.of(2) });
          return graph.op('Add', [graph.op('Mul', [x!, factor]), two]);
        },
      },
    });
    const latents = generator.latents(3, { seed: 1 });
    const { samples } = await run(bytes, { latents });
    const wanted = await generator.generate(latents).data();
    expect(difference(samples!.data as Float32Array, wanted)).toBeLessThan(1e-6);
  });

  test('names a layer that it cannot write, and what to do', async () => {
    await expect(exportOnnx(stretched())).rejects.toThrow(
      "Cannot export to ONNX: the layer 'own' must be of a kind that can be written, got Stretch. " +
        'Write it yourself: layers: { Stretch: (layer, inputs, graph) => graph.op(…) }',
    );
  });

  test('refuses what a writer requires and the layer lacks', async () => {
    const write = (layers: ExportOnnxOptions['layers']): Promise<unknown> =>
      exportOnnx(stretched(), { layers });
    await expect(
      write({ Stretch: (_layer, _inputs, graph) => graph.weight('kernel') }),
    ).rejects.toThrow("the layer 'own' (Stretch) must have the weight 'kernel', got factor");
    await expect(
      write({ Stretch: (_layer, [x], graph) => graph.op('Elu', [x!], { alpha: 0.5 }) }),
    ).rejects.toThrow('the attribute alpha of Elu must be integers, a text or { float }, got 0.5');
    await expect(
      write({
        Stretch: (_layer, _inputs, graph) =>
          graph.floats({ shape: [2], values: new Float32Array(3) }),
      }),
    ).rejects.toThrow('own/constant must have 2 values for its shape, got 3');
    await expect(write({ Stretch: 'Mul' as never })).rejects.toThrow(
      "layers.Stretch must be a function that writes the layer, got 'Mul'",
    );
  });

  test('returns the bytes that pictures of this library have', async () => {
    const { generator } = createDcgan({ ...small, imageShape: [8, 8, 3] });
    const bytes = await exportOnnx(generator, { pixels: 'bytes' });
    const latents = generator.latents(1, { seed: 1 });
    const { samples } = await run(bytes, { latents });
    const grid = await readImageGrid('draw', generator.generate(latents), {
      columns: 1,
      padding: 0,
    });
    expect(samples!.type).toBe('uint8');
    expect([...samples!.dims]).toEqual([1, 8, 8, 3]);
    const got = samples!.data as Uint8Array;
    const distances = [...grid.data].map((byte, i) => Math.abs(byte - got[i]!));
    expect(Math.max(...distances)).toBeLessThanOrEqual(1);
    expect(distances.filter((distance) => distance > 0).length).toBeLessThanOrEqual(2);
  });

  test('halves the file by float16, with results that stay close', async () => {
    const { generator } = createDcgan({ ...small, baseFilters: 16 });
    const latents = generator.latents(4, { seed: 1 });
    const [whole, half] = [
      await exportOnnx(generator),
      await exportOnnx(generator, { precision: 'float16' }),
    ];
    expect(half.length / whole.length).toBeLessThan(0.56);
    const { samples } = await run(half, { latents });
    const wanted = await generator.generate(latents).data();
    const distance = difference(samples!.data, wanted);
    // A half has 11 bits: 2⁻¹¹ of each weight.
    expect(distance).toBeLessThan(2e-3);
    expect(distance).toBeGreaterThan(1e-6);
  });

  test('refuses weights that no half holds', async () => {
    const generator = stretched();
    tf.tidy(() => generator.model.layers[0]!.setWeights([tf.fill([4, 18], 1e5), tf.zeros([18])]));
    const layers: ExportOnnxOptions['layers'] = { Stretch: (_layer, [x]) => x! };
    await expect(exportOnnx(generator, { layers, precision: 'float16' })).rejects.toThrow(
      "with precision 'float16' weights must be at most 65504, got 100000 in 0.dense/kernel",
    );
  });

  test('takes the averaged weights, as sampling does, or those that are trained', async () => {
    const gan = createMlpGan({
      sampleShape: [2],
      latentSize: 3,
      hiddenUnits: [8],
      ema: { decay: 0.5 },
      seed: 1,
    });
    const data = await datasetFromTensor(tf.randomNormal([32, 2], 0, 1, 'float32', 1));
    await gan.trainer.fit(data, { steps: 3, batchSize: 8 });
    const latents = gan.generator.latents(4, { seed: 2 });
    const [averaged, trained] = [
      await run(await exportOnnx(gan.generator), { latents }),
      await run(await exportOnnx(gan.generator, { averaged: false }), { latents }),
    ];
    const of = (options: object): Promise<ArrayLike<number>> =>
      gan.generator.generate(latents, options).data();
    const numbers = (made: Readonly<Record<string, OnnxTensor>>): Float32Array =>
      made['samples']!.data as Float32Array;
    expect(difference(numbers(averaged), await of({}))).toBeLessThan(1e-5);
    expect(difference(numbers(trained), await of({ averaged: false }))).toBeLessThan(1e-5);
    expect(difference(numbers(trained), await of({}))).toBeGreaterThan(1e-4);
  });

  test('writes a discriminator under spectral norm as it judges', async () => {
    const gan = createSngan({ ...small, baseFilters: 2, updatesPerStep: { discriminator: 1 } });
    const images = tf.randomUniform([4, 8, 8, 1], -1, 1, 'float32', 1);
    await gan.trainer.fit(await datasetFromTensor(images), { steps: 1, batchSize: 2 });
    const { logits } = await run(await exportOnnx(gan.discriminator), { samples: images });
    const wanted = await gan.discriminator.logits(images).data();
    expect(difference(logits!.data as Float32Array, wanted)).toBeLessThan(1e-5);
  });

  test('notes how often each class came, so that the file alone tells how to sample', async () => {
    const gan = createMlpGan({ sampleShape: [2], latentSize: 3, classes: 2, seed: 1 });
    const rows = Array.from({ length: 8 }, (_, i) => [i / 8, -i / 8]);
    const labels = rows.map((_, i) => (i < 6 ? 0 : 1));
    const data = datasetFromArray(rows, { labels, inputRange: [-1, 1] });
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    const text = new TextDecoder('latin1').decode(await exportOnnx(gan.generator));
    expect(text).toContain('"classes":2');
    expect(text).toContain('"frequencies":[0.75,0.25]');
  });

  test('leaves no tensors behind, and the network as it was', async () => {
    const { generator } = createDcgan({ ...small, classes: 3 });
    const before = await generator.sample(2, { seed: 1, labels: 1 }).data();
    const { numTensors } = tf.memory();
    await exportOnnx(generator, { precision: 'float16' });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await generator.sample(2, { seed: 1, labels: 1 }).data()).toEqual(before);
  });

  test('writes the same bytes again', async () => {
    const { generator } = createDcgan({ ...small, classes: 3 });
    expect(await exportOnnx(generator)).toEqual(await exportOnnx(generator));
  });

  test('refuses bytes of what has no known range', async () => {
    const { generator, discriminator } = createMlpGan({ sampleShape: [2], seed: 1 });
    await expect(exportOnnx(discriminator, { pixels: 'bytes' })).rejects.toThrow(
      "with pixels 'bytes' network must be a Generator, which outputs samples, got one that outputs 'logits'",
    );
    await expect(exportOnnx(generator, { pixels: 'bytes' })).rejects.toThrow(
      "with pixels 'bytes' the generator must output images and end in tanh or sigmoid, got samples of shape [2]",
    );
  });

  test('refuses wrong options and what is no network', async () => {
    const { generator } = createMlpGan({ sampleShape: [2], seed: 1 });
    const refuses = async (options: object, message: string): Promise<void> =>
      expect(exportOnnx(generator, options)).rejects.toThrow(message);
    await refuses({ layout: 'NCHW' }, "layout must be one of 'nhwc', 'nchw', got 'NCHW'");
    await refuses({ pixels: 'uint8' }, "pixels must be one of 'values', 'bytes', got 'uint8'");
    await refuses({ precision: 16 }, "precision must be one of 'float32', 'float16', got 16");
    await refuses({ opset: 17 }, 'options must have only the names layout, pixels');
    await refuses({ layers: [] }, 'layers must be an object of settings');
    await expect(exportOnnx(generator.model as never)).rejects.toThrow(
      'network must be a Generator, a Discriminator or { model, inputs, outputs }',
    );
    const gan = createMlpGan({ sampleShape: [2], seed: 1 });
    await expect(exportOnnx(gan as never)).rejects.toThrow('. Pass its generator');
    gan.dispose();
    await expect(exportOnnx(undefined as never)).rejects.toThrow('got undefined');
    generator.dispose();
    await expect(exportOnnx(generator)).rejects.toThrow('this Generator was disposed');
  });

  test('refuses networks whose names are not those of the model, or whose sizes are open', async () => {
    const model = tf.sequential({
      layers: [tf.layers.conv2d({ inputShape: [null, 8, 1], filters: 1, kernelSize: 1 })],
    });
    const inputs = { samples: { kind: 'tensor' } } as const;
    await expect(exportOnnx({ model, inputs, outputs: ['logits'] })).rejects.toThrow(
      'the input samples must have known sizes after the batch, got [null, null, 8, 1]',
    );
    await expect(exportOnnx({ model, inputs, outputs: ['y', 'y'] })).rejects.toThrow(
      "network must name the model's 1 inputs and 1 outputs, each differently, got samples, y, y",
    );
    await expect(exportOnnx({ model, inputs: {}, outputs: ['y'] })).rejects.toThrow('got y');
  });

  test('names settings of layers that ONNX has no words for', async () => {
    const network = (layers: tf.layers.Layer[]): Discriminator =>
      new Discriminator({ model: tf.sequential({ layers }) });
    const first = tf.layers.batchNormalization({ inputShape: [4, 4, 2], axis: 1 });
    await expect(exportOnnx(network([first]))).rejects.toThrow(
      /axis of the layer 'batch_normalization\w*' must be the last one, got 1. Write the layer yourself/,
    );
  });
});
