import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { runOptionalKernel } from '../../src/tfjs-internals/optional-kernels.ts';

test('runOptionalKernel runs a kernel of the current backend, and returns undefined for another', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor1d([1, 2]);
  const negative = runOptionalKernel(tf.Neg, { x })!;
  expect([...negative.dataSync()]).toEqual([-1, -2]);
  expect(runOptionalKernel('NoSuchKernel', { x })).toBe(undefined);
  tf.dispose([x, negative]);
});
