import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  expectAsOnCpu,
  isResident,
  noise,
  noisy,
  onWasmTrain,
  startedBackend,
} from '../support.ts';

type Size = [height: number, width: number];

/**
 * The gradient of Σ weights · resized by central differences. The sum is linear in each pixel, so
 * the step may be large, and only rounding remains.
 */
function differences(
  values: Float32Array,
  shape: [number, number, number, number],
  resizedTo: (images: tf.Tensor4D) => tf.Tensor,
  weights: tf.Tensor,
): number[] {
  const step = 0.5;
  const sumWith = (at: number, change: number): number =>
    tf.tidy(() => {
      const moved = Float32Array.from(values);
      moved[at]! += change;
      return resizedTo(tf.tensor4d(moved, shape)).mul(weights).sum().dataSync()[0]!;
    });
  return [...values.keys()].map((at) => (sumWith(at, step) - sumWith(at, -step)) / (2 * step));
}

describe('the gradient of resizeBilinear', () => {
  onWasmTrain();

  const sizes: [from: Size, to: Size][] = [
    [[5, 7], [10, 14]], // prettier-ignore
    [[7, 5], [3, 2]], // prettier-ignore
    [[2, 6], [5, 3]], // prettier-ignore
    [[4, 4], [6, 6]], // prettier-ignore
    [[1, 3], [4, 1]], // prettier-ignore
  ];
  const ways = [
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ];
  const cases = sizes.flatMap(([from, to]) => ways.map((way) => ({ from, to, ...way })));

  test.each(cases)(
    'of $from to $to is what finite differences give, corners aligned $alignCorners, half pixels $halfPixelCenters',
    ({ from, to, alignCorners, halfPixelCenters }) => {
      tf.tidy(() => {
        const shape: [number, number, number, number] = [2, ...from, 2];
        const values = noise(2 * from[0] * from[1] * 2, 3);
        const weights = noisy([2, ...to, 2], 4);
        const resizedTo = (images: tf.Tensor4D): tf.Tensor =>
          tf.image.resizeBilinear(images, to, alignCorners, halfPixelCenters);
        const gradient = tf.grad((images: tf.Tensor) =>
          resizedTo(images as tf.Tensor4D).mul(weights),
        )(tf.tensor4d(values, shape));
        expect(gradient.shape).toEqual(shape);
        expect(isResident(gradient)).toBe(true);
        const wanted = differences(values, shape, resizedTo, weights);
        expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(0.5);
        gradient.dataSync().forEach((value, i) => {
          expect(value).toBeCloseTo(wanted[i]!, 3);
        });
      });
    },
  );

  test('matches cpu bit-for-bit for square images', async () => {
    await expectAsOnCpu(
      () =>
        tf.grad((images: tf.Tensor) => tf.image.resizeBilinear(images as tf.Tensor4D, [9, 9]))(
          noisy([2, 5, 5, 3], 1),
          noisy([2, 9, 9, 3], 2),
        ),
      { relative: 0, absolute: 0 },
    );
  });

  test('leaves no tensors and no memory behind', async () => {
    const { pool } = await startedBackend();
    const before = [tf.memory().numTensors, pool.bytesInUse];
    tf.tidy(() => {
      const gradient = tf.grad((images: tf.Tensor) =>
        tf.image.resizeBilinear(images as tf.Tensor4D, [3, 8]),
      );
      gradient(noisy([1, 6, 4, 1], 1)).dataSync();
    });
    expect([tf.memory().numTensors, pool.bytesInUse]).toEqual(before);
  });
});
