import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { InstanceNorm, PixelShuffle, ReflectionPadding, Upsampling } from 'tfjs-gan/image-to-image';
import { buildModel } from '../../../src/models/build-model.ts';
import golden from '../../golden/image-layers.json' with { type: 'json' };
import { backends, type GoldenLayer, matchesPyTorch } from '../golden-layers.ts';
import { savedBy } from '../saved-by.ts';

type Cases = Readonly<Record<string, GoldenLayer>>;

const apply = (layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor =>
  layer.apply(x, { training: true }) as tf.Tensor;

/** Which of several cases a golden layer is. */
const nameOf = (cases: Cases, one: GoldenLayer): string =>
  Object.keys(cases).find((name) => cases[name] === one)!;

const numberIn = (name: string): number => Number(name.split(' ')[0]);

const interpolationIn = (name: string): 'nearest' | 'bilinear' =>
  name.endsWith('bilinear') ? 'bilinear' : 'nearest';

/** An upsampling and a convolution behind it, whose kernel is the layer's. */
const convolution = (): tf.layers.Layer =>
  tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', useBias: false });

describe('InstanceNorm', () => {
  const cases: Cases = golden.instanceNorm;
  const affine = (one: GoldenLayer): boolean => 'gamma' in one.weights;
  matchesPyTorch(cases, (one) => new InstanceNorm({ affine: affine(one) }), apply);
});

describe('ReflectionPadding', () => {
  const cases: Cases = golden.reflectionPadding;
  const make = (one: GoldenLayer): ReflectionPadding =>
    new ReflectionPadding({ padding: numberIn(nameOf(cases, one)) });
  matchesPyTorch(cases, make, apply);
});

describe('PixelShuffle', () => {
  const cases: Cases = golden.pixelShuffle;
  const make = (one: GoldenLayer): PixelShuffle =>
    new PixelShuffle({ factor: numberIn(nameOf(cases, one)) });
  matchesPyTorch(cases, make, apply);
});

describe('Upsampling', () => {
  const cases: Cases = golden.upsampling;
  const make = (one: GoldenLayer): Upsampling => {
    const name = nameOf(cases, one);
    return new Upsampling({ factor: numberIn(name), interpolation: interpolationIn(name) });
  };
  matchesPyTorch(cases, make, apply);
});

describe.each(Object.entries(golden.resizeConvolution as Cases))(
  'a resize-convolution, %s',
  (name, one) => {
    const larger = new Upsampling({ interpolation: interpolationIn(name) });
    matchesPyTorch({ [name]: one }, convolution, (layer, x) => apply(layer, apply(larger, x)));
  },
);

const layers: readonly (readonly [
  string,
  () => tf.layers.Layer,
  inside: readonly number[],
  outside: readonly number[],
])[] = [
  ['InstanceNorm', () => new InstanceNorm({ affine: true, epsilon: 1e-3 }), [3, 4, 8], [3, 4, 8]],
  ['ReflectionPadding', () => new ReflectionPadding({ padding: 2 }), [3, 4, 8], [7, 8, 8]],
  ['PixelShuffle', () => new PixelShuffle({ factor: 2 }), [3, 4, 8], [6, 8, 2]],
  [
    'Upsampling',
    () => new Upsampling({ factor: 3, interpolation: 'bilinear' }),
    [3, 4, 8],
    [9, 12, 8],
  ],
];

describe.each(layers)('%s', (name, make, inside, outside) => {
  beforeAll(async () => {
    await backends['wasm-train']!();
  });

  test('states the shape that it returns, for any batch and for sides that are not known yet', () => {
    const layer = make();
    expect(layer.computeOutputShape([null, ...inside])).toEqual([null, ...outside]);
    const [, , channels] = inside;
    const free = layer.computeOutputShape([null, null, null, channels!]);
    expect(free).toEqual([null, null, null, outside[2]]);
    tf.tidy(() => {
      const x = tf.randomNormal([2, ...inside]);
      expect(apply(layer, x).shape).toEqual([2, ...outside]);
    });
    layer.dispose();
  });

  test('can be created again of its config, under its own name', () => {
    const layer = make();
    const layerClass = layer.constructor as typeof InstanceNorm;
    const again = layerClass.fromConfig(
      layerClass,
      layer.getConfig(),
    ) as unknown as tf.layers.Layer;
    expect(again.getClassName()).toBe(name);
    expect(again.getConfig()).toEqual(layer.getConfig());
  });

  test('is in a saved model what it was', async () => {
    const input = tf.input({ shape: [...inside] });
    const layer = make();
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    tf.tidy(() => {
      layer.setWeights(layer.weights.map(({ shape }) => tf.randomNormal(shape as number[])));
    });
    const loaded = await buildModel(await savedBy((handler) => model.save(handler)), 'a model');
    tf.tidy(() => {
      const x = tf.randomNormal([2, ...inside], 0, 1, 'float32', 3);
      const [before, after] = [model, loaded].map((one) => one.predict(x) as tf.Tensor);
      expect(after!.dataSync()).toEqual(before!.dataSync());
    });
    model.dispose();
    loaded.dispose();
  });

  test('leaves no tensors behind, and refuses what are no feature maps and unknown settings', () => {
    const layer = make();
    const x = tf.zeros([1, ...inside]);
    apply(layer, x).dispose();
    const before = tf.memory().numTensors;
    apply(layer, x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(() => layer.apply(tf.input({ shape: [8] }))).toThrow(
      'the input must be feature maps of the shape [batch, height, width, channels], got [null, 8]',
    );
    expect(() => layer.apply(tf.zeros([2, 8]))).toThrow('must be feature maps');
    const layerClass = layer.constructor as new (options: object) => tf.layers.Layer;
    expect(() => new layerClass({ factor: 2, padding: 2, paddings: 1 })).toThrow(
      /have only the names/,
    );
  });
});

describe('settings out of range', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a padding of 0',
      () => new ReflectionPadding({ padding: 0 }),
      'Cannot create a ReflectionPadding: padding must be a positive integer, got 0',
    ],
    [
      'a padding as large as the image',
      () => new ReflectionPadding({ padding: 3, name: 'wide' }).apply(tf.zeros([1, 3, 8, 1])),
      'height and width must be more than the padding 3, got [1, 3, 8, 1]',
    ],
    [
      'channels that make no square',
      () => new PixelShuffle({ factor: 2, name: 'odd' }).apply(tf.input({ shape: [4, 4, 6] })),
      'Cannot apply odd: channels must be a multiple of 4 (factor²), got [null, 4, 4, 6]',
    ],
    [
      'a factor of one half',
      () => new PixelShuffle({ factor: 0.5 }),
      'Cannot create a PixelShuffle: factor must be a positive integer, got 0.5',
    ],
    [
      'another interpolation',
      () => new Upsampling({ interpolation: 'bicubic' as 'bilinear' }),
      "Cannot create an Upsampling: interpolation must be one of 'nearest', 'bilinear', got 'bicubic'",
    ],
    [
      'an epsilon of 0',
      () => new InstanceNorm({ epsilon: 0 }),
      'Cannot create an InstanceNorm: epsilon must be a positive number, got 0',
    ],
  ])('are refused: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
