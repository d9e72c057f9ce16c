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

/** A chain of layers with arbitrary weights. */
function modelOf(layers: Layers): tf.LayersModel {
  return withWeights(tf.sequential({ layers: layers.map((create, i) => create(i + 1)) }));
}

/** The model, with arbitrary numbers as weights, biases included. */
function withWeights(model: tf.LayersModel): tf.LayersModel {
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

type Symbolic = tf.SymbolicTensor;

const graphs: Readonly<Record<string, () => tf.LayersModel>> = {
  'a U-Net': () => {
    const input = tf.input({ shape: [8, 8, 2] });
    const layer = (filters: number): tf.layers.Layer => tf.layers.conv2d({ ...same, filters });
    const up = (filters: number): tf.layers.Layer =>
      tf.layers.conv2dTranspose({ ...same, filters, activation: 'tanh' });
    const norm = (): tf.layers.Layer => tf.layers.batchNormalization();
    const half = norm().apply(layer(3).apply(input));
    const quarter = norm().apply(layer(5).apply(tf.layers.leakyReLU().apply(half)));
    const back = norm().apply(up(3).apply(tf.layers.reLU().apply(quarter)));
    const joined = tf.layers.concatenate().apply([back, half] as Symbolic[]);
    return tf.model({ inputs: input, outputs: up(1).apply(joined) as Symbolic });
  },
  'residual blocks, of which one is used by three layers': () => {
    const input = tf.input({ shape: [6] });
    const dense = (x: unknown): Symbolic =>
      tf.layers.dense({ units: 6, activation: 'relu' }).apply(x as Symbolic) as Symbolic;
    const one = tf.layers.add().apply([input, dense(dense(input))]);
    const all = [
      one as Symbolic,
      dense(one),
      tf.layers.average().apply([dense(one), input] as Symbolic[]),
    ];
    const sum = tf.layers
      .multiply()
      .apply([tf.layers.add().apply(all as Symbolic[]), dense(one)] as Symbolic[]);
    return tf.model({ inputs: input, outputs: dense(sum) });
  },
  'two inputs, one of them labels, and three outputs, of which one is inside': () => {
    const [input, label] = [tf.input({ shape: [6] }), tf.input({ shape: [1], dtype: 'int32' })];
    const embedded = tf.layers.embedding({ inputDim: 3, outputDim: 4 }).apply(label);
    const joined = tf.layers
      .concatenate()
      .apply([tf.layers.flatten().apply(embedded), input] as Symbolic[]);
    const inner = tf.layers.dense({ units: 5, activation: 'tanh' }).apply(joined);
    const normal = tf.layers.batchNormalization().apply(inner);
    const outputs = [
      tf.layers.dense({ units: 1 }).apply(normal),
      inner,
      tf.layers.softmax().apply(normal),
    ];
    return tf.model({ inputs: [input, label], outputs: outputs as Symbolic[] });
  },
  'integers that a layer returns': () => {
    const input = tf.input({ shape: [6] });
    const rounded = new Rounded().apply(input);
    const hidden = tf.layers.dense({ units: 4, activation: 'relu' }).apply(rounded);
    const output = tf.layers
      .add()
      .apply([hidden, tf.layers.dense({ units: 4 }).apply(input)] as Symbolic[]);
    return tf.model({ inputs: input, outputs: output as Symbolic });
  },
};

/** A layer that expects an array, as TensorFlow.js passes one, and returns integers. */
class Rounded extends tf.layers.Layer {
  static readonly className = 'Rounded';

  override call([x]: tf.Tensor[]): tf.Tensor {
    return tf.cast(tf.round(tf.mul(x!, 2)), 'int32');
  }
}

/** The layers of each case, or a function that connects them. */
const cases: readonly (readonly [name: string, create: () => tf.LayersModel])[] = [
  ...Object.entries(chains).map(([name, layers]) => [name, () => modelOf(layers)] as const),
  ...Object.entries(graphs).map(([name, create]) => [name, () => withWeights(create())] as const),
];

type Run = (model: tf.LayersModel, inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];

const planned = (
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  moves = true,
): readonly tf.Tensor[] => {
  const pass = backend().trainingPass(model)!;
  expect(pass.canRun(inputs)).toBe(true);
  return pass.run(inputs, moves);
};
const itself: Run = (model, inputs) =>
  [model.apply([...inputs], { training: true })].flat() as tf.Tensor[];

const bits = (tensors: readonly (tf.Tensor | undefined)[]): readonly unknown[] =>
  tensors.map((tensor) => tensor && [tensor.shape, new Uint32Array(tensor.dataSync().buffer)]);

const valuesOf = (model: tf.LayersModel): readonly unknown[] =>
  bits(model.weights.map((weight) => weight.read()));

const inputsOf = (model: tf.LayersModel): readonly [x: tf.Tensor, ...labels: tf.Tensor[]] => {
  const [first, ...others] = model.inputs;
  const labels = others.map(() => tf.tensor2d([0, 2, 1, 1, 0, 2], [6, 1], 'int32'));
  return [noisy([6, ...(first!.shape.slice(1) as number[])], 9), ...labels];
};

/** The outputs of two passes, and the gradients of a number of both. */
function gradientsOf(
  model: tf.LayersModel,
  run: Run,
  sources: readonly (tf.Tensor | undefined)[],
  [x, ...labels]: readonly [tf.Tensor, ...tf.Tensor[]],
): readonly unknown[] {
  const outputs: tf.Tensor[] = [];
  const { value, gradients } = differentiate(
    () => {
      // The input may be computed and freed meanwhile; the model runs twice in one loss.
      const one = tf.tidy(() => [...run(model, [tf.mul(x, 1), ...labels])]);
      const two = run(model, [tf.neg(x), ...labels]);
      outputs.push(...[...one, ...two].map((y) => tf.keep(y.clone())));
      const terms = [...one.map((y) => tf.mean(tf.square(y))), ...two.map((y) => tf.mean(y))];
      return tf.addN(terms).asScalar();
    },
    sources.filter((source) => source !== undefined),
  );
  const seen = bits([...outputs, value, ...gradients]);
  tf.dispose(outputs);
  return seen;
}

describe.each(cases)('the planned pass of %s', (_, create) => {
  const both = (
    see: (model: tf.LayersModel, run: Run) => readonly unknown[],
  ): readonly [planned: readonly unknown[], itself: readonly unknown[]] => {
    const [one, two] = [create(), create()];
    return [
      [...see(one, planned), ...valuesOf(one)],
      [...see(two, itself), ...valuesOf(two)],
    ];
  };

  test('has the bits of the model: outputs, gradients, statistics', () => {
    const [ours, wanted] = both((model, run) => {
      const inputs = inputsOf(model);
      const variables = model.trainableWeights.map((weight) => weight.read());
      return gradientsOf(model, run, [...variables, inputs[0]], inputs);
    });
    expect(ours).toEqual(wanted);
  });

  test('has the bits of the model without a gradient, and with gradients of some weights', () => {
    const [ours, wanted] = both((model, run) => {
      const inputs = inputsOf(model);
      const weights = model.trainableWeights.map((weight) => weight.read());
      const some = [weights.at(-1), weights[Math.floor(weights.length / 2)]];
      return [...bits(run(model, inputs)), ...gradientsOf(model, run, some, inputs)];
    });
    expect(ours).toEqual(wanted);
  });

  test('leaves statistics unchanged on request', () => {
    const model = create();
    const before = valuesOf(model);
    planned(model, inputsOf(model), false);
    expect(valuesOf(model)).toEqual(before);
  });

  test('gives gradients that can be differentiated again', () => {
    enableSecondOrderGradients();
    const [ours, wanted] = [planned, itself].map((run) => {
      const model = create();
      const inputs = inputsOf(model);
      const variables = model.trainableWeights.map((weight) => weight.read());
      const { gradients } = differentiate(() => {
        // Recorded before the inner gradient begins, which goes through it.
        const outputs = run(model, inputs);
        const slope = tf.grad(() => tf.addN(outputs.map((y) => tf.sum(tf.square(y)))))(inputs[0]);
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
    const inputs = inputsOf(model);
    run(model, inputs);
    const [dense, norm, leaky] = model.layers;
    const { activation } = tf.layers.dense({ units: 1, activation: 'tanh' }) as object as {
      readonly activation: object;
    };
    Object.assign(dense!, { activation });
    Object.assign(norm!, { momentum: 0.5, epsilon: 0.01 });
    Object.assign(leaky!, { alpha: 0.7 });
    return [...bits(run(model, inputs)), ...valuesOf(model)];
  });
  expect(ours).toEqual(wanted);
});

describe('a model runs itself', () => {
  const dense = (): tf.LayersModel => modelOf(chains['dense layers']!);

  test('for another shape, under a gradient of a gradient, and while a layer is listened to', () => {
    const model = dense();
    const pass = backend().trainingPass(model)!;
    const inputs = inputsOf(model);
    expect(pass.canRun(inputs)).toBe(true);
    expect(pass.canRun([tf.zeros([2, 5])])).toBe(false);
    expect(pass.canRun([tf.zeros([2, 6], 'int32')])).toBe(false);
    const inside: boolean[] = [];
    tf.grad((a) => {
      inside.push(pass.canRun(inputs));
      tf.grad((b) => {
        inside.push(pass.canRun(inputs));
        return tf.sum(b);
      })(a);
      return tf.sum(a);
    })(inputs[0]);
    expect(inside).toEqual([true, false]);
    const layer = model.layers[0]!;
    layer.setCallHook(() => undefined);
    expect(pass.canRun(inputs)).toBe(false);
    layer.clearCallHook();
    expect(pass.canRun(inputs)).toBe(true);
    layer.call = (inputs) => inputs;
    expect(pass.canRun(inputs)).toBe(false);
  });

  test('with masks, and with layers that are used twice', () => {
    const input = tf.input({ shape: [4] });
    const layer = tf.layers.dense({ units: 4 });
    const once = layer.apply(input) as Symbolic;
    const twice = layer.apply(once) as Symbolic;
    const masked = tf.sequential({
      layers: [tf.layers.masking({ inputShape: [3, 2] }), tf.layers.dense({ units: 1 })],
    });
    const all = [
      tf.model({ inputs: input, outputs: twice }),
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
    const inputs = inputsOf(model);
    expect(backend().trainingPass(model)!.keepsStatistics).toBe(false);
    expect(bits(planned(model, inputs))).toEqual(bits(itself(model, inputs)));
  });

  test('in part, if a flattening moves values', () => {
    const model = modelOf([
      () => tf.layers.conv2d({ ...image, filters: 3, kernelSize: 3 }),
      () => tf.layers.flatten({ dataFormat: 'channelsFirst' }),
    ]);
    const inputs = inputsOf(model);
    expect(bits(planned(model, inputs))).toEqual(bits(itself(model, inputs)));
  });

  test('in part, where an activation is of a class derived from one of tfjs', () => {
    const model = modelOf([
      () => tf.layers.dense({ units: 3, inputShape: [6], activation: shiftedRelu() }),
      () => tf.layers.activation({ activation: shiftedRelu() }),
    ]);
    const inputs = inputsOf(model);
    expect(bits(planned(model, inputs))).toEqual(bits(itself(model, inputs)));
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
    const inputs = inputsOf(model);
    expect(bits(planned(model, inputs))).toEqual(bits(itself(model, inputs)));
  });
});
