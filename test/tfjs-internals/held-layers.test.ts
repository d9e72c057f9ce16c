import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { heldLayers, wrappedLayer } from '../../src/tfjs-internals/held-layers.ts';

test('finds the layers in models and wrappers', () => {
  const layer = tf.layers.dense({ units: 1, inputShape: [2] });
  expect(heldLayers(tf.sequential({ layers: [layer] }))).toEqual([layer]);
  expect(heldLayers(layer)).toEqual([]);
  expect(wrappedLayer(layer)).toBeUndefined();
  const inside = tf.layers.dense({ units: 1 });
  const wrapper = tf.layers.timeDistributed({ layer: inside });
  expect(heldLayers(wrapper)).toEqual([inside]);
  expect(wrappedLayer(wrapper)).toBe(inside);
  const rnn = tf.layers.simpleRNN({ units: 1, name: 'rnn' });
  const both = heldLayers(tf.layers.bidirectional({ layer: rnn, mergeMode: 'sum' }));
  const names = both.map(({ name }) => name);
  expect(names).toContain('forward_rnn');
  expect(names).toContain('backward_rnn');
});
