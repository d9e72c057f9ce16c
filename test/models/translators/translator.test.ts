import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { DataFormatError, Generator, mlpGenerator } from 'tfjs-gan';
import { resnetTranslator, Translator, unetTranslator, Upsampling } from 'tfjs-gan/image-to-image';
import { savedBy } from '../../layers/saved-by.ts';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const noise = (shape: readonly number[], seed = 1): tf.Tensor4D =>
  tf.randomUniform<tf.Rank.R4>(
    [...shape] as [number, number, number, number],
    -1,
    1,
    'float32',
    seed,
  );

/** A network of convolutions that sees `radius` pixels in each direction. */
function local(side: number, radius: number, channels = 1): Translator {
  const input = tf.input({ shape: [side, side, channels] });
  const convolution = (x: tf.SymbolicTensor, filters: number, kernelSize: number) => {
    const kernelInitializer = tf.initializers.glorotUniform({ seed: filters });
    const settings = { filters, kernelSize, kernelInitializer };
    const layer = tf.layers.conv2d({ ...settings, padding: 'same', activation: 'tanh' });
    return layer.apply(x) as tf.SymbolicTensor;
  };
  const outputs = convolution(convolution(input, 4, 2 * radius - 1), 2, 3);
  return new Translator({ model: tf.model({ inputs: input, outputs }), ownsModel: true });
}

/** The same weights for pictures of another size. */
function resized(translator: Translator, side: number, radius: number): Translator {
  const larger = local(side, radius, translator.sourceShape[2]);
  larger.generator.model.setWeights(translator.generator.model.getWeights());
  return larger;
}

const largest = (x: tf.Tensor, y: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(x, y))).dataSync()[0]!);

describe('Translator.translate', () => {
  test('passes pictures of its size through the network as they are, one by one or in a batch', () => {
    using translator = local(8, 1);
    const pictures = noise([3, 8, 8, 1]);
    tf.tidy(() => {
      const whole = translator.translate(pictures);
      const wanted = translator.generator.model.predict(pictures) as tf.Tensor;
      expect(whole.dataSync()).toEqual(wanted.dataSync());
      const second = translator.translate(tf.squeeze<tf.Tensor3D>(tf.slice(pictures, 1, 1), [0]));
      expect(second.shape).toEqual([8, 8, 2]);
      expect(largest(second, tf.squeeze(tf.slice(whole, 1, 1), [0]))).toBeLessThan(1e-6);
    });
    tf.dispose(pictures);
  });

  // Sides that are a whole number of half tiles, and others; a receptive field of an eighth of a tile at most.
  test.each([
    [16, 2, [48, 48]],
    [16, 2, [40, 57]],
    [32, 4, [48, 64]],
  ])(
    'is the whole picture inside, for tiles of %d that see %d pixels and pictures of %o',
    (side, radius, [height = 0, width = 0]) => {
      using translator = local(side, radius);
      using whole = resized(translator, 64, radius);
      tf.tidy(() => {
        const canvas = noise([2, 64, 64, 1]);
        const picture = tf.slice(canvas, [0, 0, 0, 0], [2, height, width, 1]);
        const tiled = translator.translate(picture);
        expect(tiled.shape).toEqual([2, height, width, 2]);
        const wanted = whole.generator.model.predict(canvas) as tf.Tensor4D;
        // Where the picture ends, the network sees other pixels than the canvas has.
        const size: [number, number, number, number] = [2, height - radius, width - radius, 2];
        const inside = [tiled, wanted].map((x) => tf.slice(x, [0, 0, 0, 0], size));
        expect(largest(inside[0]!, inside[1]!)).toBeLessThan(1e-5);
        expect(largest(wanted, tf.zerosLike(wanted))).toBeGreaterThan(0.1);
      });
    },
  );

  test('fades from tile to tile if the network sees all of a tile', () => {
    // Each tile becomes its own mean.
    const input = tf.input({ shape: [8, 8, 1] });
    const mean = tf.layers.averagePooling2d({ poolSize: 8 }).apply(input) as tf.SymbolicTensor;
    const outputs = tf.layers.upSampling2d({ size: [8, 8] }).apply(mean) as tf.SymbolicTensor;
    using translator = new Translator({ model: tf.model({ inputs: input, outputs }) });
    tf.tidy(() => {
      // 12 pixels: a tile of −1, then one half of −1 and half of 1.
      const picture = tf.concat<tf.Tensor4D>([tf.fill([1, 8, 8, 1], -1), tf.ones([1, 8, 4, 1])], 2);
      const row = [
        ...tf.slice(translator.translate(picture), [0, 0, 0, 0], [1, 1, 12, 1]).dataSync(),
      ];
      // Four shared pixels: an eighth of a tile is the first one's, then a share of ¼, of ¾, then the second one's.
      expect(row).toEqual([-1, -1, -1, -1, -1, -0.75, -0.25, 0, 0, 0, 0, 0]);
    });
  });

  test('continues smaller pictures by their mirror image', () => {
    using translator = local(8, 1);
    tf.tidy(() => {
      const small = noise([1, 5, 3, 1]);
      const rows = tf.gather(small, [0, 1, 2, 3, 4, 3, 2, 1], 1);
      const mirrored = tf.gather(rows, [0, 1, 2, 1, 0, 1, 2, 1], 2);
      const wanted = translator.generator.model.predict(mirrored) as tf.Tensor4D;
      const translated = translator.translate(small);
      expect(translated.shape).toEqual([1, 5, 3, 2]);
      expect(largest(translated, tf.slice(wanted, [0, 0, 0, 0], [1, 5, 3, 2]))).toBe(0);
      expect(translator.translate(tf.zeros<tf.Rank.R3>([1, 1, 1])).shape).toEqual([1, 1, 2]);
    });
  });

  test('lays pictures with opacity on white, and gives them their opacity back', () => {
    using translator = local(8, 1, 3);
    tf.tidy(() => {
      const colors = noise([2, 20, 9, 3]);
      const opacity = noise([2, 20, 9, 1], 2);
      const translated = translator.translate(tf.concat([colors, opacity], 3));
      expect(translated.shape).toEqual([2, 20, 9, 3]);
      const [made, kept] = tf.split(translated, [2, 1], 3);
      expect(kept!.dataSync()).toEqual(opacity.dataSync());
      const alpha = tf.div(tf.add(opacity, 1), 2);
      const onWhite = tf.add<tf.Tensor4D>(tf.mul(colors, alpha), tf.sub(1, alpha));
      expect(largest(made!, translator.translate(onWhite))).toBeLessThan(1e-5);
      // Without any opacity nothing of the colors is left; with all of it everything.
      const none = tf.fill<tf.Rank.R4>([2, 20, 9, 1], -1);
      const clear = translator.translate(tf.concat([colors, none], 3));
      const white = translator.translate(tf.ones<tf.Rank.R4>([2, 20, 9, 3]));
      expect(largest(tf.slice(clear, 0, 2).slice([0, 0, 0, 0], [2, 20, 9, 2]), white)).toBe(0);
    });
  });

  test('enlarges pictures of any size, and their opacity', () => {
    const input = tf.input({ shape: [8, 8, 1] });
    const layer = new Upsampling({ factor: 2, interpolation: 'bilinear' });
    const outputs = layer.apply(input) as tf.SymbolicTensor;
    using translator = new Translator({ model: tf.model({ inputs: input, outputs }) });
    tf.tidy(() => {
      const picture = noise([2, 20, 13, 1]);
      const opacity = noise([2, 20, 13, 1], 2);
      const wanted = tf.image.resizeBilinear(picture, [40, 26], false, true);
      const enlarged = translator.translate(picture);
      expect(enlarged.shape).toEqual([2, 40, 26, 1]);
      // Beyond the last pixels of a picture the tiles continue it, and the whole picture ends.
      const inside = [enlarged, wanted].map((x) => tf.slice(x, [0, 0, 0, 0], [2, 38, 24, 1]));
      expect(largest(inside[0]!, inside[1]!)).toBeLessThan(1e-5);
      const [, kept] = tf.split(translator.translate(tf.concat([picture, opacity], 3)), 2, 3);
      const both = tf.image.resizeBilinear(opacity, [40, 26], false, true);
      expect(largest(kept!, both)).toBeLessThan(1e-6);
    });
  });

  test('translates many tiles in turns, and leaves no tensors behind', () => {
    using translator = local(64, 1);
    const picture = tf.fill<tf.Rank.R4>([1, 512, 300, 1], 0.5);
    translator.translate(picture).dispose();
    const before = tf.memory().numTensors;
    const translated = translator.translate(picture);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.tidy(() => {
      const inside = tf.slice(translated, [0, 2, 2, 0], [1, 508, 296, 2]);
      const [first] = tf.split(inside, 2, 3);
      expect(tf.max(first!).dataSync()[0]! - tf.min(first!).dataSync()[0]!).toBeLessThan(1e-5);
    });
    tf.dispose([picture, translated]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'another number of channels',
      () => tf.zeros([1, 8, 8, 3]),
      'with 1 channels, or 2 with opacity, as a translator of [8, 8, 1] takes, got [1, 8, 8, 3]',
    ],
    [
      'a matrix',
      () => tf.zeros([8, 1]),
      'images must be of the shape [batch, height, width, channels] or [height, width, channels]',
    ],
    ['nothing to translate', () => tf.zeros([0, 8, 8, 1]), 'got [0, 8, 8, 1]'],
    [
      'bytes',
      () => tf.zeros([1, 8, 8, 1], 'int32'),
      'images must be of dtype float32 with values in −1…1, got int32. Make bytes such numbers first',
    ],
    ['a list', () => [[1]], 'images must be a tensor [batch, height, width, channels] or'],
    ['a promise', () => Promise.resolve(1), 'got an instance of Promise. Wait for it: await …'],
  ])('refuses %s', (_, images, message) => {
    const translator = local(8, 1);
    expect(() => translator.translate(images() as tf.Tensor4D)).toThrow(message);
    expect(() => translator.translate(noise([1, 8, 8, 1]), { average: true } as never)).toThrow(
      "Cannot translate: options must have only the names averaged, got 'average'",
    );
    translator.dispose();
    expect(() => translator.translate(noise([1, 8, 8, 1]))).toThrow(
      'Cannot translate: this Translator was disposed',
    );
  });

  test('refuses larger pictures for a network with odd sides', () => {
    using translator = local(9, 1);
    expect(translator.translate(tf.zeros<tf.Rank.R3>([9, 4, 1])).shape).toEqual([9, 4, 2]);
    expect(() => translator.translate(tf.zeros<tf.Rank.R3>([9, 10, 1]))).toThrow(
      'images must be no larger than 9×9, as only a network with even sides works in tiles, got [9, 10, 1]',
    );
  });
});

describe('a new Translator', () => {
  const dense = (): tf.LayersModel =>
    tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
  const halving = (): tf.LayersModel =>
    tf.sequential({ layers: [tf.layers.maxPooling2d({ poolSize: 2, inputShape: [8, 8, 1] })] });

  test.each<[string, () => unknown, string]>([
    [
      'of nothing',
      () => new Translator({} as never),
      'model must be a tf.LayersModel with one input, got undefined. A saved one is read by Translator.load(url)',
    ],
    [
      'of a model that is still being loaded',
      () => new Translator({ model: Promise.resolve(dense()) as never }),
      'model must be a tf.LayersModel with one input, got an instance of Promise. A saved one is read by ' +
        'Translator.load(url)',
    ],
    [
      'of vectors',
      () => new Translator({ model: dense() }),
      'the model must take and return pictures of a known height, width and number of channels, got one from [2] to [2]',
    ],
    [
      'that makes pictures smaller',
      () => new Translator({ model: halving() }),
      'the model must keep height and width of a picture, or multiply both by a whole number, ' +
        'got one from [8, 8, 1] to [4, 4, 1]',
    ],
    [
      'with an unknown option',
      () => new Translator({ model: dense(), name: 'x' } as never),
      'options must have only the names model, inputName, ownsModel',
    ],
  ])('is refused: %s', (_, make, message) => {
    expect(make).toThrow(`Cannot create a Translator: ${message}`);
  });
});

describe('a saved Translator', () => {
  test.each([
    [
      'U-Net',
      () =>
        unetTranslator({
          sourceShape: [16, 16, 1],
          targetShape: [16, 16, 3],
          baseFilters: 2,
          upsampling: 'shuffle',
        }),
    ],
    [
      'residual translator',
      () =>
        resnetTranslator({
          sourceShape: [16, 16, 1],
          targetShape: [16, 16, 3],
          baseFilters: 2,
          blocks: 1,
          upsampling: 'bilinear',
        }),
    ],
  ])('translates as before after loading: %s', async (_, make) => {
    const translator = make();
    const saved = await savedBy((handler) => translator.save(handler));
    const handler = tf.io.fromMemory(saved);
    const loaded = await Translator.load(handler);
    expect([loaded.sourceShape, loaded.targetShape]).toEqual([
      [16, 16, 1],
      [16, 16, 3],
    ]);
    tf.tidy(() => {
      const picture = noise([1, 40, 24, 1]);
      const [before, after] = [translator, loaded].map((one) => one.translate(picture));
      expect(after!.dataSync()).toEqual(before!.dataSync());
    });
    // The root's class reads it as well, once the layers are known, as a generator with a source.
    const generator = await Generator.load(tf.io.fromMemory(saved));
    expect(Object.keys(generator.inputs)).toEqual(['source']);
    for (const one of [translator, loaded, generator]) one.dispose();
  });

  test('of another kind is refused, and nothing is left of it', async () => {
    const other = mlpGenerator({ sampleShape: [2] });
    const saved = await savedBy((handler) => other.save(handler));
    other.dispose();
    const before = tf.memory().numTensors;
    await expect(Translator.load(tf.io.fromMemory(saved))).rejects.toThrow(
      'Cannot load a translator: the file must hold a network from pictures to pictures, got a generator of latents. ' +
        'Read it by Generator.load(url)',
    );
    await expect(Translator.load(tf.io.fromMemory({ modelTopology: {} }))).rejects.toThrow(
      DataFormatError,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
