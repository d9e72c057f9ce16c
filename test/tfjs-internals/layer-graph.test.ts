import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { layersAfter, sourceOf, usesOf } from '../../src/tfjs-internals/layer-graph.ts';

test('knows which use of a layer a tensor comes from, and which layers take it', () => {
  const [first, second] = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
  const dense = tf.layers.dense({ units: 1 });
  const [one, other] = [first, second].map((input) => dense.apply(input) as tf.SymbolicTensor);
  const source = { layer: dense, output: 0 };
  expect(sourceOf(one!)).toEqual({ ...source, use: 0, inputs: [first], outputs: [one] });
  expect(sourceOf(other!)).toEqual({ ...source, use: 1, inputs: [second], outputs: [other] });
  expect(layersAfter(first)).toEqual([dense]);
  expect(usesOf(second)).toEqual([{ layer: dense, inputs: [second], outputs: [other] }]);
});
