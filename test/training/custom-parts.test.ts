import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  clipGradients,
  type LearningRateSchedule,
  type OptimizerSpec,
  rmsprop,
  sgd,
  Trainer,
  type TrainerOptions,
  warmUp,
} from 'tfjs-gan';
import { smallGame } from '../contracts/training-contract.ts';
import { linearLoss } from '../support/tiny-gan.ts';

// Parts of one's own, as JavaScript lets them be.
beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** What a Trainer says to such parts; it leaves nothing behind, and the generator as it was. */
function refusal(rules: object): string {
  const game = smallGame();
  const { generator, discriminator } = game;
  const tensors = tf.memory().numTensors;
  const options = { generator, discriminator, weightAverage: {}, ...rules } as TrainerOptions;
  try {
    new Trainer(options);
    return 'no error';
  } catch (error) {
    expect(tf.memory().numTensors).toBe(tensors);
    expect(generator.hasAveragedWeights).toBe(false);
    return (error as Error).message;
  } finally {
    game.dispose();
  }
}

/** Plain descent, with parts of it changed. */
const descent = (changes: object): OptimizerSpec => ({
  ...{ name: 'descent', learningRate: 1e-3, slots: [] },
  update: ({ value, gradient, learningRate }) => ({
    value: tf.sub(value, tf.mul(gradient, learningRate)),
    slots: [],
  }),
  ...changes,
});

/** A schedule, with parts of it changed. */
const flat = (changes: object): LearningRateSchedule => ({
  ...{ name: 'flat', settings: {}, rateAt: () => 1e-3 },
  ...changes,
});

describe('an optimizer of one’s own is refused', () => {
  test.each<[object, string]>([
    [{ name: undefined }, 'name must be a string that is not empty, got undefined'],
    [{ name: '' }, "name must be a string that is not empty, got ''"],
    [{ learningRate: Number.NaN }, 'learningRate must be a positive number, got NaN'],
    [{ learningRate: -1 }, 'learningRate must be a positive number, got -1'],
    [
      { learningRate: '1' },
      "learningRate must be a positive number or a LearningRateSchedule, got '1'",
    ],
    [
      { learningRate: undefined },
      'learningRate must be a positive number or a LearningRateSchedule, got undefined',
    ],
    [
      { learningRate: flat({ name: undefined }) },
      'learningRate.name must be a string that is not empty, got undefined',
    ],
    [{ slots: ['a', 'a'] }, "slots must be a list of names, no two alike, got ['a', 'a']"],
    [{ slots: [''] }, "slots must be a list of names, no two alike, got ['']"],
    [{ slots: 'a' }, "slots must be a list of names, no two alike, got 'a'"],
    [{ slots: undefined }, 'slots must be a list of names, no two alike, got undefined'],
    [
      { settings: { betas: [0, 1] } },
      'settings.betas must be a number other than NaN, a string or a boolean, got [0, 1]',
    ],
    [{ settings: [1] }, 'settings must be an object of numbers, strings and booleans, got [1]'],
    [{ prepare: 5 }, 'prepare must be a function, got 5'],
  ])('by Trainer and by clipGradients: %o', (changes, message) => {
    const optimizer = descent(changes);
    expect(refusal({ optimizers: { generator: optimizer } })).toBe(
      `Cannot create a Trainer: optimizers.generator.${message}`,
    );
    expect(() => clipGradients(optimizer, { norm: 1 })).toThrow(
      `Cannot clip gradients: optimizer.${message}`,
    );
  });
});

describe('names and settings that a snapshot could not compare', () => {
  const constraint = { name: 'none', target: 'generator', attach: () => expect.unreachable() };
  const penalty = { name: 'none', target: 'generator', weight: 1, compute: () => tf.scalar(0) };
  test.each<[string, (changes: object) => object]>([
    ['loss', (changes) => ({ loss: { ...linearLoss, ...changes } })],
    ['penalties[0]', (changes) => ({ penalties: [{ ...penalty, ...changes }] })],
    ['constraints[0]', (changes) => ({ constraints: [{ ...constraint, ...changes }] })],
  ])('of %s are refused', (path, rules) => {
    const said = (changes: object): string => refusal(rules(changes));
    const wanted = 'must be a number other than NaN, a string or a boolean';
    expect(said({ name: '' })).toBe(
      `Cannot create a Trainer: ${path}.name must be a string that is not empty, got ''`,
    );
    expect(said({ settings: { t: [0, 1] } })).toBe(
      `Cannot create a Trainer: ${path}.settings.t ${wanted}, got [0, 1]`,
    );
    expect(said({ settings: { cap: Number.NaN } })).toBe(
      `Cannot create a Trainer: ${path}.settings.cap ${wanted}, got NaN`,
    );
    expect(said({ settings: null })).toBe(
      `Cannot create a Trainer: ${path}.settings must be an object of numbers, strings and booleans, got null`,
    );
  });

  test.each([
    [{ name: undefined }, 'loss.name must be a string that is not empty, got undefined'],
    [{ name: 5 }, 'loss.name must be a string that is not empty, got 5'],
    [
      { generatorNeedsReal: 'yes' },
      "loss.generatorNeedsReal must be one of true, false, undefined, got 'yes'",
    ],
    [{ takesManyLogits: 1 }, 'loss.takesManyLogits must be one of true, false, undefined, got 1'],
  ])('of a loss are refused: %o', (changes, message) => {
    expect(refusal({ loss: { ...linearLoss, ...changes } })).toBe(
      `Cannot create a Trainer: ${message}`,
    );
  });

  test('of a loss: real logits that nobody asks for', () => {
    const generator = (fake: tf.Tensor, real?: tf.Tensor): tf.Scalar =>
      tf.sub(tf.mean(real!), tf.mean(fake)).asScalar();
    expect(refusal({ loss: { ...linearLoss, generator } })).toBe(
      'Cannot create a Trainer: loss.generatorNeedsReal must be true where generator(fake, real) takes the real logits, ' +
        'got undefined. Set generatorNeedsReal: true, or take fake alone',
    );
    smallGame({ loss: { ...linearLoss, generator, generatorNeedsReal: true } }).dispose();
  });

  test('but a cap that is infinite may be restored', async () => {
    const make = () => smallGame({ loss: { ...linearLoss, settings: { cap: Infinity } } });
    const [one, other] = [make(), make()];
    await other.trainer.restore(await one.trainer.snapshot());
    one.dispose();
    other.dispose();
  });
});

describe('a schedule of one’s own is refused', () => {
  const makers: [string, string, (rate: LearningRateSchedule) => unknown][] = [
    ['create adam', 'learningRate', (learningRate) => adam({ learningRate })],
    ['create rmsprop', 'learningRate', (learningRate) => rmsprop({ learningRate })],
    ['create sgd', 'learningRate', (learningRate) => sgd({ learningRate })],
    ['create warmUp', 'rate', (rate) => warmUp(rate, { updates: 2 })],
  ];
  test.each(makers)('cannot %s', (asked, name, make) => {
    const say = (changes: object) => () => make(flat(changes));
    expect(say({ name: undefined })).toThrow(
      `Cannot ${asked}: ${name}.name must be a string that is not empty, got undefined`,
    );
    expect(say({ settings: { every: [1] } })).toThrow(
      `Cannot ${asked}: ${name}.settings.every must be a number other than NaN`,
    );
    for (const rate of [-1, Number.NaN, '1', undefined]) {
      expect(say({ rateAt: () => rate })).toThrow(
        `Cannot ${asked}: the schedule 'flat' must give a learning rate of at least 0, got `,
      );
    }
    expect(say({ rateAt: () => 0 })).not.toThrow();
  });
});
