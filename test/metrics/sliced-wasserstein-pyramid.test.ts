import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  distanceAtLevel,
  slicedWassersteinPyramid,
} from '../../src/metrics/sliced-wasserstein-pyramid.ts';
import { expectNear, golden, onWasmTrain, tensorsLeft } from './golden.ts';
import { pictures } from './pictures.ts';

onWasmTrain();

const action = 'Cannot compute the sliced Wasserstein distance of pyramids:';
const perImage = 20;

/** The places of `make_metrics.py`. */
function corners(images: number, height: number, width: number): Uint32Array {
  return Uint32Array.from({ length: images * perImage * 2 }, (_, i) => {
    const [image, patch] = [Math.floor(i / 2 / perImage), Math.floor(i / 2) % perImage];
    return i % 2 === 0
      ? (5 * patch + 3 * image) % (height - 6)
      : (11 * patch + 2 * image) % (width - 6);
  });
}

/** The directions of `make_metrics.py`. */
function directions(size: number): Float32Array[] {
  return Array.from({ length: 12 }, (_, k) => {
    const some = Float64Array.from({ length: size }, (_value, i) =>
      Math.sin(1 + 17 * k + 0.1 * i ** 2),
    );
    return Float32Array.from(some.map((value) => value / Math.hypot(...some)));
  });
}

function noise(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  return tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);
}

describe('distanceAtLevel', () => {
  test.each(
    golden.slicedPyramid.flatMap(({ shape, levels, distances }) =>
      distances.map((distance, level) => ({ shape, levels, level, distance })),
    ),
  )('agrees with numpy at $shape, level $level', async ({ shape, levels, level, distance }) => {
    const [count = 0, height = 0, width = 0, channels = 0] = shape;
    const [real, other] = pictures(shape);
    const fake = tf.slice(other, 1);
    const size = (side: number): number => Math.ceil(side / 2 ** level);
    const places = [count, count - 1].map((images) =>
      corners(images, size(height), size(width)),
    ) as [Uint32Array, Uint32Array];
    const at = { level, isLast: level === levels - 1 };
    const along = directions(49 * channels);
    expectNear(await distanceAtLevel([real, fake], at, places, along), distance, 1e-4);
  });
});

describe('slicedWassersteinPyramid', () => {
  test('halves images while the shorter side stays at least 16', async () => {
    const sizes = async (height: number, width: number): Promise<string> => {
      const images = noise([1, height, width, 1], 1);
      const { levels } = await slicedWassersteinPyramid(images, images, { patches: 2 });
      return levels.map((level) => `${level.height}×${level.width}`).join(' ');
    };
    expect(await sizes(7, 9)).toBe('7×9');
    expect(await sizes(28, 28)).toBe('28×28');
    expect(await sizes(64, 96)).toBe('64×96 32×48 16×24');
    expect(await sizes(31, 33)).toBe('31×33 16×17');
  });

  test('tells the scale at which images differ', async () => {
    const [smooth] = pictures([40, 32, 32, 1]);
    const grainy = smooth.add<tf.Tensor4D>(noise([40, 32, 32, 1], 2).mul(0.1));
    const { mean, levels } = await slicedWassersteinPyramid(smooth, grainy, { projections: 64 });
    expect(levels[0]!.distance).toBeGreaterThan(3 * levels[1]!.distance);
    expectNear(mean, (levels[0]!.distance + levels[1]!.distance) / 2, 1e-12);
  });

  test('draws places for each set, whatever the order of the images', async () => {
    const images = noise([30, 32, 32, 1], 1);
    const judge = async (fake: tf.Tensor4D): Promise<number> =>
      (await slicedWassersteinPyramid(images, fake, { patches: 32, projections: 64 })).mean;
    const same = await judge(images);
    expect(same).toBeGreaterThan(0);
    expectNear(await judge(images.reverse(0)), same, 0.3);
  });

  test('does not feel brightness, contrast and range', async () => {
    const [real, fake] = [noise([10, 16, 16, 2], 1), noise([10, 16, 16, 2], 2).square()];
    const { mean } = await slicedWassersteinPyramid(real, fake);
    const moved = await slicedWassersteinPyramid(real.mul(127.5).add(127.5), fake);
    expectNear(moved.mean, mean, 1e-4);
  });

  test('takes a set without any contrast for nothing at all, at any range', async () => {
    const real = noise([10, 32, 32, 1], 1);
    const gray = (value: number): Promise<{ mean: number }> =>
      slicedWassersteinPyramid(real, tf.fill([10, 32, 32, 1], value));
    // Against nothing, a projection of mean 0 and deviation 1 lies √(2/π) away on average.
    expectNear((await gray(0)).mean, Math.sqrt(2 / Math.PI), 0.05);
    expectNear((await gray(200.3)).mean, (await gray(0)).mean, 1e-4);
  });

  test('takes more images than pass at once, and leaves no tensors behind', async () => {
    const [real, fake] = [noise([70, 16, 16, 1], 1), noise([65, 16, 16, 1], 2)];
    const judge = (seed: number): Promise<{ mean: number }> =>
      slicedWassersteinPyramid(real, fake, { patches: 4, projections: 40, seed });
    expect(await tensorsLeft(() => judge(1))).toBe(0);
    expect(await judge(1)).toEqual(await judge(1));
    expect((await judge(1)).mean).not.toBe((await judge(2)).mean);
  });

  test('refuses what it cannot compare', async () => {
    const images = noise([2, 16, 16, 1], 1);
    const refused = (fake: tf.Tensor, message: string): Promise<void> =>
      expect(slicedWassersteinPyramid(images, fake as tf.Tensor4D)).rejects.toThrow(
        `${action} ${message}`,
      );
    await refused(
      tf.zeros([2, 6, 16, 1]),
      'fake must have the shape [batch, height, width, channels] with sides of at least 7, got [2, 6, 16, 1]',
    );
    await refused(
      tf.zeros([2, 256]),
      'fake must have the shape [batch, height, width, channels] with sides of at least 7, got [2, 256]',
    );
    await refused(
      tf.zeros([2, 16, 16, 3]),
      'images of real and fake must have the same shape, got [16, 16, 1] and [16, 16, 3]',
    );
    await refused(
      tf.concat([images, tf.fill([1, 16, 16, 1], NaN)]),
      'fake must have finite numbers, got NaN in image 2',
    );
    const holed = tf.fill<tf.Rank.R4>([1, 16, 16, 1], Infinity);
    const judged = (): Promise<unknown> => slicedWassersteinPyramid(holed, holed).catch(() => 0);
    expect(await tensorsLeft(judged)).toBe(0);
    await expect(slicedWassersteinPyramid(images, images, { patches: 0 })).rejects.toThrow(
      `${action} patches must be a positive integer, got 0`,
    );
  });
});
