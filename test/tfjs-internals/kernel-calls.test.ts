import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { changeKernelInputs, replaceKernelCalls } from '../../src/tfjs-internals/kernel-calls.ts';
import '../support/on-cpu.ts';

test('sees each kernel that is recorded, with its inputs and attributes, and not what is inside of it', () => {
  const seen: string[] = [];
  tf.tidy(() => {
    const inner = tf.customGrad((x) => ({
      value: tf.square(tf.exp(x as tf.Tensor)),
      gradFunc: (dy) => dy,
    }));
    replaceKernelCalls(
      (kernelName, inputs, attributes, call) => {
        seen.push(`${kernelName} ${Object.keys(inputs).join()} ${JSON.stringify(attributes)}`);
        return call(inputs);
      },
      () => tf.leakyRelu(inner(tf.tensor1d([1, -1])), 0.25),
    );
  });
  expect(seen).toEqual(['LeakyRelu x {"alpha":0.25}']);
});

test('computes with what takes the place of a kernel, and its gradient', () => {
  const [slope] = tf.tidy(() =>
    replaceKernelCalls(
      (_, inputs, _attributes, call) => tf.mul(call(inputs) as tf.Tensor, 3),
      () =>
        tf
          .grad((x: tf.Tensor) => tf.square(x))(tf.scalar(2))
          .dataSync(),
    ),
  );
  expect(slope).toBeGreaterThan(12 - 1e-4);
});

test('leaves the engine as it was, also after an error', () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- compared only
  const before = tf.engine().runKernel;
  expect(() =>
    replaceKernelCalls(
      () => {
        throw new Error('mine');
      },
      () => tf.ones([1]).square(),
    ),
  ).toThrow('mine');
  // eslint-disable-next-line @typescript-eslint/unbound-method -- compared only
  expect(tf.engine().runKernel).toBe(before);
});

test('changes the inputs of one kernel, and what its gradient is made of', () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { runKernel } = tf.engine();
  changeKernelInputs(tf.Tanh, () => ({ x: tf.scalar(0) }));
  try {
    tf.tidy(() => {
      expect(tf.tanh(tf.scalar(3)).dataSync()[0]).toBe(0);
      expect(tf.sinh(tf.scalar(0)).dataSync()[0]).toBe(0);
    });
  } finally {
    // Other files share this process.
    tf.engine().runKernel = runKernel;
  }
});
