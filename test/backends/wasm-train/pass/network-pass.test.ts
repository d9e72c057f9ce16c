import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from '../../../../src/gradients/enable-second-order-gradients.ts';
import { differentiate } from '../../../../src/tfjs-internals/tape.ts';
import { shiftedRelu } from '../../../support/shifted-relu.ts';
import { leavingNothingBehind, noisy } from '../support.ts';

const backend = leavingNothingBehind();
const models: tf.LayersModel[] = [];

afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

type Layers = readonly ((seed: number) => tf.layers.Layer)[];

/** A model whose weights, biases included, are arbitrary numbers. */
function modelOf(layers: Layers): tf.Sequential {
  const model = tf.sequential({ layers: layers.map((create, i) => create(i + 1)) });
  model.weights.forEach((weight, i) => {
    const values = noisy(weight.shape as number[], 50 + i);
    weight.write(weight.name.includes('variance') ? tf.add(tf.square(values), 1) : values);
  });
  models.push(model);
  return model;
}

const first = { inputShape: [6] };
const image = { inputShape: [8, 8, 2] };
const same = { strides: 2, padding: 'same', kernelSize: 4 } as const;

const chains: Readonly<Record<string, Layers>> = {
  'dense layers': [
    () => tf.layers.dense({ ...first, units: 9, activation: 'relu' }),
    () => tf.layers.dense({ units: 7, activation: 'tanh' }),
    () => tf.layers.dense({ units: 5, activation: 'sigmoid', useBias: false }),
    () => tf.layers.leakyReLU({ alpha: 0.2 }),
    () => tf.layers.dense({ units: 1 }),
  ],
  'a generator of images': [
    () => tf.layers.dense({ ...first, units: 4 * 4 * 3, useBias: false }),
    () => tf.layers.batchNormalization(),
    () => tf.layers.reLU(),
    () => tf.layers.reshape({ targetShape: [4, 4, 3] }),
    () => tf.layers.conv2dTranspose({ ...same, filters: 5, useBias: false }),
    () => tf.layers.batchNormalization({ scale: false, momentum: 0.8 }),
    () => tf.layers.activation({ activation: 'relu' }),
    () => tf.layers.conv2dTranspose({ ...same, filters: 2, activation: 'tanh' }),
  ],
  'a discriminator of images': [
    () => tf.layers.conv2d({ ...image, ...same, filters: 4, activation: 'relu' }),
    () => tf.layers.conv2d({ ...same, filters: 5, activation: 'tanh' }),
    () => tf.layers.conv2d({ filters: 3, kernelSize: 1 }),
    () => tf.layers.batchNormalization({ center: false }),
    () => tf.layers.flatten(),
    () => tf.layers.dense({ units: 2 }),
  ],
  'uneven kernels and strides, and settings that are not the defaults': [
    () =>
      tf.layers.conv2d({
        ...image,
        filters: 3,
        kernelSize: [4, 2],
        strides: [1, 2],
        padding: 'same',
        activation: 'sigmoid',
      }),
    () => tf.layers.leakyReLU({ alpha: 0 }),
    () => tf.layers.conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: [2, 1] }),
    () => tf.layers.batchNormalization({ center: false, scale: false, epsilon: 0.1, momentum: 0 }),
    () => tf.layers.activation({ activation: 'tanh' }),
    () => tf.layers.flatten(),
    () => tf.layers.dense({ units: 3, activation: 'relu' }),
    () => tf.layers.batchNormalization({ axis: 1 }),
  ],
  'layers with settings that are not planned': [
    () => tf.layers.conv2d({ ...image, ...same, filters: 3, dataFormat: 'channelsFirst' }),
    () => tf.layers.reLU({ maxValue: 0.2 }),
    () => tf.layers.leakyReLU({ alpha: -0.5 }),
    () => tf.layers.reshape({ targetShape: [-1, 2] }),
    () => tf.layers.dense({ units: 2 }),
  ],
  'layers that run themselves in between': [
    () => tf.layers.conv2d({ ...image, filters: 4, kernelSize: 3, activation: 'relu' }),
    (seed) => tf.layers.dropout({ rate: 0.5, seed }),
    () => tf.layers.maxPooling2d({ poolSize: 2 }),
    () => tf.layers.flatten(),
    () => tf.layers.dense({ units: 3, activation: 'elu' }),
    () => tf.layers.dense({ units: 1 }),
  ],
};

const planned = (model: tf.LayersModel, x: tf.Tensor, moves = true): tf.Tensor => {
  const pass = backend().trainingPass(model)!;
  expect(pass.canRun(x)).toBe(true);
  return pass.run(x, moves);
};
const itself = (model: tf.LayersModel, x: tf.Tensor): tf.Tensor =>
  model.apply(x, { training: true }) as tf.Tensor;

const bits = (tensors: readonly (tf.Tensor | undefined)[]): readonly unknown[] =>
  tensors.map((tensor) => tensor && [tensor.shape, new Uint32Array(tensor.dataSync().buffer)]);

const valuesOf = (model: tf.LayersModel): readonly unknown[] =>
  bits(model.weights.map((weight) => weight.read()));

const inputOf = (model: tf.LayersModel): tf.Tensor =>
  noisy([6, ...(model.inputs[0]!.shape.slice(1) as number[])], 9);

/** The outputs of two passes, and the gradients of a number of both. */
function gradientsOf(
  model: tf.LayersModel,
  run: (model: tf.LayersModel, x: tf.Tensor) => tf.Tensor,
  sources: readonly tf.Tensor[],
  x: tf.Tensor,
): readonly unknown[] {
  const outputs: tf.Tensor[] = [];
  const { value, gradients } = differentiate(() => {
    // The input may be computed and freed meanwhile; the model runs twice in one loss.
    const [one, two] = [tf.tidy(() => run(model, tf.mul(x, 1))), run(model, tf.neg(x))];
    outputs.push(tf.keep(one.clone()), tf.keep(two.clone()));
    return tf.add(tf.mean(tf.square(one)), tf.mean(two)).asScalar();
  }, sources);
  const seen = bits([...outputs, value, ...gradients]);
  tf.dispose(outputs);
  return seen;
}

describe.each(Object.entries(chains))('the planned pass of %s', (_, layers) => {
  const both = (
    see: (model: tf.LayersModel, isPlanned: boolean) => readonly unknown[],
  ): readonly [planned: readonly unknown[], itself: readonly unknown[]] => {
    const [one, two] = [modelOf(layers), modelOf(layers)];
    return [
      [...see(one, true), ...valuesOf(one)],
      [...see(two, false), ...valuesOf(two)],
    ];
  };
  const runOf = (isPlanned: boolean): typeof itself => (isPlanned ? planned : itself);

  test('has the bits of the model: outputs, gradients, statistics', () => {
    const [ours, wanted] = both((model, isPlanned) => {
      const x = inputOf(model);
      const variables = model.trainableWeights.map((weight) => weight.read());
      return gradientsOf(model, runOf(isPlanned), [...variables, x], x);
    });
    expect(ours).toEqual(wanted);
  });

  test('has the bits of the model without a gradient, and with gradients of some weights', () => {
    const [ours, wanted] = both((model, isPlanned) => {
      const run = runOf(isPlanned);
      const x = inputOf(model);
      const weights = model.trainableWeights.map((weight) => weight.read());
      const some = [weights.at(-1), weights[Math.floor(weights.length / 2)]!];
      return [...bits([run(model, x)]), ...gradientsOf(model, run, some, x)];
    });
    expect(ours).toEqual(wanted);
  });

  test('leaves statistics unchanged on request', () => {
    const model = modelOf(layers);
    const before = valuesOf(model);
    planned(model, inputOf(model), false);
    expect(valuesOf(model)).toEqual(before);
  });

  test('gives gradients that can be differentiated again', () => {
    enableSecondOrderGradients();
    const [ours, wanted] = [true, false].map((isPlanned) => {
      const model = modelOf(layers);
      const x = inputOf(model);
      const variables = model.trainableWeights.map((weight) => weight.read());
      const { gradients } = differentiate(() => {
        // Recorded before the inner gradient begins, which goes through it.
        const y = runOf(isPlanned)(model, x);
        const slope = tf.grad(() => tf.sum(tf.square(y)))(x);
        return tf.sum(tf.square(slope)).asScalar();
      }, variables);
      return gradients.map((gradient) => [...(gradient?.dataSync() ?? [])]);
    });
    const largest = Math.max(...wanted!.flat().map(Math.abs));
    wanted!.forEach((gradient, i) => {
      gradient.forEach((value, j) => {
        expect(Math.abs(value - ours![i]![j]!)).toBeLessThan(1e-4 * largest);
      });
    });
    expect(largest).toBeGreaterThan(0);
  });
});

test('a planned pass has the settings that layers have now', () => {
  const [ours, wanted] = [planned, itself].map((run) => {
    const model = modelOf([
      () => tf.layers.dense({ ...first, units: 4 }),
      () => tf.layers.batchNormalization({ momentum: 0.9 }),
      () => tf.layers.leakyReLU({ alpha: 0.2 }),
    ]);
    const x = inputOf(model);
    run(model, x);
    const [dense, norm, leaky] = model.layers;
    const { activation } = tf.layers.dense({ units: 1, activation: 'tanh' }) as object as {
      readonly activation: object;
    };
    Object.assign(dense!, { activation });
    Object.assign(norm!, { momentum: 0.5, epsilon: 0.01 });
    Object.assign(leaky!, { alpha: 0.7 });
    return [...bits([run(model, x)]), ...valuesOf(model)];
  });
  expect(ours).toEqual(wanted);
});

describe('a model runs itself', () => {
  const dense = (): tf.Sequential => modelOf(chains['dense layers']!);

  test('for another shape, under a gradient of a gradient, and while a layer is listened to', () => {
    const model = dense();
    const pass = backend().trainingPass(model)!;
    const x = inputOf(model);
    expect(pass.canRun(x)).toBe(true);
    expect(pass.canRun(tf.zeros([2, 5]))).toBe(false);
    expect(pass.canRun(tf.zeros([2, 6], 'int32'))).toBe(false);
    const inside: boolean[] = [];
    tf.grad((a) => {
      inside.push(pass.canRun(x));
      tf.grad((b) => {
        inside.push(pass.canRun(x));
        return tf.sum(b);
      })(a);
      return tf.sum(a);
    })(x);
    expect(inside).toEqual([true, false]);
    const layer = model.layers[0]!;
    layer.setCallHook(() => undefined);
    expect(pass.canRun(x)).toBe(false);
    layer.clearCallHook();
    expect(pass.canRun(x)).toBe(true);
    layer.call = (inputs) => inputs;
    expect(pass.canRun(x)).toBe(false);
  });

  test('with branches, with masks, and with layers that are used twice', () => {
    const input = tf.input({ shape: [4] });
    const layer = tf.layers.dense({ units: 4 });
    const once = layer.apply(input) as tf.SymbolicTensor;
    const twice = layer.apply(once) as tf.SymbolicTensor;
    const joined = tf.layers.add().apply([once, input]) as tf.SymbolicTensor;
    const masked = tf.sequential({
      layers: [tf.layers.masking({ inputShape: [3, 2] }), tf.layers.dense({ units: 1 })],
    });
    const all = [
      tf.model({ inputs: input, outputs: twice }),
      tf.model({ inputs: input, outputs: joined }),
      tf.model({ inputs: input, outputs: [once, twice] }),
      masked,
    ];
    for (const model of all) expect(backend().trainingPass(model)).toBeUndefined();
    tf.dispose([layer, masked].flatMap(({ weights }) => weights.map((weight) => weight.read())));
  });

  test('in part, for dilated convolutions and batch norm of another axis', () => {
    const model = modelOf([
      () => tf.layers.conv2d({ ...image, filters: 3, kernelSize: 2, dilationRate: 2 }),
      () => tf.layers.batchNormalization({ axis: 1 }),
      () => tf.layers.reLU(),
    ]);
    const x = inputOf(model);
    expect(backend().trainingPass(model)!.isWhole).toBe(false);
    expect(bits([planned(model, x)])).toEqual(bits([itself(model, x)]));
  });

  test('in part, if a flattening moves values', () => {
    const model = modelOf([
      () => tf.layers.conv2d({ ...image, filters: 3, kernelSize: 3 }),
      () => tf.layers.flatten({ dataFormat: 'channelsFirst' }),
    ]);
    const x = inputOf(model);
    expect(bits([planned(model, x)])).toEqual(bits([itself(model, x)]));
  });

  test('in part, where an activation is of a class derived from one of tfjs', () => {
    const model = modelOf([
      () => tf.layers.dense({ units: 3, inputShape: [6], activation: shiftedRelu() }),
      () => tf.layers.activation({ activation: shiftedRelu() }),
    ]);
    const x = inputOf(model);
    expect(backend().trainingPass(model)!.isWhole).toBe(false);
    expect(bits([planned(model, x)])).toEqual(bits([itself(model, x)]));
  });

  test('in part, where a layer is of a class derived from one of tfjs', () => {
    const Dense = tf.layers.dense({ units: 1 }).constructor as new (
      settings: object,
    ) => tf.layers.Layer;
    class Doubled extends Dense {
      override call(inputs: tf.Tensor, settings: object): tf.Tensor {
        return tf.mul(super.call(inputs, settings) as tf.Tensor, 2);
      }
    }
    const model = modelOf([() => new Doubled({ units: 3, inputShape: [6] })]);
    const x = inputOf(model);
    expect(backend().trainingPass(model)!.isWhole).toBe(false);
    expect(bits([planned(model, x)])).toEqual(bits([itself(model, x)]));
  });
});
