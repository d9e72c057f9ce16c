import * as tf from '@tensorflow/tfjs';
import { afterAll, describe } from 'vitest';
import { BceLoss, HingeLoss, useBackend, WassersteinLoss } from 'tfjs-gan';
import { backendContract } from '../contracts/backend-contract.ts';
import { lossContract } from '../contracts/loss-contract.ts';
import { pageBackends } from './graphics.ts';

afterAll(async () => {
  await tf.setBackend('cpu');
});

for (const [name, backend] of Object.entries(pageBackends)) {
  if (name !== 'cpu') backendContract(name, () => useBackend(backend));
}

describe('on webgl', () => {
  for (const make of [() => new BceLoss(), () => new HingeLoss(), () => new WassersteinLoss()]) {
    lossContract(make, 'webgl');
  }
});
