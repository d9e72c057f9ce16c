import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  fusedConv2DTranspose,
  reusedTensor,
  runOptionalKernel,
} from '../../../../src/tfjs-internals/optional-kernels.ts';
import { leavingNothingBehind } from '../support.ts';

describe('kept tensors', () => {
  const backend = leavingNothingBehind();

  const random = (shape: number[], seed: number): tf.Tensor =>
    tf.randomUniform(shape, -1, 1, 'float32', seed);

  const reused = (tensor: tf.Tensor): tf.Tensor => runOptionalKernel(reusedTensor, { x: tensor })!;

  function largest(a: tf.Tensor, b: tf.Tensor): number {
    return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);
  }

  describe('ReusedTensor', () => {
    test('copies, and keeps packed forms until it is disposed', () => {
      const [x, matrix] = [random([7, 9], 1), random([9, 17], 2)];
      const kept = reused(matrix);
      expect(kept.dataSync()).toEqual(matrix.dataSync());
      const wanted = tf.matMul(x, matrix);
      const before = backend().pool.bytesInUse;
      const first = tf.matMul(x, kept);
      const held = backend().pool.bytesInUse - before - 4 * 7 * 17;
      expect(held).toBeGreaterThanOrEqual(4 * 9 * 24);
      const second = tf.matMul(x, kept);
      for (const product of [first, second]) expect(product.dataSync()).toEqual(wanted.dataSync());
      first.dispose();
      second.dispose();
      const between = backend().pool.bytesInUse;
      kept.dispose();
      expect(between - backend().pool.bytesInUse).toBeGreaterThan(held);
    });

    test('leaves products of other tensors as they were, by one row too', () => {
      const [x, matrix, bias] = [random([1, 50], 1), random([50, 40], 2), random([40], 3)];
      const plain = tf.fused.matMul({ a: x, b: matrix, bias, activation: 'relu' });
      const kept = tf.fused.matMul({ a: x, b: reused(matrix), bias, activation: 'relu' });
      expect(largest(plain, kept)).toBeLessThan(1e-5);
      const rows = tf.concat([x, random([3, 50], 4)]);
      const four = tf.fused.matMul({ a: rows, b: reused(matrix), bias, activation: 'relu' });
      // One row alone has the bits that it has among others.
      expect(tf.slice(four, 0, 1).dataSync()).toEqual(kept.dataSync());
    });

    test.each([
      ['by minimal filtering', 1, [7, 7, 64], 40, 5, 1],
      ['by minimal filtering, stride 2', 3, [8, 8, 32], 32, 4, 2],
      ['by packed columns', 2, [6, 5, 7], 9, 3, 1],
    ] as const)('makes convolutions of kept filters: %s', (_, batch, shape, out, size, stride) => {
      const x = random([batch, ...shape], 1) as tf.Tensor4D;
      const filter = random([size, size, shape[2], out], 2) as tf.Tensor4D;
      const wanted = tf.conv2d(x, filter, stride, 'same');
      const kept = reused(filter) as tf.Tensor4D;
      const made = [1, 2].map(() => tf.conv2d(x, kept, stride, 'same'));
      expect(largest(made[0]!, wanted)).toBeLessThan(2e-5 * Math.sqrt(size * size * shape[2]));
      expect(made[1]!.dataSync()).toEqual(made[0]!.dataSync());
    });
  });

  describe('FusedConv2DTranspose', () => {
    const activations: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
      linear: (x) => x,
      relu: tf.relu,
      leakyrelu: (x) => tf.leakyRelu(x, 0.1),
      tanh: tf.tanh,
      sigmoid: tf.sigmoid,
    };

    test.each([
      ['one image to one channel', 1, [9, 7, 8], 1, 5, 1],
      ['few images to three channels, stride 2', 2, [5, 6, 12], 3, 4, 2],
      ['few images of great depth to three channels, stride 2', 3, [5, 6, 64], 3, 5, 2],
      ['depth that fills no vector', 1, [5, 6, 6], 2, 3, 1],
      ['many images to one channel', 19, [4, 4, 16], 1, 5, 1],
      ['one image by minimal filtering', 1, [7, 7, 64], 32, 5, 2],
      ['many images by minimal filtering', 12, [7, 7, 32], 40, 5, 2],
      ['an image of the few channels left to direct sums', 1, [3, 4, 10], 6, 3, 2],
    ] as const)('is product, bias and activation: %s', (_, batch, shape, out, size, stride) => {
      const x = random([batch, ...shape], 1) as tf.Tensor4D;
      const filter = random([size, size, out, shape[2]], 2) as tf.Tensor4D;
      const bias = random([out], 3);
      const inputShape = [batch, shape[0] * stride, shape[1] * stride, out] as const;
      const product = tf.conv2dTranspose(x, filter, [...inputShape], stride, 'same');
      for (const [activation, apply] of Object.entries(activations)) {
        for (const weights of [filter, reused(filter)]) {
          for (const offset of [bias, undefined]) {
            const wanted = apply(offset === undefined ? product : tf.add(product, offset));
            const made = runOptionalKernel(
              fusedConv2DTranspose,
              { x, filter: weights, ...(offset && { bias: offset }) },
              {
                strides: stride,
                pad: 'same',
                inputShape: [...inputShape],
                activation,
                leakyreluAlpha: 0.1,
              },
            )!;
            expect(made.shape).toEqual(wanted.shape);
            expect(largest(made, wanted)).toBeLessThan(1e-5 * Math.sqrt(size * size * shape[2]));
          }
        }
      }
    });

    test.each([8, 64])('keeps infinities where they belong, of depth %i', (depth) => {
      const x = random([1, 4, 4, depth], 1) as tf.Tensor4D;
      const values = random([3, 3, 1, depth], 2).dataSync().slice();
      values[0] = Infinity;
      const filter = tf.tensor4d(values, [3, 3, 1, depth]);
      const attributes = {
        strides: 1,
        pad: 'same',
        inputShape: [1, 4, 4, 1],
        activation: 'linear',
      };
      const [plain, kept] = [filter, reused(filter)].map((weights) =>
        runOptionalKernel(fusedConv2DTranspose, { x, filter: weights }, attributes)!.dataSync(),
      );
      expect([...kept!].map(Number.isFinite)).toEqual([...plain!].map(Number.isFinite));
      expect(plain!.some(Number.isFinite)).toBe(true);
      expect(plain!.every(Number.isFinite)).toBe(false);
    });
  });
});
