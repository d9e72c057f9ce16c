import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  clipGradients,
  type Schedule,
  type OptimizerSpec,
  type PenalizedWeight,
  type PenaltyContext,
  rmsprop,
  sgd,
  Trainer,
  type TrainerOptions,
  warmup,
  type WeightUpdate,
} from 'tfjs-gan';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import { linearLoss } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

// Custom parts, as JavaScript lets them be.

/** What a Trainer says to such parts; it leaves nothing behind, and the generator as it was. */
function refusal(rules: object): string {
  const game = smallGame();
  const { generator, discriminator } = game;
  const tensors = tf.memory().numTensors;
  const options = { generator, discriminator, ema: {}, ...rules } as TrainerOptions;
  try {
    new Trainer(options);
    return 'no error';
  } catch (error) {
    expect(tf.memory().numTensors).toBe(tensors);
    expect(generator.hasEma).toBe(false);
    return (error as Error).message;
  } finally {
    game.dispose();
  }
}

/** What a step says to such parts; it leaves nothing behind, and everything where it stood. */
async function refusalInStep(rules: object): Promise<string> {
  const game = smallGame(rules);
  const [before, tensors] = [await game.trainer.snapshot(), tf.memory().numTensors];
  const failed: unknown = await game.trainer
    .fit(smallData(), { steps: 1, batchSize: 6 })
    .then(() => new Error('no error'))
    .catch((error: unknown) => error);
  expect(tf.memory().numTensors).toBe(tensors);
  // The run has named its pass through the data; nothing else may differ.
  expect({ ...(await game.trainer.snapshot()), cursor: before.cursor }).toEqual(before);
  game.dispose();
  return (failed as Error).message;
}

/** Plain descent, with parts of it changed. */
const descent = (changes: object): OptimizerSpec => ({
  name: 'descent',
  learningRate: 1e-3,
  slots: [],
  update: ({ value, gradient, learningRate }) => ({
    value: tf.sub(value, tf.mul(gradient, learningRate)),
    slots: [],
  }),
  ...changes,
});

/** A schedule, with parts of it changed. */
const flat = (changes: object): Schedule => ({
  name: 'flat',
  settings: {},
  valueAt: () => 1e-3,
  ...changes,
});

describe('an optimizer of one’s own is refused', () => {
  test.each<[object, string]>([
    [{ name: undefined }, 'name must be a string that is not empty, got undefined'],
    [{ name: '' }, "name must be a string that is not empty, got ''"],
    [{ learningRate: Number.NaN }, 'learningRate must be a positive number, got NaN'],
    [{ learningRate: -1 }, 'learningRate must be a positive number, got -1'],
    [{ learningRate: '1' }, "learningRate must be a positive number or a Schedule, got '1'"],
    [
      { learningRate: undefined },
      'learningRate must be a positive number or a Schedule, got undefined',
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
  const constraint = { name: 'none', target: 'generator', bind: () => expect.unreachable() };
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
      { usesRealLogits: 'yes' },
      "loss.usesRealLogits must be one of true, false, undefined, got 'yes'",
    ],
    [{ multiLogit: 1 }, 'loss.multiLogit must be one of true, false, undefined, got 1'],
  ])('of a loss are refused: %o', (changes, message) => {
    expect(refusal({ loss: { ...linearLoss, ...changes } })).toBe(
      `Cannot create a Trainer: ${message}`,
    );
  });

  test('of a loss: real logits that nobody requests', () => {
    const generator = (fake: tf.Tensor, real?: tf.Tensor): tf.Scalar =>
      tf.sub(tf.mean(real!), tf.mean(fake)).asScalar();
    expect(refusal({ loss: { ...linearLoss, generator } })).toBe(
      'Cannot create a Trainer: loss.usesRealLogits must be true if generator(fake, real) uses the real logits, ' +
        'got undefined. Set usesRealLogits: true, or use only fake',
    );
    smallGame({ loss: { ...linearLoss, generator, usesRealLogits: true } }).dispose();
  });

  test('but a cap that is infinite may be restored', async () => {
    const make = (cap: number) => smallGame({ loss: { ...linearLoss, settings: { cap } } });
    const [one, other, finite] = [make(Infinity), make(Infinity), make(5)];
    await one.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    const snapshot = await one.trainer.snapshot();
    await other.trainer.restore(snapshot);
    expect(other.weights()).toEqual(one.weights());
    await expect(finite.trainer.restore(snapshot)).rejects.toThrow('loss.cap: was Infinity, is 5');
    for (const game of [one, other, finite]) game.dispose();
  });
});

describe('a schedule of one’s own is refused', () => {
  const makers: [string, string, (rate: Schedule) => unknown][] = [
    ['create adam', 'learningRate', (learningRate) => adam({ learningRate })],
    ['create rmsprop', 'learningRate', (learningRate) => rmsprop({ learningRate })],
    ['create sgd', 'learningRate', (learningRate) => sgd({ learningRate })],
    ['create warmup', 'value', (rate) => warmup(rate, { updates: 2 })],
  ];
  test.each(makers)('cannot %s', (action, name, make) => {
    const say = (changes: object) => () => make(flat(changes));
    expect(say({ name: undefined })).toThrow(
      `Cannot ${action}: ${name}.name must be a string that is not empty, got undefined`,
    );
    expect(say({ settings: { every: [1] } })).toThrow(
      `Cannot ${action}: ${name}.settings.every must be a number other than NaN`,
    );
    // A number of any kind may be negative, a learning rate not.
    const wanted = name === 'value' ? 'a finite number' : 'a number of at least 0';
    for (const rate of [...(name === 'value' ? [] : [-1]), Number.NaN, '1', undefined]) {
      expect(say({ valueAt: () => rate })).toThrow(
        `Cannot ${action}: the value of the schedule 'flat' for update 1 must be ${wanted}, got `,
      );
    }
    expect(say({ valueAt: () => 0 })).not.toThrow();
  });
});

const asTensor = (shape: string): string => `a float32 tensor of shape ${shape}`;

test('an optimizer may return tensors that it was given as its state', async () => {
  const trained = async (changes: object): Promise<readonly unknown[]> => {
    const [generator, discriminator] = [descent(changes), descent(changes)];
    const before = tf.memory().numTensors;
    const game = smallGame({ optimizers: { generator, discriminator } });
    await game.trainer.fit(smallData(), { steps: 3, batchSize: 6 });
    const weights = game.weights();
    game.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return weights;
  };
  const remembering = descent({ slots: ['weight', 'gradient'] });
  const update = (given: WeightUpdate): object => ({
    ...remembering.update(given),
    slots: [given.value, given.gradient],
  });
  expect(await trained({ ...remembering, update })).toEqual(await trained({}));
});

describe('an optimizer that returns what was not requested', () => {
  const whole = ({ value }: WeightUpdate): object => ({ value, slots: [value] });
  test.each<[string, object, string]>([
    [
      'nothing',
      { update: () => undefined },
      `update of the optimizer 'descent' must return value as ${asTensor('[3, 18]')}, got undefined`,
    ],
    [
      'a weight of another shape',
      { update: ({ value }: WeightUpdate) => ({ value: tf.zeros([2]), slots: [value] }) },
      `update of the optimizer 'descent' must return value as ${asTensor('[3, 18]')}, got ${asTensor('[2]')}`,
    ],
    [
      'no slots',
      { update: ({ value }: WeightUpdate) => ({ value }) },
      "update of the optimizer 'descent' must return slots as a list of 1 tensors, got undefined",
    ],
    [
      'too few slots',
      { update: ({ value }: WeightUpdate) => ({ value, slots: [] }) },
      "update of the optimizer 'descent' must return slots as a list of 1 tensors, got a list of 0",
    ],
    [
      'a slot of another shape',
      { update: ({ value }: WeightUpdate) => ({ value, slots: [tf.scalar(1)] }) },
      `update of the optimizer 'descent' must return slots[0] as ${asTensor('[3, 18]')}, got ${asTensor('[]')}`,
    ],
    [
      'no gradients',
      { update: whole, prepare: () => [] },
      "prepare of the optimizer 'descent' must return gradients as a list of 4 tensors, got a list of 0",
    ],
    [
      'one gradient too few',
      { update: whole, prepare: (gradients: tf.Tensor[]) => gradients.slice(1) },
      "prepare of the optimizer 'descent' must return gradients as a list of 4 tensors, got a list of 3",
    ],
    [
      'gradients in another order',
      { update: whole, prepare: (gradients: tf.Tensor[]) => [...gradients].reverse() },
      `prepare of the optimizer 'descent' must return gradients[0] as ${asTensor('[3, 18]')}, got ${asTensor('[1]')}`,
    ],
  ])('is named: %s', async (_, changes, message) => {
    const generator = descent({ slots: ['mean'], ...changes });
    expect(await refusalInStep({ optimizers: { generator } })).toBe(`Cannot train: ${message}`);
  });
});

describe('a penalty of one’s own', () => {
  const penalty = {
    name: 'memory',
    target: 'generator',
    weight: 1,
    slots: ['last', 'first'],
    compute: ({ weights }: PenaltyContext) => tf.sum(weights[0]!.value).asScalar(),
    updateSlots: ({ value }: PenalizedWeight) => [value, value],
  };

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'slots as a list of 2 tensors, got undefined'],
    ['too few', [tf.Tensor], 'slots as a list of 2 tensors, got a list of 1'],
    ['too many', [1, 2, 3], 'slots as a list of 2 tensors, got a list of 3'],
    ['no tensor', [1, 2], `slots[0] as ${asTensor('[3, 18]')}, got 1`],
  ])('is named if it remembers %s', async (_, remembered, message) => {
    const updateSlots = (): unknown => remembered;
    expect(await refusalInStep({ penalties: [{ ...penalty, updateSlots }] })).toBe(
      `Cannot train: updateSlots of the penalty 'memory' must return ${message}`,
    );
  });

  test('is named if it remembers another shape, which could not be restored', async () => {
    const updateSlots = ({ value }: PenalizedWeight): tf.Tensor[] => [value, tf.zeros([2])];
    expect(await refusalInStep({ penalties: [{ ...penalty, updateSlots }] })).toBe(
      "Cannot train: updateSlots of the penalty 'memory' must return slots[1] as a float32 tensor of shape [3, 18], got " +
        'a float32 tensor of shape [2]',
    );
  });

  test.each<[object, string]>([
    [{ check: 5 }, 'check must be a function, got 5'],
    [{ slots: 'a' }, "slots must be a list of names, no two alike, got 'a'"],
    [{ slots: ['a', 'a'] }, "slots must be a list of names, no two alike, got ['a', 'a']"],
  ])('is refused with %o', (changes, message) => {
    expect(refusal({ penalties: [{ ...penalty, ...changes }] })).toBe(
      `Cannot create a Trainer: penalties[0].${message}`,
    );
  });
});

describe('a constraint of one’s own', () => {
  const live = { state: new Map(), setState: () => undefined, dispose: () => undefined };
  const rules = (attached: unknown): object => ({
    constraints: [{ name: 'own', target: 'generator', bind: () => attached }],
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [{}, 'an object'],
    [{ ...live, state: undefined }, 'an object'],
    [{ ...live, dispose: undefined }, 'an object'],
  ])('is named if bind returns %o', (attached, got) => {
    expect(refusal(rules(attached))).toBe(
      "Cannot create a Trainer: bind of the constraint 'own' must return a BoundConstraint with a Map as state and " +
        `the functions setState(name, value) and dispose(), got ${got}`,
    );
  });

  test('is named if a hook is no function', () => {
    expect(refusal(rules({ ...live, afterUpdate: 5 }))).toBe(
      "Cannot create a Trainer: the constraint 'own'.afterUpdate must be a function, got 5",
    );
  });

  test.each<[string, (pass: () => unknown) => unknown]>([
    ['without return', (pass) => void pass()],
    ['without the pass', () => undefined],
    ['with something else', (pass) => [pass()]],
  ])('is named if wrapForward ends %s', async (_, wrapForward) => {
    expect(await refusalInStep(rules({ ...live, wrapForward }))).toMatch(
      /^Cannot train: wrapForward of the constraint 'own' must return the result of the pass, got .*\. End it with return pass\(\)$/,
    );
  });

  test.each<[string, () => unknown, string]>([
    ['a number', () => 5, 'scalars by name, got 5'],
    ['one scalar', () => tf.scalar(1), 'scalars by name, got an instance of Tensor'],
    ['nothing', () => undefined, 'scalars by name, got undefined'],
    [
      'a vector',
      () => ({ size: tf.zeros([3]) }),
      `size as ${asTensor('[]')}, got ${asTensor('[3]')}`,
    ],
    ['a number by name', () => ({ size: 5 }), `size as ${asTensor('[]')}, got 5`],
  ])('is named if observe returns %s', async (_, observe, message) => {
    expect(await refusalInStep(rules({ ...live, observe }))).toBe(
      `Cannot train: observe of the constraint 'own' must return ${message}`,
    );
  });
});
