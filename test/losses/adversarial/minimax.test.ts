import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { MinimaxLoss } from 'tfjs-gan';
import { expectGolden } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import golden from '../../golden/losses.json' with { type: 'json' };

lossContract(() => new MinimaxLoss());

describe('MinimaxLoss', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test("equals PyTorch's log-sigmoids, value and gradient", () => {
    expectGolden(new MinimaxLoss(), golden.minimax);
  });
});
