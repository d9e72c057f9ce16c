import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { freeingVariables, isRegistered } from '../../src/tfjs-internals/variable-registry.ts';
import '../support/on-cpu.ts';

test('isRegistered tells a variable from one that is gone, and from another of its name', () => {
  const first = tf.variable(tf.scalar(1), true, 'twice');
  expect(isRegistered(first)).toBe(true);
  tf.disposeVariables();
  expect(first.isDisposed).toBe(false);
  expect(isRegistered(first)).toBe(false);
  const second = tf.variable(tf.scalar(2), true, 'twice');
  expect([isRegistered(first), isRegistered(second)]).toEqual([false, true]);
  second.dispose();
});

test('freeingVariables frees the variables of a function that fails, and no others', () => {
  const other = tf.variable(tf.scalar(1));
  const made = freeingVariables(() => tf.variable(tf.scalar(2)));
  const before = tf.memory().numTensors;
  expect(() =>
    freeingVariables(() => {
      const value = tf.scalar(3);
      tf.variable(value);
      value.dispose();
      throw new Error('mine');
    }),
  ).toThrow('mine');
  expect(tf.memory().numTensors).toBe(before);
  expect([other, made].map(isRegistered)).toEqual([true, true]);
  tf.dispose([other, made]);
});
