import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { replaceCustomOperations } from '../../src/tfjs-internals/operation-calls.ts';
import '../support/on-cpu.ts';

test('replaces operations with gradients of their own, by the scope they run in, and observes kernels', () => {
  const scopes: string[] = [];
  const kernels: string[] = [];
  replaceCustomOperations(
    (call, scope) => {
      scopes.push(scope);
      return { ...call, backwardsFunc: (dy) => ({ 0: () => tf.mul(dy, 7) }) };
    },
    (kernelName) => kernels.push(kernelName),
  );
  tf.tidy(() => {
    // Made before, run after.
    const gradients = [(x: tf.Tensor) => tf.logSigmoid(x), (x: tf.Tensor) => tf.logSoftmax(x)].map(
      (operation) => tf.grad(operation)(tf.tensor1d([1, 2])),
    );
    for (const gradient of gradients) expect([...gradient.dataSync()]).toEqual([7, 7]);
  });
  expect(scopes).toEqual(['logSigmoid__op', 'logSoftmax__op']);
  expect(kernels).toContain(tf.Softplus);
});
