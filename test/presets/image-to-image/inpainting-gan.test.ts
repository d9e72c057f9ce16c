import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  type Dataset,
  datasetFromTensor,
  Generator,
  HingeLoss,
  paired,
  useBackend,
} from 'tfjs-gan';
import {
  createInpaintingGan,
  drawHoles,
  FillHole,
  Inpainter,
  unetTranslator,
} from 'tfjs-gan/image-to-image';
import { savedBy } from '../../layers/saved-by.ts';
import { expectResumes, firstBatch, set, weightsOf } from './small-runs.ts';

beforeAll(async () => {
  await useBackend('wasm-train');
});

const imageShape = [16, 16, 1] as const;

const inpainting = (options: object = {}): ReturnType<typeof createInpaintingGan> =>
  createInpaintingGan({ imageShape, baseFilters: 2, discriminatorFilters: 2, ...options });

const noise = (shape: [number, number, number, number], seed = 1): tf.Tensor4D =>
  tf.randomUniform(shape, -1, 1, 'float32', seed);

/** Masks of one box, a tensor of a data set. */
const masks = (count: number, side = 16): Promise<Dataset> =>
  datasetFromTensor(drawHoles(count, { imageShape: [side, side, 1], seed: 3 }));

describe('drawHoles', () => {
  const areas = (holes: tf.Tensor4D): number[] => [...tf.sum(holes, [1, 2, 3]).dataSync()];

  test('draws boxes of one size at all places of an image, the same ones for a seed', () => {
    tf.tidy(() => {
      const draw = (seed: number): tf.Tensor4D =>
        drawHoles(200, { imageShape: [6, 9, 3], box: [2, 5], seed });
      const holes = draw(1);
      expect(holes.shape).toEqual([200, 6, 9, 1]);
      expect(areas(holes)).toEqual(new Array(200).fill(10));
      expect(tf.min(tf.max(holes, 0)).dataSync()[0]).toBe(1);
      expect(draw(1).dataSync()).toEqual(holes.dataSync());
      expect(draw(2).dataSync()).not.toEqual(holes.dataSync());
    });
  });

  test('places a box in the center, half as high and wide as the image', () => {
    tf.tidy(() => {
      const hole = drawHoles(1, { imageShape: [4, 8, 1], place: 'center' });
      const row = [0, 0, 1, 1, 1, 1, 0, 0];
      const empty = row.map(() => 0);
      expect([...hole.dataSync()]).toEqual([...empty, ...row, ...row, ...empty]);
    });
  });

  test('paints strokes that leave some of each image known', () => {
    tf.tidy(() => {
      const holes = drawHoles(20, { imageShape: [24, 24, 1], box: false, strokes: 2, seed: 5 });
      const filled = areas(holes);
      expect(Math.min(...filled)).toBeGreaterThan(5);
      expect(Math.max(...filled)).toBeLessThan(24 * 24);
      expect(new Set(filled).size).toBeGreaterThan(10);
      const values = new Set(holes.dataSync());
      expect([...values].sort()).toEqual([0, 1]);
      // With a box, there is at least the box.
      const both = drawHoles(20, { imageShape: [24, 24, 1], strokes: 2, seed: 5 });
      expect(Math.min(...areas(both))).toBeGreaterThanOrEqual(144);
    });
  });

  test.each<[string, object, string]>([
    ['nothing to draw', { box: false }, 'hole must have a box or strokes, got box false and 0'],
    [
      'a box beyond the image',
      { box: [17, 4] },
      'within the image, at most [16, 16], or false, got',
    ],
    ['a box of one number', { box: 8 }, 'box must be [height, width]'],
    ['half a stroke', { strokes: 0.5 }, 'strokes must be an integer of at least 0, got 0.5'],
    ['another place', { place: 'left' }, "place must be one of 'random', 'center', got 'left'"],
    ['an unknown option', { boxes: 1 }, "got 'boxes'"],
  ])('refuses %s', (_, options, message) => {
    expect(() => drawHoles(1, { imageShape, ...options })).toThrow(message);
    expect(() => inpainting({ hole: options })).toThrow(message);
  });

  test('names options as they were passed, and refuses a missing shape', () => {
    expect(() => drawHoles(1, { imageShape, strokes: -1 })).toThrow(': strokes must');
    expect(() => inpainting({ hole: { strokes: -1 } })).toThrow(': hole.strokes must');
    expect(() => drawHoles(1, {} as never)).toThrow('Cannot draw holes: imageShape must be');
  });
});

describe('FillHole', () => {
  test('returns known pixels bit-for-bit, and passes gradients to the sides that were chosen', () => {
    tf.tidy(() => {
      const [image, filling] = [noise([2, 5, 4, 3]), noise([2, 5, 4, 3], 2)];
      const hole = drawHoles(2, { imageShape: [5, 4, 3], box: [3, 2] });
      const layer = new FillHole();
      const filled = layer.apply([image, hole, filling]) as tf.Tensor;
      const chosen = tf.where(tf.tile(tf.equal(hole, 1), [1, 1, 1, 3]), filling, image);
      expect(filled.dataSync()).toEqual(chosen.dataSync());
      // What is unknown may be NaN, and a known −0 stays one.
      const unknown = tf.where(
        tf.tile(tf.equal(hole, 1), [1, 1, 1, 3]),
        NaN,
        tf.fill([2, 5, 4, 3], -0),
      );
      const zeros = (layer.apply([unknown, hole]) as tf.Tensor).dataSync();
      expect(
        zeros.every((value, i) =>
          Object.is(value, hole.dataSync()[Math.floor(i / 3)] === 1 ? 0 : -0),
        ),
      ).toBe(true);
      const [ofImage, ofFilling] = tf.grads((x, y) => layer.apply([x, hole, y]) as tf.Tensor)([
        image,
        filling,
      ]);
      const every = tf.tile(hole, [1, 1, 1, 3]);
      expect(ofFilling!.dataSync()).toEqual(every.dataSync());
      expect(ofImage!.dataSync()).toEqual(tf.sub(1, every).dataSync());
    });
  });

  test.each<[string, () => tf.Tensor[], string]>([
    ['an image alone', () => [tf.zeros([1, 4, 4, 1])], 'inputs must be an image, a hole and'],
    [
      'a hole of another size',
      () => [tf.zeros([1, 4, 4, 1]), tf.zeros([1, 4, 5, 1])],
      'the hole must have the shape [1, 4, 4, 1]',
    ],
  ])('refuses %s', (_, inputs, message) => {
    expect(() => new FillHole().apply(inputs())).toThrow(message);
  });
});

describe('createInpaintingGan', () => {
  test('has the terms of the paper, of the hole alone', async () => {
    // With a learning rate of almost 0 the networks stay as they are.
    const still = adam({ learningRate: 1e-12 });
    using gan = inpainting({
      hole: 'batch',
      constraints: [],
      optimizers: { generator: still, discriminator: still },
    });
    const data = paired({ samples: await set(6, 1, 1), hole: await masks(6) });
    const { samples, hole } = await firstBatch(data, 6);
    const hinge = new HingeLoss();
    const expected = tf.tidy(() => {
      const fake = gan.inpainter.fill(samples as tf.Tensor4D, hole as tf.Tensor4D);
      const judge = (x: tf.Tensor): tf.Tensor =>
        gan.discriminator.model.apply([hole!, x]) as tf.Tensor;
      const onFake = judge(fake);
      const inside = tf.mul(tf.abs(tf.sub(samples, fake)), hole!);
      return {
        l1: (10 * tf.sum(inside).dataSync()[0]!) / (6 * 64),
        hinge: hinge.generator(onFake).dataSync()[0]!,
        discriminator: hinge.discriminator(judge(samples), onFake).dataSync()[0]!,
      };
    });
    const { steps } = await gan.trainer.fit(data, { steps: 1, batchSize: 6 });
    const { terms, metrics } = steps[0]!;
    // The discriminator sees what the generator completed before it was updated.
    expect(Object.keys(terms)).toEqual(['generator', 'discriminator']);
    expect(terms.discriminator['hinge']).toBeCloseTo(expected.discriminator, 4);
    expect(terms.generator['hinge']).toBeCloseTo(expected.hinge, 4);
    expect(terms.generator['l1']).toBeCloseTo(expected.l1, 3);
    expect(metrics['l1']).toBeCloseTo(expected.l1 / 10, 4);
    tf.dispose([samples, hole!]);
  });

  test('learns to fill holes better than their mean does', async () => {
    // Each image has one brightness, which the pixels around the hole tell.
    const images = tf.tidy(() => tf.tile<tf.Tensor4D>(noise([32, 1, 1, 1]), [1, 16, 16, 1]));
    const data = await datasetFromTensor(images);
    using gan = inpainting({
      baseFilters: 4,
      adversarialWeight: 0,
      l1Weight: 1,
      constraints: [],
      optimizers: { generator: adam({ learningRate: 3e-3, beta1: 0.9 }) },
    });
    const discriminator = weightsOf(gan.discriminator.model);
    await gan.trainer.fit(data, { steps: 60, batchSize: 8 });
    expect(weightsOf(gan.discriminator.model)).toEqual(discriminator);
    tf.tidy(() => {
      const hole = drawHoles(32, { imageShape, seed: 9 });
      const distanceOf = (made: tf.Tensor): number =>
        tf.sum(tf.mul(tf.abs(tf.sub(made, images)), hole)).dataSync()[0]! / (32 * 64);
      const mean = distanceOf(tf.fill(images.shape, tf.mean(images).dataSync()[0]!));
      expect(distanceOf(gan.inpainter.fill(images, hole))).toBeLessThan(0.5 * mean);
    });
  });

  test('returns known pixels bit-for-bit, before and after saving', async () => {
    const before = tf.memory().numTensors;
    const gan = inpainting({ hole: { strokes: 2 } });
    const saved = await savedBy((handler) => gan.inpainter.save(handler));
    const loaded = await Inpainter.load(tf.io.fromMemory(saved));
    expect(loaded.imageShape).toEqual(imageShape);
    tf.tidy(() => {
      const images = noise([3, ...imageShape]);
      const hole = drawHoles(3, { imageShape, strokes: 2 });
      const completed = gan.inpainter.fill(images, hole);
      const [mask, known] = [hole.dataSync(), images.dataSync()];
      const isKnown = (_: number, i: number): boolean => mask[i] === 0;
      expect(completed.dataSync().filter(isKnown)).toEqual(known.filter(isKnown));
      expect(loaded.fill(images, hole).dataSync()).toEqual(completed.dataSync());
      // Above 0.5 is the hole: also in masks of bytes, or of −1 and 1.
      for (const mask of [tf.mul(hole, 255), tf.sub(tf.mul(hole, 2), 1), tf.cast(hole, 'bool')]) {
        const same = gan.inpainter.fill(images, mask as tf.Tensor4D);
        expect(same.dataSync()).toEqual(completed.dataSync());
      }
      // What is in the hole does not matter.
      const other = tf.add<tf.Tensor4D>(images, hole);
      expect(gan.inpainter.fill(other, hole).dataSync()).toEqual(completed.dataSync());
      // One mask for all, and one image alone.
      const one = tf.squeeze<tf.Tensor2D>(tf.slice(hole, 0, 1), [0, 3]);
      const first = gan.inpainter.fill(tf.squeeze<tf.Tensor3D>(tf.slice(images, 0, 1), [0]), one);
      const all = gan.inpainter.fill(images, one);
      expect(first.shape).toEqual(imageShape);
      expect(tf.slice(all, 0, 1).dataSync()).toEqual(first.dataSync());
    });
    gan.dispose();
    loaded.dispose();
    expect([gan.inpainter.isDisposed, tf.memory().numTensors]).toEqual([true, before]);
  });

  test('takes masks that were read from pictures, and batches without any hole', async () => {
    const still = adam({ learningRate: 1e-12 });
    const optimizers = { generator: still, discriminator: still };
    const l1Of = async (hole: tf.Tensor4D): Promise<number> => {
      using gan = inpainting({ hole: 'batch', optimizers });
      const data = paired({ samples: await set(4, 1, 1), hole: await datasetFromTensor(hole) });
      const { steps } = await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
      return steps[0]!.metrics['l1']!;
    };
    const hole = drawHoles(4, { imageShape, box: [3, 3] });
    const ofBytes = await l1Of(tf.sub(tf.mul(hole, 2), 1));
    expect(ofBytes).toBe(await l1Of(hole));
    expect(ofBytes).toBeGreaterThan(0);
    expect(await l1Of(tf.zerosLike(hole))).toBe(0);
  });

  test('draws holes of its own for pictures of a run', () => {
    using gan = inpainting({ hole: { box: [4, 4] } });
    tf.tidy(() => {
      const samples = tf.fill([5, ...imageShape], 0.25);
      const made = gan.inpainter.generator.sample(5, { samples, seed: 1 } as object);
      const changed = tf.sum(tf.cast(tf.notEqual(made, samples), 'int32'), [1, 2, 3]);
      expect([...changed.dataSync()]).toEqual(new Array(5).fill(16));
    });
  });

  test('resumes bit-for-bit with holes that are drawn', async () => {
    const make = (): ReturnType<typeof createInpaintingGan> =>
      inpainting({ hole: { box: [4, 4], strokes: 2 }, ema: { decay: 0.9 } });
    await expectResumes(make, await set(8, 1, 1), [1, 4]);
  });

  test.each<[string, object, string]>([
    ['an unknown option', { lambda: 1 }, "got 'lambda'"],
    [
      'sides that cannot be halved twice',
      { imageShape: [18, 16, 1] },
      'height and width of imageShape must be multiples of 4, as the network halves them twice, got [18, 16, 1]',
    ],
    ['a hole that is none', { hole: 'box' }, "hole must be an object of settings, got 'box'"],
    ['a negative weight', { l1Weight: -1 }, 'l1Weight must be a number of at least 0, got -1'],
  ])('is refused with %s', (_, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => inpainting(options)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses masks of another size in a batch, and batches without any', async () => {
    using gan = inpainting({ hole: 'batch' });
    const run = { steps: 1, batchSize: 4 };
    const other = paired({ samples: await set(8, 1, 1), hole: await masks(8, 8) });
    await expect(gan.trainer.fit(other, run)).rejects.toThrow(
      "must have the shape the game 'inpainting' requires, [16, 16, 1], got [8, 8, 1]",
    );
    await expect(gan.trainer.fit(await set(8, 1, 1), run)).rejects.toThrow("with 'hole'");
  });
});

describe('Inpainter.fill', () => {
  test.each<[string, () => readonly [unknown, unknown], string]>([
    [
      'a mask of another size',
      () => [noise([2, 16, 16, 1]), tf.zeros([2, 8, 8, 1])],
      'hole must have the shape [2, 16, 16, 1], or [16, 16] for all images, got [2, 8, 8, 1]',
    ],
    [
      'a mask for another number of images',
      () => [noise([2, 16, 16, 1]), tf.zeros([3, 16, 16, 1])],
      'hole must have the shape [2, 16, 16, 1], or [16, 16] for all images, got [3, 16, 16, 1]',
    ],
    [
      'images of another size',
      () => [noise([2, 8, 8, 1]), tf.zeros([16, 16])],
      'images must have the shape [batch, 16, 16, 1] or [16, 16, 1], got [2, 8, 8, 1]',
    ],
    [
      'bytes',
      () => [tf.zeros([2, 16, 16, 1], 'int32'), tf.zeros([16, 16])],
      'images must be a float32 tensor in −1…1, got one of dtype int32',
    ],
    [
      'a list as a mask',
      () => [noise([2, 16, 16, 1]), [[1]]],
      'hole must be a tensor of zeros and ones, got',
    ],
  ])('refuses %s', (_, inputs, message) => {
    using gan = inpainting();
    const [images, hole] = inputs() as [tf.Tensor4D, tf.Tensor2D];
    expect(() => gan.inpainter.fill(images, hole)).toThrow(`Cannot fill holes: ${message}`);
  });

  test('refuses networks of something else, new and saved', async () => {
    const translator = unetTranslator({
      sourceShape: imageShape,
      targetShape: imageShape,
      baseFilters: 1,
    });
    const { model } = translator.generator;
    expect(() => new Inpainter({ model })).toThrow(
      'with two inputs, an image and a hole, got 1 inputs',
    );
    const saved = await savedBy((handler) => translator.save(handler));
    translator.dispose();
    const before = tf.memory().numTensors;
    await expect(Inpainter.load(tf.io.fromMemory(saved))).rejects.toThrow(
      'the file must hold a network of samples and hole, got a generator of source',
    );
    expect(tf.memory().numTensors).toBe(before);
    const gan = inpainting();
    expect(gan.inpainter.generator).toBeInstanceOf(Generator);
    gan.dispose();
    expect(() => gan.inpainter.fill(noise([1, 16, 16, 1]), tf.zeros<tf.Rank.R2>([16, 16]))).toThrow(
      'Cannot fill holes: this Inpainter was disposed',
    );
  });
});
