import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { multiScaleSsim } from '../../src/metrics/multi-scale-ssim.ts';
import { expectNear, golden, onWasmTrain, tensorsLeft } from './golden.ts';
import { pictures } from './pictures.ts';

onWasmTrain();

describe('multiScaleSsim', () => {
  test.each(golden.msSsim)(
    'agrees with scipy at $shape, $scales scales',
    async ({ shape, value }) => {
      expectNear(await multiScaleSsim(...pictures(shape)), value, 1e-4);
    },
  );

  test('counts the range of the pixels', async () => {
    const [first, second] = pictures([1, 28, 28, 1]);
    const bytes = (images: tf.Tensor4D): tf.Tensor4D => images.add(1).mul(127.5);
    // The brightness term feels the shift, so two ranges of one picture agree only if it is symmetric.
    const same = await multiScaleSsim(bytes(first), bytes(first), { valueRange: [0, 255] });
    expectNear(same, 1, 1e-5);
    const half = await multiScaleSsim(first.mul(0.5), second.mul(0.5), { valueRange: [-0.5, 0.5] });
    expectNear(half, await multiScaleSsim(first, second), 1e-4);
  });

  test('takes more images than pass at once, and leaves no tensors behind', async () => {
    const [first, second] = pictures([70, 12, 12, 1]);
    const parts = await Promise.all(
      [[0, 64], [64, 6]].map(async ([from = 0, size = 0]) =>
        size * (await multiScaleSsim(first.slice(from, size), second.slice(from, size)))), // prettier-ignore
    );
    let whole = 0;
    const left = await tensorsLeft(async () => (whole = await multiScaleSsim(first, second)));
    expectNear(whole, (parts[0]! + parts[1]!) / 70, 1e-5);
    expect(left).toBe(0);
  });

  test('refuses what cannot be compared', async () => {
    const action = 'Cannot compute the multi-scale SSIM:';
    await expect(multiScaleSsim(tf.zeros([1, 8, 8, 1]), tf.zeros([1, 8, 9, 1]))).rejects.toThrow(
      `${action} first and second must have the same shape, got [1, 8, 8, 1] and [1, 8, 9, 1]`,
    );
    const flat = tf.zeros([1, 8]) as unknown as tf.Tensor4D;
    await expect(multiScaleSsim(flat, flat)).rejects.toThrow(
      `${action} images must have the shape [batch, height, width, channels], got [1, 8]`,
    );
    const [whole, holed] = pictures([3, 12, 12, 1]);
    const poisoned = tf.concat<tf.Tensor4D>([holed.slice(0, 2), tf.fill([1, 12, 12, 1], NaN)]);
    const message = `${action} images must have finite numbers, got others in image 0 to 2`;
    await expect(multiScaleSsim(whole, poisoned)).rejects.toThrow(message);
    await expect(multiScaleSsim(tf.div(whole, 0), whole)).rejects.toThrow(message);
  });
});
