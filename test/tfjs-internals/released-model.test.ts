import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { isReleased } from '../../src/tfjs-internals/released-model.ts';

test('a model is released once it was disposed, or the model around it was', () => {
  const [alone, inner] = [1, 2].map(() =>
    tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }),
  ) as [tf.Sequential, tf.Sequential];
  const outer = tf.sequential({ layers: [inner] });
  expect([alone, inner, outer].map(isReleased)).toEqual([false, false, false]);
  alone.dispose();
  outer.dispose();
  expect([alone, inner, outer].map(isReleased)).toEqual([true, true, true]);
});
