import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { listenTo, replaceLayerCalls } from '../../src/tfjs-internals/layer-call.ts';
import '../support/on-cpu.ts';

const network = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 3, inputShape: [2] }),
      tf.layers.dense({ units: 1, activation: 'relu' }),
    ],
  });

test('returns what layers were given and what they made, on the tape', () => {
  const model = network();
  const [first, second] = model.layers as [tf.layers.Layer, tf.layers.Layer];
  const before = tf.memory().numTensors;
  tf.engine().startScope();
  const input = tf.ones([4, 2]);
  let output: tf.Tensor | undefined;
  const heard = listenTo(
    [
      { layer: first, end: 'input' },
      { layer: first, end: 'output' },
      { layer: second, end: 'output' },
    ],
    () => {
      output = model.apply(input) as tf.Tensor;
    },
  );
  expect(heard.map((tensor) => tensor?.shape)).toEqual([
    [4, 2],
    [4, 3],
    [4, 1],
  ]);
  expect(heard[2]!.dataSync()).toEqual(output!.dataSync());
  tf.engine().endScope();
  // What it kept for itself is freed, and the rest belongs to the scope.
  expect(tf.memory().numTensors).toBe(before);
  expect(Object.hasOwn(first, 'call')).toBe(false);
});

test('has nothing of a layer that the pass does not reach, and leaves layers as they were after an error', () => {
  const [model, other] = [network(), network()];
  const far = other.layers[0]!;
  tf.tidy(() => {
    const heard = listenTo(
      [{ layer: far, end: 'output' }],
      () => void model.apply(tf.ones([1, 2])),
    );
    expect(heard).toEqual([undefined]);
  });
  const listened = [{ layer: far, end: 'output' as const }];
  expect(() =>
    listenTo(listened, () => {
      throw new Error('mine');
    }),
  ).toThrow('mine');
  expect(Object.hasOwn(far, 'call')).toBe(false);
});

test('replaces the calls of layers, whose settings it receives', () => {
  const model = network();
  const [first] = model.layers as [tf.layers.Layer];
  tf.tidy(() => {
    const output = replaceLayerCalls(
      [first, first],
      (layer, { inputs, settings, run }) => {
        expect(layer).toBe(first);
        expect([inputs].flat().map(({ shape }) => shape)).toEqual([[4, 2]]);
        expect(settings['training']).toBe(true);
        return tf.zerosLike([run()].flat()[0]!);
      },
      () => model.apply(tf.ones([4, 2]), { training: true }) as tf.Tensor,
    );
    expect([...output.dataSync()]).toEqual([0, 0, 0, 0]);
  });
  expect(Object.hasOwn(first, 'call')).toBe(false);
});
