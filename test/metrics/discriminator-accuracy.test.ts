import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { discriminatorAccuracy } from '../../src/metrics/discriminator-accuracy.ts';
import { Discriminator } from '../../src/models/discriminator.ts';
import { onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

/** Answers the number it is shown. */
function echo(): Discriminator {
  const layer = tf.layers.dense({ units: 1, kernelInitializer: 'ones', inputShape: [1] });
  return new Discriminator({ model: tf.sequential({ layers: [layer] }) });
}

const column = (...values: number[]): tf.Tensor2D => tf.tensor2d(values, [values.length, 1]);

describe('discriminatorAccuracy', () => {
  test('counts real logits above 0 and fake ones below, and 0 for neither', async () => {
    const judged = await discriminatorAccuracy(echo(), {
      real: column(1, 2, 3, -1),
      fake: column(-1, 0),
      heldOut: column(1, -1),
    });
    expect(judged).toEqual({ real: 0.75, fake: 0.5, heldOut: 0.5, gap: 0.25 });
  });

  test('takes more samples than pass at once, and leaves no tensors behind', async () => {
    const [discriminator, real] = [
      echo(),
      column(...Array.from({ length: 600 }, (_, i) => i - 149.5)),
    ];
    const sets = { real, fake: real };
    let judged: unknown;
    const left = await tensorsLeft(async () => {
      judged = await discriminatorAccuracy(discriminator, sets);
    });
    expect(judged).toEqual({ real: 0.75, fake: 0.25, heldOut: undefined, gap: undefined });
    expect(left).toBe(0);
  });

  test('refuses wrong shapes, NaN and nothing', async () => {
    const [good, fake] = [column(1), tf.zeros([1, 2])];
    await expect(discriminatorAccuracy(echo(), { real: good, fake })).rejects.toThrow(
      'Cannot score samples: samples must have the shape [null, 1], got [1, 2]',
    );
    await expect(discriminatorAccuracy(echo(), { real: column(NaN), fake: good })).rejects.toThrow(
      'Cannot judge a discriminator: its logits must be numbers, got NaN. Are the samples finite?',
    );
    await expect(
      discriminatorAccuracy(echo(), { real: tf.zeros([0, 1]), fake: good }),
    ).rejects.toThrow(
      'Cannot judge a discriminator: each set must have at least one sample, got none',
    );
  });
});
