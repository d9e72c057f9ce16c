import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { enableSecondOrderGradients } from '../../src/gradients/enable-second-order-gradients.ts';

type Apply = (x: tf.Tensor) => tf.Tensor;

/** Any operation as a layer; it finds its output's shape by trying two samples. */
class Operation extends tf.layers.Layer {
  static readonly className = 'Operation';
  readonly #apply: Apply;

  constructor(apply: Apply) {
    super({});
    this.#apply = apply;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.#apply([inputs].flat()[0]!));
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    const output = tf.tidy(() => this.#apply(tf.ones([2, ...shape.slice(1)] as number[])));
    output.dispose();
    return [null, ...output.shape.slice(1)];
  }
}

const operation = (apply: Apply): tf.layers.Layer => new Operation(apply);
const { layers } = tf;
const noise = (seed: number): ReturnType<typeof tf.initializers.randomNormal> =>
  tf.initializers.randomNormal({ stddev: 0.4, seed });
const weights = { kernelInitializer: noise(1) };
const recurrent = { units: 4, ...weights, recurrentInitializer: noise(2) };
const answer = (): tf.layers.Layer => layers.dense({ units: 1, kernelInitializer: noise(99) });
const score = (): tf.layers.Layer[] => [layers.flatten(), answer()];
const dense = (): tf.layers.Layer => layers.dense({ units: 6, activation: 'tanh', ...weights });
const conv = (): tf.layers.Layer =>
  layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh', ...weights });
const batchDeviation: Apply = (x) => {
  const spread = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(x, tf.mean(x, 0, true))), 0, true), 1e-8));
  const [batch = 0, height = 0, width = 0] = x.shape;
  return tf.concat([x, tf.mul(tf.ones([batch, height, width, 1]), tf.mean(spread))], 3);
};
const attention: Apply = (x) =>
  tf.add(x, tf.matMul(tf.softmax(tf.mul(tf.matMul(x, x, false, true), 0.5)), x));

const image = [8, 8, 3];
const volume = [4, 4, 4, 2];
const sequence = [5, 3];

/** Critics no paper has as they are: the shape of a sample, and the layers. */
const critics: Readonly<
  Record<string, readonly [shape: number[], layers: () => tf.layers.Layer[]]>
> = {
  'separable, stride 2': [
    image,
    () => [
      layers.separableConv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'tanh',
        depthwiseInitializer: noise(1),
        pointwiseInitializer: noise(2),
      }),
      ...score(),
    ],
  ],
  'depthwise, stride 2': [
    image,
    () => [
      layers.depthwiseConv2d({
        kernelSize: 3,
        strides: 2,
        depthMultiplier: 2,
        padding: 'same',
        depthwiseInitializer: noise(1),
      }),
      layers.activation({ activation: 'softplus' }),
      ...score(),
    ],
  ],
  'conv3d and a mean over places': [
    volume,
    () => [
      layers.conv3d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh', ...weights }),
      operation((x) => tf.mean(x, [1, 2, 3])),
      answer(),
    ],
  ],
  'conv3d and average pooling': [
    volume,
    () => [
      layers.conv3d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'tanh', ...weights }),
      layers.averagePooling3d({ poolSize: 2, strides: [2, 2, 2], padding: 'valid' }),
      ...score(),
    ],
  ],
  'dilated conv': [
    [10, 10, 2],
    () => [
      layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: 'tanh', ...weights }),
      ...score(),
    ],
  ],
  'dilated conv1d': [
    [12, 2],
    () => [
      layers.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: 'tanh', ...weights }),
      layers.averagePooling1d({ poolSize: 2 }),
      ...score(),
    ],
  ],
  'transposed conv': [
    [4, 4, 2],
    () => [
      layers.conv2dTranspose({
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'tanh',
        ...weights,
      }),
      ...score(),
    ],
  ],
  GRU: [sequence, () => [layers.gru(recurrent), answer()]],
  LSTM: [sequence, () => [layers.lstm(recurrent), answer()]],
  'both directions of a simple RNN': [
    sequence,
    () => [
      layers.bidirectional({
        layer: layers.simpleRNN({ ...recurrent, returnSequences: true }),
        mergeMode: 'concat',
      }),
      ...score(),
    ],
  ],
  'the standard deviation of the batch': [
    image,
    () => [conv(), operation(batchDeviation), ...score()],
  ],
  attention: [
    [4, 3],
    () => [layers.dense({ units: 3, ...weights }), operation(attention), ...score()],
  ],
  'cumulative sums': [[6], () => [dense(), operation((x) => tf.square(tf.cumsum(x, 1))), answer()]],
  'values gathered, one of them twice': [
    [6],
    () => [
      dense(),
      operation((x) => tf.square(tf.gather(x, tf.tensor1d([0, 2, 2, 4], 'int32'), 1))),
      answer(),
    ],
  ],
  'mirrored borders': [
    image,
    () => [
      operation((x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [1, 1],
            [2, 1],
            [0, 0],
          ],
          'reflect',
        ),
      ),
      conv(),
      ...score(),
    ],
  ],
  'bilinear upsampling': [
    [4, 4, 2],
    () => [layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }), conv(), ...score()],
  ],
  'a crop and a frame of zeros': [
    image,
    () => [
      layers.cropping2D({
        cropping: [
          [1, 1],
          [2, 0],
        ],
      }),
      layers.zeroPadding2d({ padding: [1, 2] }),
      conv(),
      ...score(),
    ],
  ],
  'depth to space': [
    image,
    () => [
      conv(),
      operation((x) => tf.square(tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'))),
      ...score(),
    ],
  ],
  'batch norm': [
    [6],
    () => [
      layers.dense({ units: 5, ...weights }),
      layers.batchNormalization({}),
      layers.activation({ activation: 'tanh' }),
      answer(),
    ],
  ],
  'layer norm': [
    [6],
    () => [
      layers.dense({ units: 5, ...weights }),
      layers.layerNormalization({}),
      layers.activation({ activation: 'tanh' }),
      answer(),
    ],
  ],
  'the norm of each row': [
    [6],
    () => [dense(), operation((x) => tf.norm(x, 2, 1, true)), answer()],
  ],
  'sines, powers and roots': [
    [6],
    () => [
      dense(),
      operation((x) => tf.add(tf.mul(tf.sin(x), tf.cos(x)), tf.pow(tf.add(tf.abs(x), 1), 1.5))),
      answer(),
    ],
  ],
  'erf, atan, sinh and logarithms': [
    [6],
    () => [
      dense(),
      operation((x) =>
        tf.addN([tf.erf(x), tf.atan(x), tf.sinh(x), tf.log1p(tf.square(x)), tf.expm1(x)]),
      ),
      answer(),
    ],
  ],
  'parts that are stacked': [
    [6],
    () => [
      dense(),
      operation((x) => {
        const [a, b] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
        return tf.sum(tf.mul(tf.stack([a, b], 1), tf.stack([b, a], 1)), 1);
      }),
      answer(),
    ],
  ],
};

/** The weights of a model as tfjs takes gradients of them. */
function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => {
    const value = weight.read();
    if (!(value instanceof tf.Variable)) throw new TypeError(`${weight.name} is no variable`);
    return value as tf.Variable;
  });
}

function dot(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): number {
  return a.reduce((sum, x, i) => sum + tf.sum(tf.mul(x, b[i]!)).dataSync()[0]!, 0);
}

/** The penalty's gradient by each weight, and along one direction by it and by central differences. */
function witness([shape, make]: (typeof critics)[string]): {
  gradients: Float32Array[];
  along: number;
  differences: number;
  size: number;
} {
  const model = tf.sequential({ layers: [layers.inputLayer({ inputShape: shape }), ...make()] });
  const x = tf.randomNormal([3, ...shape], 0, 1, 'float32', 7);
  const critic = (input: tf.Tensor): tf.Tensor =>
    tf.sum(model.apply(input, { training: true }) as tf.Tensor);
  const penalty = (): tf.Scalar => tf.tidy(() => tf.sum(tf.square(tf.grad(critic)(x))));
  const variables = variablesOf(model);
  const { grads } = tf.variableGrads(penalty, variables);
  // That of a last bias is none: tfjs returns null.
  const gradients = variables.map(
    (variable) => (grads[variable.name] as tf.Tensor | null) ?? tf.zerosLike(variable),
  );
  const size = Math.sqrt(dot(gradients, gradients));
  const random = variables.map((v, i) => tf.randomNormal(v.shape, 0, 1, 'float32', i + 1));
  const unit = Math.sqrt(dot(random, random));
  const direction = random.map((part) => tf.div(part, unit));
  const before = variables.map((variable) => tf.clone(variable));
  const at = (step: number): number => {
    for (const [i, variable] of variables.entries()) {
      variable.assign(tf.add(before[i]!, tf.mul(direction[i]!, step)));
    }
    return penalty().dataSync()[0]!;
  };
  const h = 2e-3;
  const differences = (at(h) - at(-h)) / (2 * h);
  const along = dot(gradients, direction);
  const values = gradients.map((gradient) => gradient.dataSync() as Float32Array);
  model.dispose();
  return { gradients: values, along, differences, size };
}

describe('the gradient of a penalty on the slope', () => {
  beforeAll(() => {
    enableSecondOrderGradients();
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each(Object.keys(critics))('is right through %s, on cpu and on wasm-train', async (name) => {
    await tf.setBackend('cpu');
    const onCpu = tf.tidy(() => witness(critics[name]!) as never) as ReturnType<typeof witness>;
    await wasmTrain().activate();
    const onWasm = tf.tidy(() => witness(critics[name]!) as never) as ReturnType<typeof witness>;
    for (const { along, differences, size } of [onCpu, onWasm]) {
      expect(size).toBeGreaterThan(1e-3);
      expect(Math.abs(along - differences) / Math.max(Math.abs(along), size / 10)).toBeLessThan(
        0.02,
      );
    }
    for (const [i, gradient] of onCpu.gradients.entries()) {
      const other = onWasm.gradients[i]!;
      const apart = Math.max(...gradient.map((value, at) => Math.abs(value - other[at]!)));
      expect(apart / onCpu.size).toBeLessThan(1e-4);
    }
  });

  test.each([
    ['Cumprod', (x) => tf.cumprod(x, 1)],
    ['SearchSorted', (x) => tf.cast(tf.lowerBound(tf.ones([2, 4]), x), 'float32')],
    ['CropAndResize', (x) => crop(x)],
  ] as [string, Apply][])('names %s, which TensorFlow.js cannot derive', (name, apply) => {
    const score2 = (x: tf.Tensor): tf.Tensor => tf.sum(apply(x));
    expect(() => tf.grad(score2)(tf.ones([2, 3]))).toThrow(
      `Cannot compute gradient: gradient function not found for ${name}.`,
    );
  });
});

function crop(x: tf.Tensor): tf.Tensor {
  const images = tf.reshape<tf.Rank.R4>(x, [1, 2, 3, 1]);
  return tf.image.cropAndResize(
    images,
    tf.tensor2d([[0, 0, 1, 1]]),
    tf.tensor1d([0], 'int32'),
    [4, 4],
  );
}
