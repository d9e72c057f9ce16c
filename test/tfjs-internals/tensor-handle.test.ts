import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { handleOf } from '../../src/tfjs-internals/tensor-handle.ts';
import '../support/on-cpu.ts';

test('has the values of a tensor that is disposed, or of a variable that is assigned, and is counted', () => {
  const before = tf.memory().numTensors;
  const x = tf.tensor([1, 2], [2, 1]);
  const variable = tf.tidy(() => tf.variable(tf.scalar(3)));
  const [one, two] = [handleOf(x), handleOf(variable)];
  x.dispose();
  tf.tidy(() => {
    variable.assign(tf.scalar(4));
  });
  expect([one.shape, [...one.dataSync()], [...two.dataSync()]]).toEqual([[2, 1], [1, 2], [3]]);
  expect(two).not.toBeInstanceOf(tf.Variable);
  tf.dispose([one, two, variable]);
  expect(tf.memory().numTensors).toBe(before);
});

test('runs no kernel and records nothing', () => {
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  let kernels = 0;
  engine.runKernel = (...call: Parameters<typeof runKernel>) => {
    kernels += 1;
    return runKernel(...call);
  };
  try {
    tf.tidy(() => handleOf(tf.scalar(1)));
  } finally {
    engine.runKernel = runKernel;
  }
  expect(kernels).toBe(0);
});
