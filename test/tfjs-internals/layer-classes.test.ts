import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { registeredClass } from '../../src/tfjs-internals/layer-classes.ts';

test('finds the class of a name, and what creates it from a config', () => {
  const [modelClass, fromConfig] = registeredClass('Sequential')!;
  expect(modelClass).toBe(tf.Sequential);
  const layers = [{ className: 'Dense', config: { units: 3, batchInputShape: [null, 2] } }];
  const model = fromConfig(modelClass, { name: 'made', layers }, {}, true);
  expect(model).toBeInstanceOf(tf.Sequential);
  expect(model.outputShape).toEqual([null, 3]);
  expect([...model.getWeights()[0]!.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(registeredClass('NoSuchLayer')).toBeUndefined();
});
