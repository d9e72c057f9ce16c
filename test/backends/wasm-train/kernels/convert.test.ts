import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectAsOnCpu, noisy, shapes, onWasmTrain } from '../support.ts';

const exactly = { relative: 0, absolute: 0 };

describe('casts and choices', () => {
  onWasmTrain();

  test('integers and booleans become floats', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
        await expectAsOnCpu(() => tf.cast(noisy(shape, seed, 1e9).toInt(), 'float32'), exactly);
        await expectAsOnCpu(() => tf.cast(noisy(shape, seed).greater(0), 'float32'), exactly);
      }),
      { numRuns: 30 },
    );
  });

  test('where chooses value by value, and row by row', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
        await expectAsOnCpu(
          () =>
            tf.where(noisy(shape, seed).greater(0), noisy(shape, seed + 1), noisy(shape, seed + 2)),
          exactly,
        );
      }),
      { numRuns: 50 },
    );
    await expectAsOnCpu(
      () =>
        tf.engine().runKernel('Select', {
          condition: tf.tensor([1, 0, 1], [3], 'bool'),
          t: noisy([3, 4], 1),
          e: noisy([3, 4], 2),
        }),
      { ...exactly, ours: false },
    );
  });

  test('tensors of one value', async () => {
    await expectAsOnCpu(
      () => [tf.fill([3, 5], 2.5), tf.zerosLike(noisy([7], 1)), tf.onesLike(noisy([2, 9], 1))],
      exactly,
    );
    await expectAsOnCpu(() => [tf.fill([3], 2, 'int32'), tf.zerosLike(tf.scalar(1, 'int32'))], {
      ...exactly,
      ours: false,
    });
    await expectAsOnCpu(() => tf.fill([0, 3], 1), exactly);
  });

  test('values that two dtypes share after a cast on cpu are read as each of them', async () => {
    await expectAsOnCpu(() => {
      const bits = tf.tensor([1, 0, 1, 1, 1], [5], 'bool');
      // Integers over the bytes of the booleans: cpu's cast copies nothing.
      const whole = tf.cast(bits, 'int32');
      return [tf.concat([whole, whole]), tf.cast(whole, 'float32').add(bits.cast('float32'))];
    }, exactly);
  });
});
