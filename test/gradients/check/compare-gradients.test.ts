import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients, Random } from 'tfjs-gan';
import { compareGradients } from '../../../src/gradients/check/compare-gradients.ts';
import { caseNames, caseOf } from '../critics.ts';

type Critic = Parameters<typeof compareGradients>[0];

const compare = (critic: Critic, x: tf.Tensor, weights: readonly tf.Tensor[]) =>
  compareGradients(critic, x, weights, 0.02, new Random(1));

/** Runs a function while a kernel has the gradient that its gradient is turned into. */
async function withGradient<T>(
  kernelName: string,
  turn: (gradient: tf.Tensor) => tf.Tensor,
  run: () => Promise<T>,
): Promise<T> {
  const registered = tf.getGradient(kernelName);
  const register = (config: tf.GradConfig): void => {
    tf.unregisterGradient(kernelName);
    tf.registerGradient(config);
  };
  register({
    ...registered,
    gradFunc: (dy, saved, attributes) => {
      const { x, ...others } = registered.gradFunc(dy, saved, attributes);
      return { x: () => turn(x!()), ...others };
    },
  });
  try {
    return await run();
  } finally {
    register(registered);
  }
}

describe('compareGradients', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    enableSecondOrderGradients();
  });

  const ofSamples = caseNames.filter((name) => !name.endsWith('ByWeights'));

  test.each(ofSamples)('finds the gradient through %s right, as PyTorch has it', async (name) => {
    const { x, weights, critic } = caseOf(name);
    const before = tf.memory().numTensors;
    const { relativeError, problem } = await compare(critic, x, weights);
    expect(tf.memory().numTensors).toBe(before);
    expect(problem).toBeUndefined();
    expect(relativeError).toBeLessThan(0.02);
    tf.dispose([x, ...weights]);
  });

  const kinked: Readonly<Record<string, (h: tf.Tensor) => tf.Tensor>> = {
    [tf.LeakyRelu]: (h) => tf.leakyRelu(h),
    [tf.Abs]: (h) => tf.abs(h),
    [tf.Elu]: (h) => tf.elu(h),
    [tf.ClipByValue]: (h) => tf.clipByValue(h, -0.5, 0.5),
    [tf.Max]: (h) => tf.max(tf.reshape(h, [4, 8, 4]), 2),
    [tf.TopK]: (h) => tf.topk(h, 3).values,
    [tf.MaxPool]: (h) => tf.maxPool(tf.reshape<tf.Rank.R4>(h, [4, 4, 4, 2]), 2, 2, 'valid'),
  };

  test.each(Object.keys(kinked))('holds the kinks of %s, but not a wrong slope', async (kernel) => {
    const x = tf.randomNormal([4, 6], 0, 1, 'float32', 1);
    const weight = tf.randomNormal([6, 32], 0, 1, 'float32', 2);
    const critic: Critic = (samples, [own]) =>
      tf.sum(tf.square(tf.reshape(kinked[kernel]!(tf.matMul(samples, own!)), [4, -1])), 1);
    expect((await compare(critic, x, [weight])).relativeError).toBeLessThan(0.02);
    const wrong = await withGradient(
      kernel,
      (gradient) => tf.mul(gradient, 1.1),
      () => compare(critic, x, [weight]),
    );
    expect(wrong).toMatchObject({ isWrong: true });
    expect(wrong.problem).toContain('the gradient of the critic differs from central differences');
    tf.dispose([x, weight]);
  });

  test('says when there is nothing to compare, and blames nothing', async () => {
    const x = tf.tensor2d([[1.4, -2.3, 0.6]]);
    const weight = tf.scalar(2);
    const only = await compare((samples, [own]) => tf.add(tf.square(samples), own!), x, [weight]);
    expect(only).toEqual({
      problem: 'the gradient of the critic depends on its weights by no more than rounding',
    });
    tf.dispose([x, weight]);
  });
});
