import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';

const square = (h: tf.Tensor): tf.Tensor4D => tf.reshape(h, [-1, 2, 2, 1]);

/** Smooth operations on `[batch, 4]`, so that no kink can lie between two central differences. */
const smooth: Readonly<Record<string, (h: tf.Tensor) => tf.Tensor>> = {
  tanh: (h) => tf.tanh(h),
  sigmoid: (h) => tf.sigmoid(h),
  exp: (h) => tf.exp(tf.mul(tf.tanh(h), 0.5)),
  softmax: (h) => tf.softmax(h),
  logSoftmax: (h) => tf.logSoftmax(h),
  logSigmoid: (h) => tf.logSigmoid(h),
  softplus: (h) => tf.softplus(h),
  swish: (h) => tf.mul(h, tf.sigmoid(h)),
  erf: (h) => tf.mul(h, tf.erf(h)),
  logSumExp: (h) => tf.sub(h, tf.logSumExp(h, -1, true)),
  norm: (h) => tf.div(h, tf.norm(tf.add(tf.square(h), 1), 2, 1, true)),
  batchNorm: (h) => {
    const { mean, variance } = tf.moments(h, 0);
    return tf.batchNorm2d(h as tf.Tensor2D, mean as tf.Tensor1D, variance as tf.Tensor1D);
  },
  averagePool: (h) => tf.reshape(tf.avgPool(square(h), 2, 1, 'same'), [-1, 4]),
  bilinear: (h) =>
    tf.slice(
      tf.reshape(tf.image.resizeBilinear(square(h), [3, 3], false, true), [-1, 9]),
      [0, 1],
      [-1, 4],
    ),
  depthwise: (h) => {
    const filter = tf.tensor4d([0.5, -0.4, 0.3, 0.2], [2, 2, 1, 1]);
    const convolved = tf.depthwiseConv2d(square(h), filter, 1, 'same');
    return tf.reshape(convolved, [-1, 4]);
  },
};

const chain = fc.array(fc.constantFrom(...Object.keys(smooth)), { minLength: 1, maxLength: 4 });

describe('second-order gradients', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    enableSecondOrderGradients();
  });

  test('of any chain of operations agree with central differences', () => {
    fc.assert(
      fc.property(chain, fc.integer({ min: 1, max: 1000 }), (names, seed) => {
        const x = tf.randomNormal([3, 4], 0, 1, 'float32', seed);
        const weight = tf.randomNormal([4, 4], 0, 0.7, 'float32', seed + 1);
        const direction = tf.randomNormal([4, 4], 0, 0.3, 'float32', seed + 2);
        const penalty = (w: tf.Tensor): tf.Scalar =>
          tf.tidy(() => {
            const critic = (samples: tf.Tensor): tf.Tensor => {
              const hidden = tf.matMul(samples, w);
              const last = names.reduce((h, name) => smooth[name]!(tf.add(h, hidden)), hidden);
              return tf.sum(tf.add(last, tf.square(last)));
            };
            // Smooth also at a slope of zero.
            const slope = tf.grad(critic)(x);
            return tf.mean(tf.square(tf.sub(tf.sum(tf.square(slope), 1), 1))).asScalar();
          });
        const along = (distance: number): number =>
          tf.tidy(() => penalty(tf.add(weight, tf.mul(direction, distance))).arraySync());
        const before = tf.memory().numTensors;
        const { value, grad } = tf.valueAndGrad((w) => penalty(w))(weight);
        const slope = tf.tidy(() => tf.sum(tf.mul(grad, direction)).arraySync() as number);
        const scale = tf.tidy(() => tf.norm(grad).arraySync() as number);
        const magnitude = value.arraySync();
        tf.dispose([value, grad]);
        expect(tf.memory().numTensors).toBe(before);
        const difference = (along(1e-3) - along(-1e-3)) / 2e-3;
        tf.dispose([x, weight, direction]);
        // What float32 resolves of the penalty, over the step, is the noise of the difference.
        const noise = (magnitude * 2e-6) / 2e-3;
        expect(Math.abs(slope - difference)).toBeLessThan(2e-2 * scale + noise);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
