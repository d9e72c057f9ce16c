import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { psnr, ssim } from 'tfjs-gan/metrics';
import golden from '../golden/paired-images.json' with { type: 'json' };
import { expectNear, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

const { versions, ...cases } = golden;

type Images = [tf.Tensor4D, tf.Tensor4D];
const shapeOf = ({ shape }: { readonly shape: readonly number[] }) =>
  shape as unknown as [number, number, number, number];

describe.each(Object.entries(cases))(`scikit-image ${versions.skimage} gives for %s`, (_, one) => {
  const valueRange = one.valueRange as unknown as readonly [number, number];
  const images = (): Images => [
    tf.tensor4d(one.first, shapeOf(one)),
    tf.tensor4d(one.second, shapeOf(one)),
  ];

  test('the same PSNR, the mean over images', async () => {
    expectNear(await psnr(...images(), { valueRange }), one.psnr);
  });

  test('the same SSIM with a Gaussian window', async () => {
    expectNear(await ssim(...images(), { valueRange }), one.gaussian);
  });

  test('the same SSIM with a uniform window and variances of samples', async () => {
    expectNear(await ssim(...images(), { valueRange, window: 'uniform' }), one.uniform);
  });
});

describe.each([
  ['psnr', psnr, 'compute the PSNR'],
  ['ssim', ssim, 'compute the SSIM'],
] as const)('%s', (name, measure, action) => {
  const pictures = (count: number, seed: number): tf.Tensor4D =>
    tf.randomUniform<tf.Rank.R4>([count, 12, 12, 2], -1, 1, 'float32', seed);

  test('is the mean over images, of more than are compared at once', async () => {
    const [first, second] = [pictures(70, 1), pictures(70, 2)];
    const whole = await measure(first, second);
    const [head, tail] = [[0, 64] as const, [64, 6] as const];
    const parts = await Promise.all(
      [head, tail].map(([from, size]) =>
        measure(tf.slice(first, from, size), tf.slice(second, from, size)),
      ),
    );
    expect(whole).toBeCloseTo((parts[0]! * 64 + parts[1]! * 6) / 70, 5);
  });

  test('leaves no tensors behind', async () => {
    const [first, second] = [pictures(2, 1), pictures(2, 2)];
    expect(await tensorsLeft(() => measure(first, second))).toBe(0);
  });

  test('is best for equal images', async () => {
    const images = pictures(3, 1);
    const best = name === 'psnr' ? Infinity : 1;
    expect(await measure(images, images)).toBeCloseTo(best, 5);
  });

  test.each<[string, () => Images, string]>([
    [
      'images of two shapes',
      () => [tf.zeros([1, 12, 12, 1]), tf.zeros([1, 12, 12, 3])],
      'first and second must have the same shape, got [1, 12, 12, 1] and [1, 12, 12, 3]',
    ],
    [
      'no images',
      () => [tf.zeros([0, 12, 12, 1]), tf.zeros([0, 12, 12, 1])],
      'images must have the shape [batch, height, width, channels], got [0, 12, 12, 1]',
    ],
    [
      'pixels that are not finite',
      () => [pictures(2, 1), tf.concat([pictures(1, 1), tf.fill([1, 12, 12, 2], Infinity)])],
      'images must hold finite numbers, got others in image 1',
    ],
  ])('refuses %s', async (_, images, message) => {
    await expect(measure(...images())).rejects.toThrow(`Cannot ${action}: ${message}`);
  });

  test('refuses an unknown option and a range that is none', async () => {
    const images = pictures(1, 1);
    await expect(measure(images, images, { range: 2 } as never)).rejects.toThrow("got 'range'");
    await expect(measure(images, images, { valueRange: [1, 0] })).rejects.toThrow(
      'valueRange must be two finite numbers, the lower first, got [1, 0]',
    );
  });
});

test('ssim refuses images that its window does not fit into', async () => {
  const images = tf.zeros<tf.Rank.R4>([1, 10, 12, 1]);
  await expect(ssim(images, images)).rejects.toThrow(
    'Cannot compute the SSIM: height and width must be at least 11, the side of the window, got [1, 10, 12, 1]',
  );
  expect(await ssim(images, images, { window: 'uniform' })).toBeCloseTo(1, 5);
});
