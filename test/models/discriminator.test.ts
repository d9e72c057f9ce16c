import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { dcganDiscriminator, Discriminator } from 'tfjs-gan';
import '../support/on-cpu.ts';

const dense = (activation?: 'sigmoid' | 'softmax' | 'tanh' | 'relu'): tf.layers.Layer =>
  tf.layers.dense({ units: 1, inputShape: [2], ...(activation ? { activation } : {}) });

describe('Discriminator', () => {
  test('returns logits, and probabilities as a view of them', () => {
    using discriminator = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 2 });
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const samples = tf.randomNormal([3, 8, 8, 1], 0, 1, 'float32', 1);
      const logits = discriminator.logits(samples).dataSync();
      discriminator
        .probability(samples)
        .dataSync()
        .forEach((p, i) => expect(p).toBeCloseTo(1 / (1 + Math.exp(-(logits[i] ?? NaN))), 6));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ['a sigmoid', [dense('sigmoid')]],
    ['a softmax', [dense('softmax')]],
    ['a sigmoid layer', [dense(), tf.layers.activation({ activation: 'sigmoid' })]],
    ['a softmax layer', [dense(), tf.layers.softmax({})]],
    [
      'a sigmoid and a change of shape',
      [dense('sigmoid'), tf.layers.reshape({ targetShape: [1, 1] })],
    ],
    ['a sigmoid and dropout', [dense('sigmoid'), tf.layers.dropout({ rate: 0.5 })]],
    ['a tanh', [dense('tanh')]],
    ['a ReLU', [dense('relu')]],
    ['a ReLU layer', [dense(), tf.layers.reLU()]],
    ['a model that ends in a sigmoid', [tf.sequential({ layers: [dense('sigmoid')] })]],
  ])('refuses one that ends in %s, with the cure', (_name, layers) => {
    const model = tf.sequential({ layers });
    expect(() => new Discriminator({ model })).toThrow(
      /Cannot create a Discriminator: model must return logits, got one that ends in (sigmoid|softmax|tanh|relu)\. Leave the last activation out; discriminator\.probability\(samples\) gives probabilities/,
    );
  });

  test('takes one that ends in a LeakyReLU, whose logits are of any size', () => {
    const model = tf.sequential({ layers: [dense(), tf.layers.leakyReLU()] });
    expect(new Discriminator({ model }).inputShape).toEqual([2]);
  });

  test('takes a sigmoid that is not the last word', () => {
    const model = tf.sequential({ layers: [dense('sigmoid'), tf.layers.dense({ units: 1 })] });
    expect(new Discriminator({ model }).inputShape).toEqual([2]);
  });

  test('names samples of another shape', () => {
    using discriminator = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 2 });
    expect(() => discriminator.logits(tf.zeros([1, 8, 8, 3]))).toThrow(
      'Cannot score samples: samples must have the shape [null, 8, 8, 1], got [1, 8, 8, 3]',
    );
  });
});
