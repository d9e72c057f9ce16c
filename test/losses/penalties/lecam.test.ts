import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { LecamPenalty, type PenaltyContext } from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { contextOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new LecamPenalty());

/** Values of a penalty in updates whose logits are given, as pairs of real and fake ones. */
function valuesOf(
  penalty: LecamPenalty,
  updates: readonly (readonly [readonly number[], readonly number[]])[],
): number[] {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const slots = new Map<string, tf.Tensor>();
  const slot: PenaltyContext['slot'] = (name, initial) => {
    if (!slots.has(name)) slots.set(name, tf.keep(initial()));
    return { get: () => slots.get(name)!, set: (value) => slots.set(name, tf.keep(value)) };
  };
  const values = updates.map(([ofReal, ofFake]) => {
    const [real, fake] = [ofReal, ofFake].map((logits) =>
      tf.tensor2d([...logits], [logits.length, 1]),
    );
    const discriminate = (x: tf.Tensor): tf.Tensor => x;
    const context = contextOf(model, { real: real!, fake: fake!, discriminate, slot });
    return penalty.compute(context).dataSync()[0]!;
  });
  model.dispose();
  return values;
}

describe('LecamPenalty', () => {
  test('compares logits with the running means of the other side, this update included', () => {
    const penalty = new LecamPenalty({ decay: 0.5 });
    const [first, second] = valuesOf(penalty, [
      [[3, 1], [-1, 0]],
      [[1, -2], [2, 0]],
    ]); // prettier-ignore
    // Means 2 and −½: real logits are 3½ and 1½ above the fake mean, fake ones 3 and 2 below the real one.
    expect(first).toBeCloseTo((3.5 ** 2 + 1.5 ** 2) / 2 + (3 ** 2 + 2 ** 2) / 2, 5);
    // Corrected means (2/4 − ½/2) / ¾ = ⅓ and (−½/4 + 1/2) / ¾ = ½.
    const [ofReal, ofFake] = [1 / 3, 1 / 2];
    expect(second).toBeCloseTo((1 - ofFake) ** 2 / 2 + ofReal ** 2 / 2, 5);
  });

  test('is zero while real logits are below the fake mean and fake ones above the real one', () => {
    expect(valuesOf(new LecamPenalty(), [[[-5, -6], [4, 5]]])).toEqual([0]); // prettier-ignore
  });

  test.each([
    [{ decay: 1 }, 'Cannot create a LecamPenalty: decay must be at least 0 and less than 1, got 1'],
    [{ weight: -1 }, 'weight must be a number of at least 0, got -1'],
  ])('refuses %j', (options, message) => {
    expect(() => new LecamPenalty(options)).toThrow(message);
  });
});
