import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { linearDecay, type Penalty, R1Penalty, type Schedule } from 'tfjs-gan';
import { smallData, smallGame } from '../../contracts/training-contract.ts';
import '../../support/on-cpu.ts';

/** A penalty whose term is 1 before it is weighted. */
const one = (weight: Penalty['weight'], every = 1): Penalty => ({
  name: 'one',
  target: 'discriminator',
  weight,
  every,
  compute: ({ weights }) =>
    tf.tidy(() => tf.add(tf.mul(tf.sum(weights[0]!.value), 0), 1).asScalar()),
});

test('the weight of a penalty may change, and at 0 there is no term', async () => {
  const penalties = [one(linearDecay({ from: 4, to: 0, end: 4 })), one(2, 2)];
  using game = smallGame({ penalties });
  const { steps } = await game.trainer.fit(smallData(), { steps: 6, batchSize: 6 });
  const terms = steps.map(({ terms: { discriminator } }) => discriminator);
  expect(terms.map((each) => each['one'])).toEqual([4, 3, 2, 1, undefined, undefined]);
  expect(terms.map((each) => each['one_2'])).toEqual([undefined, 4, undefined, 4, undefined, 4]);
  expect(game.trainer.configuration).toMatchObject({
    'penalties.one.weight': 'linear',
    'penalties.one.weight.from': 4,
    'penalties.one_2.weight': 2,
  });
});

test('a weight that is none is refused as the penalty is made, and in the step in which it comes', async () => {
  const bad = (weight: unknown) => new R1Penalty({ weight: weight as number });
  expect(() => bad(-1)).toThrow('weight must be a number of at least 0, got -1');
  expect(() => bad('1')).toThrow("weight must be a number of at least 0 or a Schedule, got '1'");
  const later: Schedule = { name: 'later', valueAt: ({ step }) => (step < 2 ? 1 : -1) };
  using game = smallGame({ penalties: [new R1Penalty({ weight: later })] });
  const before = game.weights();
  await game.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
  const after = game.weights();
  expect(after).not.toEqual(before);
  await expect(game.trainer.fit(smallData(), { steps: 1, batchSize: 6 })).rejects.toThrow(
    "Cannot train: the value of the schedule 'later' for update 2 must be a number of at least 0, got -1",
  );
  expect(game.weights()).toEqual(after);
});
