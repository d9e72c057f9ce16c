import * as tf from '@tensorflow/tfjs';
import {
  Blur,
  createDcgan,
  createInfoGan,
  createMlpGan,
  createR3gan,
  createSngan,
  createWgan,
  createWganGp,
  type Gan,
  LearnedBasis,
  MinibatchDeviation,
  type Network,
  OneHot,
} from 'tfjs-gan';
import {
  createCycleGan,
  createInpaintingGan,
  createPix2pix,
  createSrgan,
  InstanceNorm,
  PixelShuffle,
  ReflectionPadding,
  Upsampling,
} from 'tfjs-gan/image-to-image';
import { FourierFeatures } from 'tfjs-gan/layers';
import { createCtgan, tableDataset } from 'tfjs-gan/tabular';
import { Random } from '../../src/core/random.ts';
import { modelWeights } from '../../src/models/model-weights.ts';

/** A network and what it is called in a test. */
export type NamedNetwork = readonly [name: string, network: Network];

const L = tf.layers;
type Symbolic = tf.SymbolicTensor;

/** The generators and discriminators of every preset, in each of the ways in which they are conditioned. */
export function presetNetworks(): NamedNetwork[] {
  const image = { imageShape: [12, 8, 3], baseFilters: 4, latentSize: 6, seed: 1 } as const;
  const rows = { sampleShape: [5], hiddenUnits: [7], latentSize: 4, seed: 1 } as const;
  const sn = { imageShape: [16, 16, 3], baseFilters: 4, latentSize: 6, seed: 1 } as const;
  const methods = ['concat', 'projection', 'auxiliary'] as const;
  const conditions = [{ classes: 3 }, { condition: { size: 2 } }] as const;
  const codes = { categorical: [3, 2], continuous: 1 };
  const gans: [string, Gan][] = [
    ['createDcgan of MNIST', createDcgan({ imageShape: [28, 28, 1], baseFilters: 8 })],
    ['createDcgan k3', createDcgan({ ...image, kernelSize: 3 })],
    ['createDcgan k4', createDcgan({ ...image, kernelSize: 4 })],
    ['createDcgan k7', createDcgan({ ...image, kernelSize: 7 })],
    ['createDcgan k1', createDcgan({ ...image, kernelSize: 1 })],
    ['createMlpGan', createMlpGan(rows)],
    ['createMlpGan of images', createMlpGan({ ...rows, sampleShape: [4, 4, 3] })],
    ['createWgan', createWgan(image)],
    ['createWganGp', createWganGp(image)],
    ['createSngan', createSngan(sn)],
    ['createSngan resnet', createSngan({ ...sn, networks: 'resnet' })],
    ['createR3gan', createR3gan({ imageShape: [16, 16, 3] })],
    ['createInfoGan', createInfoGan({ ...image, codes })],
    ...methods.flatMap((conditioning) =>
      conditions.flatMap((condition): [string, Gan][] => {
        const way = `${conditioning} ${Object.keys(condition).join('')}`;
        const more = { ...condition, conditioning };
        return [
          [`createDcgan ${way}`, createDcgan({ ...image, ...more })],
          [`createMlpGan ${way}`, createMlpGan({ ...rows, ...more })],
          [`createWganGp ${way}`, createWganGp({ ...image, ...more })],
          [`createSngan ${way}`, createSngan({ ...sn, ...more })],
          [`createSngan resnet ${way}`, createSngan({ ...sn, networks: 'resnet', ...more })],
        ];
      }),
    ),
  ];
  const pix2pix = createPix2pix({
    sourceShape: [16, 16, 1],
    targetShape: [16, 16, 3],
    baseFilters: 4,
  });
  const small = { imageShape: [16, 16, 3], baseFilters: 4, discriminatorFilters: 4 } as const;
  const srgan = createSrgan({ ...small, blocks: 1, contentSteps: 1 });
  const inpainting = createInpaintingGan(small);
  const table = tableDataset('kind,size\na,1\nb,2.5\na,7\nb,2\na,1\n');
  const units = { generatorUnits: [6], discriminatorUnits: [6] };
  const ctgan = createCtgan({ table, latentSize: 4, ...units });
  const cycle = createCycleGan({ shapes: { a: [16, 16, 1], b: [16, 16, 3] }, baseFilters: 4 });
  return [
    ...gans.flatMap(([name, gan]): NamedNetwork[] => [
      [`${name}: generator`, gan.generator],
      [`${name}: discriminator`, gan.discriminator],
    ]),
    ['createPix2pix: generator', pix2pix.generator.generator],
    ['createPix2pix: discriminator', pix2pix.discriminator],
    ['createCycleGan: generator', cycle.generators.aToB.generator],
    ['createCycleGan: discriminator', cycle.discriminators.b],
    ['createSrgan: generator', srgan.generator.generator],
    ['createSrgan: discriminator', srgan.discriminator],
    ['createInpaintingGan: generator', inpainting.inpainter.generator],
    ['createInpaintingGan: discriminator', inpainting.discriminator],
    ['createCtgan: generator', ctgan.generator.generator],
    ['createCtgan: discriminator', ctgan.discriminator],
  ];
}

/** One small model for each kind of layer, and for ways in which layers are connected. */
export function layerNetworks(): NamedNetwork[] {
  const same = { padding: 'same' } as const;
  const activations = [
    ...['linear', 'relu', 'relu6', 'tanh', 'sigmoid', 'hardSigmoid', 'softplus', 'softsign', 'elu'],
    ...['selu', 'swish', 'mish', 'gelu', 'softmax', 'logSoftmax'],
  ] as const;
  const inner = model([4, 4, 3], [L.conv2d({ filters: 3, kernelSize: 3, ...same }), L.reLU()]);
  const chains: [string, tf.LayersModel][] = [
    ['dense over axes', model([3, 5], [L.dense({ units: 4, activation: 'relu' })])],
    ['dense over images', model([4, 3, 5], [L.dense({ units: 4 })])],
    [
      'convolutions of odd sizes',
      model(
        [9, 7, 2],
        [
          L.conv2d({ filters: 4, kernelSize: [3, 5], strides: 2, ...same, activation: 'tanh' }),
          L.conv2d({ filters: 4, kernelSize: 2, dilationRate: 2, useBias: false }),
        ],
      ),
    ],
    [
      'dilated convolution',
      model([7, 8, 2], [L.conv2d({ filters: 3, kernelSize: 3, dilationRate: 3, ...same })]),
    ],
    [
      'depthwise',
      model(
        [6, 5, 4],
        [L.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2, ...same })],
      ),
    ],
    [
      'separable',
      model(
        [6, 5, 4],
        [L.separableConv2d({ filters: 3, kernelSize: 3, depthMultiplier: 2, ...same })],
      ),
    ],
    ...[1, 2, 3, 4, 5, 6].flatMap((kernelSize) =>
      (['same', 'valid'] as const).flatMap((padding) =>
        [1, 2, 3].map((strides): [string, tf.LayersModel] => [
          `transposed k${kernelSize} s${strides} ${padding}`,
          model([3, 4, 2], [L.conv2dTranspose({ filters: 3, kernelSize, strides, padding })]),
        ]),
      ),
    ),
    ['nearest', model([3, 4, 2], [L.upSampling2d({ size: [2, 3] })])],
    ['bilinear', model([3, 4, 2], [L.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })])],
    [
      'padding and cropping',
      model(
        [4, 5, 2],
        [
          L.zeroPadding2d({
            padding: [
              [1, 2],
              [0, 3],
            ],
          }),
          L.cropping2D({
            cropping: [
              [0, 1],
              [2, 1],
            ],
          }),
        ],
      ),
    ],
    ['average pool', model([7, 5, 2], [L.averagePooling2d({ poolSize: 3, strides: 2, ...same })])],
    ['max pool', model([7, 5, 2], [L.maxPooling2d({ poolSize: [2, 3], strides: 1, ...same })])],
    [
      'valid pools',
      model([7, 6, 2], [L.averagePooling2d({ poolSize: 2 }), L.maxPooling2d({ poolSize: 2 })]),
    ],
    ['global average', model([4, 3, 2], [L.globalAveragePooling2d({})])],
    ['global max', model([4, 3, 2], [L.globalMaxPooling2d({})])],
    ['batch norm of vectors', model([6], [L.batchNormalization({ scale: false })])],
    [
      'batch norm of images',
      model([3, 2, 6], [L.batchNormalization({ center: false, epsilon: 0.1 })]),
    ],
    ['batch norm of rows', model([3, 6], [L.batchNormalization({})])],
    ['layer norm of images', model([3, 2, 6], [L.layerNormalization({ axis: [1, 2, 3] })])],
    ['layer norm of channels', model([3, 2, 6], [L.layerNormalization({ axis: -1 })])],
    ['layer norm of vectors', model([6], [L.layerNormalization({ scale: false })])],
    ['leaky, elu', model([6], [L.leakyReLU({ alpha: 0.3 }), L.elu()])],
    ['bounded ReLU', model([6], [L.reLU({ maxValue: 0.5 })])],
    ['thresholded ReLU', model([6], [L.thresholdedReLU({ theta: 0.4 })])],
    ['parametric ReLU', model([3, 2, 4], [L.prelu({})])],
    ['parametric ReLU of vectors', model([4], [L.prelu({})])],
    ['softmax layer', model([3, 2, 4], [L.softmax({ axis: -1 })])],
    ...activations.map((activation): [string, tf.LayersModel] => [
      `activation ${activation}`,
      // The list of TensorFlow.js's types lacks logSoftmax.
      model([3, 2, 4], [L.activation({ activation: activation as 'softmax' })]),
    ]),
    ['instance norm', model([4, 3, 2], [new InstanceNorm()])],
    [
      'instance norm with weights',
      model([4, 3, 2], [new InstanceNorm({ affine: true, epsilon: 0.1 })]),
    ],
    ['blur', model([4, 3, 2], [new Blur()])],
    ['learned basis', model([4], [new LearnedBasis({ height: 3, width: 2 })])],
    ['Fourier features', model([3], [new FourierFeatures({ count: 4, spread: 2, seed: 1 })])],
    ['minibatch deviation', model([4, 3, 2], [new MinibatchDeviation({ groupSize: 3 })])],
    ['minibatch deviation of rows', model([4], [new MinibatchDeviation()])],
    ['pixel shuffle', model([3, 2, 18], [new PixelShuffle({ factor: 3 })])],
    ['reflection', model([4, 5, 2], [new ReflectionPadding({ padding: 3 })])],
    ...(['nearest', 'bilinear'] as const).flatMap((interpolation) =>
      [2, 3].map((factor): [string, tf.LayersModel] => [
        `upsampling ${interpolation} ${factor}`,
        model([3, 4, 2], [new Upsampling({ factor, interpolation })]),
      ]),
    ),
    [
      'orders of numbers',
      model(
        [3, 4, 2],
        [
          L.permute({ dims: [2, 1, 3] }),
          L.reshape({ targetShape: [2, 6, 2] }),
          L.flatten(),
          L.repeatVector({ n: 2 }),
          L.permute({ dims: [2, 1] }),
        ],
      ),
    ],
    ['rescaling', model([4], [L.rescaling({ scale: 2, offset: -0.5 })])],
    [
      'left out',
      model([6], [L.dropout({ rate: 0.5 }), L.gaussianNoise({ stddev: 1 }), L.dense({ units: 2 })]),
    ],
    ['model in a model', model([4, 4, 3], [inner, L.flatten(), L.dense({ units: 5 })])],
    ['sequential', tf.sequential({ layers: [L.dense({ inputShape: [3], units: 4 }), L.reLU()] })],
  ];
  return [
    ...chains.map(([name, chain]): NamedNetwork => [name, networkOf(chain)]),
    ['branches and merges', branches()],
    ['a layer and a model used twice', shared()],
    ['a convolution used at two sizes', convolvedTwice()],
    ['embedded labels', embedded('int32', [1])],
    ['embedded labels without an axis', embedded('int32', [])],
    ['embedded labels, as Keras has them', embedded('float32', [1])],
    ['embedded map of labels', embeddedMap()],
    ['labels as numbers and as a one among zeros', labelsTwice()],
    ['several outputs', heads()],
  ];
}

function model(shape: number[], layers: tf.layers.Layer[]): tf.LayersModel {
  const inputs = tf.input({ shape });
  const outputs = layers.reduce((x, layer) => layer.apply(x) as Symbolic, inputs);
  return tf.model({ inputs, outputs });
}

function networkOf(only: tf.LayersModel): Network {
  return { model: only, inputs: { x: { kind: 'tensor' } }, outputs: ['y'] };
}

function branches(): Network {
  const x = tf.input({ shape: [4, 4, 2] });
  const one = L.conv2d({ filters: 2, kernelSize: 1 }).apply(x) as Symbolic;
  const all = [one, x];
  const merged = [L.add(), L.multiply(), L.maximum(), L.minimum(), L.average()].map(
    (layer) => layer.apply(all) as Symbolic,
  );
  const rows = L.concatenate({ axis: 1 }).apply(merged) as Symbolic;
  const outputs = L.concatenate().apply([rows, rows]) as Symbolic;
  return networkOf(tf.model({ inputs: x, outputs }));
}

function shared(): Network {
  const x = tf.input({ shape: [6] });
  const dense = L.dense({ units: 6, activation: 'tanh' });
  const pair = tf.input({ shape: [6] });
  const inside = L.dense({ units: 6 }).apply(pair) as Symbolic;
  const block = tf.model({ inputs: pair, outputs: [L.reLU().apply(inside) as Symbolic, inside] });
  const twice = dense.apply(dense.apply(x)) as Symbolic;
  const first = block.apply(twice) as Symbolic[];
  const second = block.apply(x) as Symbolic[];
  const outputs = L.concatenate().apply([...first, ...second]) as Symbolic;
  return networkOf(tf.model({ inputs: x, outputs }));
}

/** At 8 rows, it is padded behind alone, at 7 on both sides. */
function convolvedTwice(): Network {
  const x = tf.input({ shape: [8, 8, 2] });
  const conv = L.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' });
  const smaller = L.cropping2D({
    cropping: [
      [0, 1],
      [1, 0],
    ],
  });
  const both = [x, smaller.apply(x) as Symbolic].map((maps) => conv.apply(maps) as Symbolic);
  return networkOf(tf.model({ inputs: x, outputs: L.concatenate().apply(both) as Symbolic }));
}

function embedded(dtype: 'int32' | 'float32', shape: number[]): Network {
  const [latents, labels] = [tf.input({ shape: [4] }), tf.input({ shape, dtype })];
  const rows = L.embedding({ inputDim: 3, outputDim: 4 }).apply(labels) as Symbolic;
  const vectors = shape.length === 0 ? rows : (L.flatten().apply(rows) as Symbolic);
  const outputs = L.multiply().apply([latents, vectors]) as Symbolic;
  return {
    model: tf.model({ inputs: [latents, labels], outputs }),
    inputs: { latents: { kind: 'latents' }, labels: { kind: 'condition', classes: 3 } },
    outputs: ['samples'],
  };
}

/** A channel for each column of the table, which a convolution then sees. */
function embeddedMap(): Network {
  const labels = tf.input({ shape: [3, 2], dtype: 'int32' });
  const maps = L.embedding({ inputDim: 3, outputDim: 4 }).apply(labels) as Symbolic;
  const outputs = L.conv2d({ filters: 5, kernelSize: 2 }).apply(maps) as Symbolic;
  const model = tf.model({ inputs: labels, outputs });
  return { model, inputs: { map: { kind: 'tensor' } }, outputs: ['samples'] };
}

function labelsTwice(): Network {
  const [x, labels] = [tf.input({ shape: [4] }), tf.input({ shape: [1] })];
  const oneHot = new OneHot({ classes: 3 }).apply(labels) as Symbolic;
  const joined = L.concatenate().apply([x, oneHot, labels]) as Symbolic;
  return {
    model: tf.model({
      inputs: [x, labels],
      outputs: L.dense({ units: 2 }).apply(joined) as Symbolic,
    }),
    inputs: { x: { kind: 'tensor' }, labels: { kind: 'condition', classes: 3 } },
    outputs: ['y'],
  };
}

function heads(): Network {
  const x = tf.input({ shape: [6, 6, 2] });
  const features = L.conv2d({ filters: 3, kernelSize: 3 }).apply(x) as Symbolic;
  const logits = L.dense({ units: 1 }).apply(L.flatten().apply(features)) as Symbolic;
  return {
    model: tf.model({ inputs: x, outputs: [logits, features] }),
    inputs: { samples: { kind: 'tensor' } },
    outputs: ['logits', 'features'],
  };
}

/** Weights and statistics that show a mistake: no zeros, no ones, no two alike. */
export function fillWeights({ model }: Network, seed: number): void {
  const random = new Random(seed);
  for (const weight of modelWeights(model)) {
    const value = weight.read();
    const fan = value.rank > 1 ? value.size / value.shape.at(-1)! : 9;
    const numbers = random.normalArray(value.size).map((x) => {
      if (weight.role === 'moving_variance') return 0.5 + x * x;
      return weight.role === 'gamma' ? 1 + 0.2 * x : x / Math.sqrt(fan);
    });
    tf.tidy(() => weight.restore(tf.tensor(numbers, value.shape)));
  }
}

/** A batch for each input of a network, by name: labels as int32 `[batch]`. */
export function batchFor(network: Network, count: number, seed: number): Record<string, tf.Tensor> {
  const random = new Random(seed);
  const entries = Object.entries(network.inputs).map(([name, input], i) => {
    const { shape, dtype } = network.model.inputs[i]!;
    const isClass = input.kind === 'condition' && input.classes !== undefined;
    if (isClass || dtype === 'int32') {
      // Labels are [batch] in files, also if the model has them as [batch, 1]; maps of labels are as they are.
      const sides = shape.length > 2 ? (shape.slice(1) as number[]) : [];
      const length = sides.reduce((a, b) => a * b, count);
      const labels = Array.from({ length }, () => random.integer(3));
      return [name, tf.tensor(labels, [count, ...sides], 'int32')] as const;
    }
    const row = shape.slice(1) as number[];
    const numbers = random.normalArray(row.reduce((a, b) => a * b, count));
    return [name, tf.tensor(numbers, [count, ...row])] as const;
  });
  return Object.fromEntries(entries);
}

/** What the network itself returns for a batch, by output, moving statistics in use. */
export function expectedOf(
  network: Network,
  batch: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const inputs = Object.values(batch).map((tensor, i) =>
      tensor.rank === 1 && network.model.inputs[i]!.shape.length === 2
        ? tf.expandDims(tensor, 1)
        : tensor,
    );
    const made = [
      network.model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false }),
    ].flat() as tf.Tensor[];
    const named = network.outputs.map((name) => (name in network.inputs ? `new_${name}` : name));
    return Object.fromEntries(named.map((name, i) => [name, made[i]!.clone()]));
  });
}

/** The largest difference of two arrays, as a share of the largest number. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [most, largest] = [0, 0];
  for (let i = 0; i < expected.length; i += 1) {
    // NaN must not pass as a small difference.
    const distance = Math.abs(actual[i]! - expected[i]!);
    most = Number.isNaN(distance) ? Infinity : Math.max(most, distance);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return most / largest;
}
