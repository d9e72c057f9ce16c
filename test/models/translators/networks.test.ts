import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { type ImageShape } from 'tfjs-gan';
import {
  patchDiscriminator,
  resnetTranslator,
  type Translator,
  unetTranslator,
  type UpsamplingMethod,
} from 'tfjs-gan/image-to-image';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const small = (side: number): { sourceShape: ImageShape; targetShape: ImageShape } => ({
  sourceShape: [side, side, 1],
  targetShape: [side, side, 3],
});

/** Sides of what a network's convolutions return, in their order. */
const sidesIn = ({ layers }: tf.LayersModel, kind: string): (number | null)[] =>
  layers
    .filter((layer) => layer.getClassName() === kind)
    .map((layer) => (layer.outputShape as tf.Shape)[1]!);

const classesIn = ({ generator: { model } }: Pick<Translator, 'generator'>): string[] =>
  model.layers.map((layer) => layer.getClassName());

describe('unetTranslator', () => {
  test.each<[ImageShape, number]>([
    [[16, 16, 1], 3],
    [[32, 32, 1], 4],
    [[28, 28, 1], 2],
    [[18, 30, 1], 1],
    [[16, 64, 1], 3],
    [[48, 96, 1], 4],
  ])(
    'of %o halves the sides as often as leaves whole ones of at least 2: %d times',
    (shape, depth) => {
      const [height, width] = shape;
      const targetShape: ImageShape = [height, width, 3];
      using translator = unetTranslator({ sourceShape: shape, targetShape, baseFilters: 2 });
      const { model } = translator.generator;
      expect(sidesIn(model, 'Conv2D')).toHaveLength(depth);
      expect(sidesIn(model, 'Conv2DTranspose')).toHaveLength(depth);
      expect(sidesIn(model, 'Conv2D').at(-1)).toBe(height / 2 ** depth);
      tf.tidy(() => {
        const translated = translator.translate(tf.zeros<tf.Rank.R4>([2, height, width, 1]));
        expect(translated.shape).toEqual([2, height, width, 3]);
      });
    },
  );

  test('has the weights of the paper, for 256×256 with 64 filters and depth 8', () => {
    const shape: ImageShape = [256, 256, 3];
    using translator = unetTranslator({
      sourceShape: shape,
      targetShape: shape,
      baseFilters: 64,
      depth: 8,
      normalization: 'batch',
    });
    // netG 'unet_256' of the authors' PyTorch code prints 54.414 M parameters (54,413,955).
    const trained = translator.generator.model.trainableWeights.reduce(
      (sum, { shape: sizes }) => sum + sizes.reduce<number>((size, length) => size * length!, 1),
      0,
    );
    // It has no biases in the first and the last convolution on the way down.
    expect(trained).toBe(54_413_955 + 64 + 512);
    expect(classesIn(translator).filter((name) => name === 'Dropout')).toHaveLength(3);
  });

  test('may be of any depth that the sides allow, down to one pixel', () => {
    using translator = unetTranslator({ ...small(16), baseFilters: 2, depth: 4 });
    expect(sidesIn(translator.generator.model, 'Conv2D')).toEqual([8, 4, 2, 1]);
    const other = tf.tidy(() => {
      const first = translator.translate(tf.randomUniform<tf.Rank.R3>([16, 16, 1], -1, 1));
      return tf.max(tf.abs(first)).dataSync()[0]!;
    });
    expect(other).toBeGreaterThan(0);
  });

  test.each<UpsamplingMethod>(['transposed', 'nearest', 'bilinear', 'shuffle'])(
    'enlarges by %s, and every weight gets a gradient',
    (upsampling) => {
      using translator = unetTranslator({ ...small(16), baseFilters: 2, upsampling });
      const { model } = translator.generator;
      tf.tidy(() => {
        const x = tf.randomUniform([2, 16, 16, 1], -1, 1, 'float32', 1);
        const { grads } = tf.variableGrads(() =>
          tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)).asScalar(),
        );
        expect(Object.keys(grads)).toHaveLength(model.trainableWeights.length);
        for (const [name, grad] of Object.entries(grads)) {
          expect(tf.max(tf.abs(grad)).dataSync()[0], name).toBeGreaterThan(0);
        }
      });
    },
  );

  test('drops values in training and not when it translates', () => {
    const shapes = small(64);
    using translator = unetTranslator({ ...shapes, baseFilters: 1, depth: 6 });
    expect(classesIn(translator).filter((name) => name === 'Dropout')).toHaveLength(1);
    using none = unetTranslator({ ...shapes, baseFilters: 1, depth: 6, dropout: 0 });
    expect(classesIn(none)).not.toContain('Dropout');
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 64, 64, 1], -1, 1, 'float32', 1);
      const [first, second] = [translator.translate(x), translator.translate(x)];
      expect(second.dataSync()).toEqual(first.dataSync());
    });
  });

  test('has the same weights for the same seed, and others for another', () => {
    const weights = (seed: number): number[] => {
      const translator = unetTranslator({ ...small(16), baseFilters: 2, seed });
      const [kernel] = translator.generator.model.getWeights();
      const values = [...kernel!.dataSync()];
      translator.dispose();
      return values;
    };
    expect(weights(3)).toEqual(weights(3));
    expect(weights(4)).not.toEqual(weights(3));
  });

  test.each<[string, object, string]>([
    [
      'sides that cannot be halved',
      { sourceShape: [33, 32, 1], targetShape: [33, 32, 1] },
      'height and width of sourceShape must be multiples of 2, as a U-Net halves them, got [33, 32, 1]. ' +
        'Pad or resize the pictures, for example to [34, 32, 1]',
    ],
    [
      'a depth that the sides do not allow',
      { ...small(28), depth: 3 },
      'height and width of sourceShape must be multiples of 8, as a U-Net of depth 3 halves them 3 times, ' +
        'got [28, 28, 1]. Pad or resize the pictures, for example to [32, 32, 1]',
    ],
    [
      'other sides of the target',
      { sourceShape: [16, 16, 1], targetShape: [32, 32, 1] },
      'sourceShape and targetShape must have one height and one width, got [16, 16, 1] and [32, 32, 1]. Resize one',
    ],
    [
      'channels first',
      { sourceShape: [3, 32, 32], targetShape: [3, 32, 32] },
      'sourceShape must be [height, width, channels], got [3, 32, 32]. Channels come last: [32, 32, 3]',
    ],
    [
      'a shape that is none',
      { sourceShape: 32, targetShape: [32, 32, 1] },
      'sourceShape must be [height, width, channels], got 32',
    ],
    ['another upsampling', { ...small(16), upsampling: 'cubic' }, 'upsampling must be one of'],
    [
      'a dropout of 1',
      { ...small(16), dropout: 1 },
      'dropout must be at least 0 and less than 1, got 1',
    ],
    [
      'an unknown option',
      { ...small(16), filters: 3 },
      'options must have only the names sourceShape',
    ],
  ])('refuses %s', (_, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => unetTranslator(options as never)).toThrow(`Cannot create a U-Net: ${message}`);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('resnetTranslator', () => {
  test('has the weights of the paper, for 256×256 with 64 filters', () => {
    const shape: ImageShape = [256, 256, 3];
    const sizes = { sourceShape: shape, targetShape: shape, baseFilters: 64 };
    using translator = resnetTranslator(sizes);
    const count = translator.generator.model.countParams();
    // netG 'resnet_9blocks' of the authors' PyTorch code prints 11.378 M parameters (11,378,179). It has biases before each
    // instance norm, which takes them away again: 64 + 128 + 256 + 18 · 256 + 128 + 64.
    expect(count).toBe(11_378_179 - (64 + 128 + 256 + 18 * 256 + 128 + 64));
  });

  test.each<[ImageShape, object]>([
    [[16, 16, 3], {}],
    [[28, 20, 1], { blocks: 1, upsampling: 'transposed' }],
    [[8, 8, 2], { blocks: 2, normalization: 'batch', upsampling: 'shuffle' }],
    [[12, 8, 3], { normalization: 'none', upsampling: 'bilinear' }],
  ])('keeps height and width of %o with %o, and every weight gets a gradient', (shape, options) => {
    using translator = resnetTranslator({
      sourceShape: shape,
      targetShape: [shape[0], shape[1], 3],
      baseFilters: 2,
      ...options,
    });
    const { model } = translator.generator;
    tf.tidy(() => {
      const x = tf.randomUniform([2, ...shape], -1, 1, 'float32', 1);
      const { grads } = tf.variableGrads(() =>
        tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)).asScalar(),
      );
      expect(Object.keys(grads)).toHaveLength(model.trainableWeights.length);
      for (const [name, grad] of Object.entries(grads)) {
        expect(tf.max(tf.abs(grad)).dataSync()[0], name).toBeGreaterThan(0);
      }
      expect(translator.translate(x as tf.Tensor4D).shape).toEqual([2, shape[0], shape[1], 3]);
    });
  });

  test.each<[string, object, string]>([
    [
      'sides that cannot be halved twice',
      { ...small(30) },
      'height and width of sourceShape must be multiples of 4, as the network halves them twice, got [30, 30, 1]',
    ],
    ['tiny pictures', { ...small(4) }, 'height and width of sourceShape must be at least 8, got 4'],
    ['no blocks', { ...small(16), blocks: 0 }, 'blocks must be a positive integer, got 0'],
    [
      'an unknown option',
      { ...small(16), depth: 3 },
      'options must have only the names sourceShape',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => resnetTranslator(options as never)).toThrow(
      `Cannot create a residual translator: ${message}`,
    );
  });
});

describe('patchDiscriminator', () => {
  test.each<[number, number, number]>([
    [16, 1, 8],
    [32, 1, 16],
    [64, 2, 16],
    [128, 3, 16],
  ])(
    'of %d pixels has %d levels by itself, and %d logits along each side',
    (side, levels, logits) => {
      using discriminator = patchDiscriminator({ imageShape: [side, side, 1], baseFilters: 1 });
      expect(discriminator.model.outputs[0]!.shape).toEqual([null, logits, logits, 1]);
      expect(sidesIn(discriminator.model, 'Conv2D')).toHaveLength(levels + 2);
    },
  );

  test.each([
    [1, 16],
    [2, 34],
    [3, 70],
  ])('of %d levels lets a logit see %d pixels', (levels, seen) => {
    const side = 128;
    using discriminator = patchDiscriminator({
      imageShape: [side, side, 1],
      baseFilters: 1,
      levels,
      normalization: 'none',
    });
    tf.tidy(() => {
      const { model } = discriminator;
      // All weights positive, so that nothing cancels out or is cut off.
      model.setWeights(model.getWeights().map((weight) => tf.fill(weight.shape, 0.1)));
      const middle = model.outputs[0]!.shape[1]! / 2;
      const slope = tf.grad((x) => {
        const logits = model.apply(x) as tf.Tensor4D;
        return tf.sum(tf.slice(logits, [0, middle, middle, 0], [1, 1, 1, 1]));
      })(tf.ones([1, side, side, 1]));
      const rows = tf.any(tf.notEqual(tf.squeeze(slope), 0), 1);
      expect(tf.sum(tf.cast(rows, 'int32')).dataSync()[0]).toBe(seen);
    });
  });

  test('sees the source beside the picture', () => {
    using discriminator = patchDiscriminator({
      imageShape: [16, 16, 3],
      sourceShape: [16, 16, 2],
      baseFilters: 2,
    });
    expect(discriminator.inputs).toEqual({
      source: { kind: 'condition' },
      samples: { kind: 'tensor' },
    });
    tf.tidy(() => {
      const samples = tf.zeros([2, 16, 16, 3]);
      const [first, second] = [1, 2].map((seed) =>
        discriminator.logits(samples, {
          source: tf.randomUniform([2, 16, 16, 2], -1, 1, 'float32', seed),
        }),
      );
      expect([...first!.dataSync()]).not.toEqual([...second!.dataSync()]);
    });
  });

  test.each<[string, object, string]>([
    ['four levels', { imageShape: [64, 64, 1], levels: 4 }, 'levels must be one of 1, 2, 3, got 4'],
    [
      'sides that cannot be halved as often',
      { imageShape: [28, 28, 1], levels: 3 },
      'height and width of imageShape must be multiples of 8, as a patch discriminator of 3 levels halves them 3 times',
    ],
    [
      'a source of another size',
      { imageShape: [16, 16, 1], sourceShape: [32, 32, 1] },
      'sourceShape and imageShape must have one height and one width, got [32, 32, 1] and [16, 16, 1]',
    ],
    [
      'an unknown option',
      { imageShape: [16, 16, 1], depth: 1 },
      'options must have only the names imageShape',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => patchDiscriminator(options as never)).toThrow(
      `Cannot create a patch discriminator: ${message}`,
    );
  });
});
