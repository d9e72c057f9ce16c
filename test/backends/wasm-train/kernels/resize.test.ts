import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

const side = fc.integer({ min: 1, max: 9 });
const resizings = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), side, side, fc.integer({ min: 1, max: 7 })),
  size: fc.tuple(side, side),
  centers: fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]),
  seed: fc.integer(),
});

describe('resizing', () => {
  onWasmTrain();

  test('to the nearest pixels matches cpu', async () => {
    await fc.assert(
      fc.asyncProperty(resizings, async ({ shape, size, centers, seed }) => {
        const [alignCorners, halfPixelCenters] = centers;
        const resize = (images: tf.Tensor): tf.Tensor4D =>
          tf.image.resizeNearestNeighbor(
            images as tf.Tensor4D,
            size,
            alignCorners,
            halfPixelCenters,
          );
        await expectAsOnCpu(() => resize(noisy(shape, seed)));
      }),
      { numRuns: 80 },
    );
  });

  test('to the nearest pixels matches the gradient of cpu, if that is correct', async () => {
    await fc.assert(
      fc.asyncProperty(resizings, async ({ shape, size, centers, seed }) => {
        const [alignCorners, halfPixelCenters] = centers;
        // cpu's gradient mixes images, lacks half pixels, and never returns for a single one.
        const single = Math.min(shape[1], shape[2]) === 1;
        fc.pre(shape[0] === 1 && !halfPixelCenters && !(alignCorners && single));
        const resize = (images: tf.Tensor): tf.Tensor4D =>
          tf.image.resizeNearestNeighbor(images as tf.Tensor4D, size, alignCorners);
        await expectAsOnCpu(() => {
          const dy = noisy([shape[0], ...size, shape[3]], seed + 1);
          return tf.grad(resize)(noisy(shape, seed), dy);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('to the nearest pixels has the gradient that finite differences show, also of several images', () => {
    fc.assert(
      fc.property(resizings, ({ shape, size, centers, seed }) => {
        const [alignCorners, halfPixelCenters] = centers;
        const resize = (images: tf.Tensor): tf.Tensor4D =>
          tf.image.resizeNearestNeighbor(
            images as tf.Tensor4D,
            size,
            alignCorners,
            halfPixelCenters,
          );
        tf.tidy(() => {
          // Linear: the difference of the results is the resized difference.
          const move = noisy(shape, seed);
          const dy = noisy([shape[0], ...size, shape[3]], seed + 1);
          const slope = tf.grad(resize)(move, dy).mul(move).sum().arraySync() as number;
          const rise = resize(move).mul(dy).sum().arraySync() as number;
          expect(Math.abs(slope - rise)).toBeLessThan(1e-3);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('sums into a pixel the gradients of all pixels computed from it', () => {
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [3, 4], true))(
          tf.ones([1, 1, 1, 2]),
        )
        .arraySync(),
    );
    expect(gradient).toEqual([[[[12, 12]]]]);
  });

  test('between pixels matches cpu', async () => {
    await fc.assert(
      fc.asyncProperty(resizings, async ({ shape, size, centers, seed }) => {
        const [alignCorners, halfPixelCenters] = centers;
        await expectAsOnCpu(() =>
          tf.image.resizeBilinear(
            noisy(shape, seed) as tf.Tensor4D,
            size,
            alignCorners,
            halfPixelCenters,
          ),
        );
      }),
      { numRuns: 80 },
    );
  });

  test('of integers is left to cpu', async () => {
    await expectAsOnCpu(
      () => tf.image.resizeNearestNeighbor(tf.ones<tf.Rank.R4>([1, 2, 2, 3], 'int32'), [4, 4]),
      { ours: false },
    );
  });
});
