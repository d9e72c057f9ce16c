import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from '../../../../src/gradients/enable-second-order-gradients.ts';
import { expectAsOnCpu, noisy, startedBackend } from '../support.ts';

const tolerance = { relative: 1e-4, absolute: 1e-4 } as const;

type Convolve = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

interface Case {
  readonly x: number[];
  readonly filter: number[];
  readonly convolve: Convolve;
}

const size = fc.integer({ min: 1, max: 21 });
const step = fc.integer({ min: 1, max: 3 });
const channels = fc.constantFrom(1, 2, 3, 7, 8, 17);
const common = {
  batch: fc.integer({ min: 1, max: 9 }),
  size: fc.tuple(size, size),
  taps: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  channels: fc.tuple(channels, channels),
  strides: fc.tuple(step, step),
  rates: fc.tuple(step, step),
  dilated: fc.boolean(),
  pad: fc.constantFrom('same' as const, 'valid' as const),
};

/** Signals along one axis, with strides or gaps between the taps. */
const alongOneAxis = fc
  .record(common)
  .filter(({ size: [length], taps: [count], rates: [rate], dilated, pad }) => {
    return pad === 'same' || length >= (count - 1) * (dilated ? rate : 1) + 1;
  })
  .map(({ batch, size: [length], taps: [count], channels: [from, to], ...rest }): Case => {
    const { strides, rates, dilated, pad } = rest;
    return {
      x: [batch, length, from],
      filter: [count, from, to],
      convolve: (x, filter) =>
        dilated
          ? tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 1, pad, 'NWC', rates[0])
          : tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, strides[0], pad),
    };
  });

/** Images, with gaps between the taps, for all channels together or depthwise. */
const dilated = fc
  .record({ ...common, depthwise: fc.boolean() })
  .filter(({ size: sides, taps, rates, pad }) =>
    sides.every((side, axis) => pad === 'same' || side >= (taps[axis]! - 1) * rates[axis]! + 1),
  )
  .map(({ batch, size: sides, taps, channels: [from, to], rates, pad, depthwise }): Case => {
    const convolve = depthwise ? tf.depthwiseConv2d : tf.conv2d;
    return {
      x: [batch, ...sides, from],
      filter: [...taps, from, depthwise ? Math.min(to, 3) : to],
      convolve: (x, filter) =>
        convolve(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad, 'NHWC', rates),
    };
  });

beforeEach(async () => {
  // TensorFlow.js itself has no gradient of a dilated convolution.
  enableSecondOrderGradients();
  await startedBackend();
});

describe.each([
  ['conv1d', alongOneAxis],
  ['dilated convolutions', dilated],
] as const)('%s', (_name, cases) => {
  test('match cpu, and so do their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ x, filter, convolve }) => {
        await expectAsOnCpu(
          () => {
            const inputs = [noisy(x, 1, 1), noisy(filter, 2, 1)] as const;
            const y = convolve(...inputs);
            return [y, ...tf.grads(convolve)([...inputs], noisy(y.shape, 3, 1))];
          },
          { ...tolerance, ours: false },
        );
      }),
      { numRuns: 50, seed: 6 },
    );
  });

  test('have the gradients that finite differences show', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ x: shape, filter: filterShape, convolve }) => {
        await tf.setBackend('wasm-train');
        tf.tidy(() => {
          const [x, filter] = [noisy(shape, 1, 1), noisy(filterShape, 2, 1)];
          const y = convolve(x, filter);
          const dy = noisy(y.shape, 3, 1);
          const [dx, dFilter] = tf.grads(convolve)([x, filter], dy);
          // Linear in each: a difference of any size shows the gradient.
          const [xMove, filterMove] = [noisy(shape, 4, 1), noisy(filterShape, 5, 1)];
          const dot = (a: tf.Tensor, b: tf.Tensor): number => a.mul(b).sum().arraySync() as number;
          const scale = 1e-4 * Math.sqrt(y.size * tf.util.sizeFromShape(filterShape)) + 1e-4;
          const risen = dot(convolve(x.add(xMove), filter).sub(y), dy);
          expect(Math.abs(risen - dot(dx!, xMove))).toBeLessThan(scale);
          const steeper = dot(convolve(x, filter.add(filterMove)).sub(y), dy);
          expect(Math.abs(steeper - dot(dFilter!, filterMove))).toBeLessThan(scale);
        });
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});
