import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { type Constraint, Trainer } from 'tfjs-gan';
import { constraintContract } from '../contracts/constraint-contract.ts';
import { smallData, smallGame } from '../contracts/training-contract.ts';

/**
 * A rule that uses all of its moments: the model computes with half of what is learned, which lies in the state between
 * steps, and every update is counted.
 */
const halving = (target: Constraint['target'], role = 'kernel'): Constraint => ({
  name: 'halving',
  target,
  settings: { by: 2 },
  bind: (_model, _network, seed, weights) => {
    const weight = weights.findLast(({ key }) => key.endsWith(`/${role}`))!;
    const state = new Map<string, tf.Tensor>();
    const put = (name: string, value: tf.Tensor): void => {
      const held = state.get(name);
      state.set(name, tf.keep(value.clone()));
      held?.dispose();
    };
    const count = (name: string): void => {
      tf.tidy(() => {
        put(name, tf.add(state.get(name)!, 1));
      });
    };
    tf.tidy(() => {
      put('raw', weight.read());
      for (const name of ['updates', 'seed']) put(name, tf.scalar(name === 'seed' ? seed : 0));
    });
    return {
      state,
      setState: put,
      beforeStep: () => {
        weight.write(state.get('raw')!);
      },
      overrides: [weight.key],
      wrapForward: (pass) => {
        const giveBack = weight.override(tf.div(weight.read(), 2));
        try {
          return pass();
        } finally {
          giveBack();
        }
      },
      afterUpdate: () => {
        count('updates');
      },
      afterStep: () => {
        put('raw', weight.read());
        tf.tidy(() => {
          weight.write(tf.div(weight.read(), 2));
        });
      },
      observe: () => ({ updates: state.get('updates')!.clone() as tf.Scalar }),
      dispose: () => {
        tf.dispose([...state.values()]);
      },
    };
  },
});

constraintContract(() => halving('discriminator'));
constraintContract(() => halving('generator'));
constraintContract(() => halving('all'));

describe('constraints of a Trainer', () => {
  /** Notes the calls of a constraint. */
  const noted = (calls: string[], settings: Partial<Constraint> = {}): Constraint => ({
    name: 'noted',
    target: 'all',
    bind: (_model, network) => {
      const note = (moment: string) => (): void => {
        calls.push(`${network} ${moment}`);
      };
      return {
        state: new Map(),
        setState: () => undefined,
        beforeStep: note('beforeStep'),
        beforeUpdate: note('beforeUpdate'),
        wrapForward: (pass) => {
          note('pass')();
          return pass();
        },
        afterUpdate: note('afterUpdate'),
        afterStep: note('afterStep'),
        dispose: note('dispose'),
      };
    },
    ...settings,
  });

  test('are called in the order that is promised', async () => {
    const calls: string[] = [];
    const game = smallGame({
      constraints: [noted(calls)],
      penalties: [
        {
          name: 'looks twice',
          target: 'discriminator',
          weight: 1,
          compute: ({ real, discriminate }) =>
            tf.tidy(() => tf.mean(tf.sub(discriminate(real), discriminate(real))).asScalar()),
        },
      ],
    });
    await game.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    game.dispose();
    expect(calls).toEqual([
      'generator beforeStep',
      'discriminator beforeStep',
      // All passes of an update in one, those that make the fake samples too.
      'discriminator beforeUpdate',
      'discriminator pass',
      'generator pass',
      'discriminator afterUpdate',
      'generator beforeUpdate',
      'generator pass',
      'discriminator pass',
      'generator afterUpdate',
      'generator afterStep',
      'discriminator afterStep',
      'generator dispose',
      'discriminator dispose',
    ]);
  });

  test('end the step for both networks if one fails, and report the error', async () => {
    const calls: string[] = [];
    const failing = noted(calls);
    using game = smallGame({
      constraints: [
        {
          ...failing,
          bind: (...given) => ({
            ...failing.bind(...given),
            afterStep: () => {
              calls.push(`${given[1]} failed`);
              throw new Error(`${given[1]} is stuck`);
            },
          }),
        },
        { ...noted(calls), name: 'other' },
      ],
    });
    const [before, tensors] = [game.weights(), tf.memory().numTensors];
    const run = game.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    await expect(run).rejects.toThrow('generator is stuck');
    expect(calls.slice(-4)).toEqual([
      'generator afterStep',
      'generator failed',
      'discriminator afterStep',
      'discriminator failed',
    ]);
    expect(game.weights()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('of one name are told apart in what they show, in snapshots and in the configuration', async () => {
    using game = smallGame({
      constraints: [
        { ...halving('all'), settings: { by: 2 } },
        { ...halving('discriminator', 'bias'), settings: { by: 3 } },
      ],
    });
    const { steps } = await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
    expect(steps[1]?.constraintMetrics).toEqual({
      generator: { 'halving/updates': 2 },
      discriminator: { 'halving/updates': 2, 'halving_2/updates': 2 },
    });
    const { parts } = await game.trainer.snapshot();
    expect(Object.keys(parts).toSorted()).toEqual([
      'constraints/halving/discriminator',
      'constraints/halving/generator',
      'constraints/halving_2/discriminator',
    ]);
    // Each has a seed of its own, whatever else there is.
    const seeds = Object.values(parts).map((part) => part['seed']?.values[0]);
    expect(new Set(seeds).size).toBe(3);
    expect(game.trainer.configuration).toMatchObject({
      'constraints.halving.by': 2,
      'constraints.halving.target': 'all',
      'constraints.halving_2.by': 3,
    });
  });

  test('are refused in a snapshot that does not hold them, and may be left out on purpose', async () => {
    const [bare, ruled] = [smallGame(), smallGame({ constraints: [halving('generator')] })];
    await expect(ruled.trainer.restore(await bare.trainer.snapshot())).rejects.toThrow(
      'constraints/halving/generator raw: was none, is [2, 2, 1, 2]',
    );
    await ruled.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    const snapshot = await ruled.trainer.snapshot();
    await expect(bare.trainer.restore(snapshot)).rejects.toThrow(
      'constraints.halving.target: was generator, is none',
    );
    const allow = ['constraints.halving.target', 'constraints.halving.by'];
    await bare.trainer.restore(snapshot, { allow });
    expect(bare.weights()).toEqual(ruled.weights());
    const damaged = { ...snapshot, parts: { 'constraints/halving/generator': { raw: 3 } } };
    await expect(ruled.trainer.restore(damaged as never)).rejects.toThrow(
      "parts['constraints/halving/generator']['raw'].shape of the snapshot must be as returned by trainer.snapshot()",
    );
    const without = { ...snapshot, parts: undefined };
    await expect(ruled.trainer.restore(without as never)).rejects.toThrow(
      'parts of the snapshot must be as returned by trainer.snapshot(), got undefined',
    );
    bare.dispose();
    ruled.dispose();
  });

  test('that cannot rule a model leave nothing behind', () => {
    using game = smallGame();
    const { generator, discriminator } = game;
    const before = tf.memory().numTensors;
    const stuck: Constraint = {
      ...halving('discriminator'),
      bind: () => {
        throw new RangeError('no kernel');
      },
    };
    expect(
      () => new Trainer({ generator, discriminator, constraints: [halving('all'), stuck] }),
    ).toThrow('no kernel');
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[unknown, string]>([
    [halving('all'), 'constraints must be an array, got an object'],
    [[{ name: 'x' }], 'constraints[0] must be a Constraint with a name, a target and the function'],
    [
      [halving('critic')],
      "target of constraints[0] ('halving') must be one of 'generator', 'discriminator', 'all', got 'critic'",
    ],
  ])('are refused at construction: %#', (constraints, message) => {
    expect(() => smallGame({ constraints: constraints as Constraint[] })).toThrow(
      `Cannot create a Trainer: ${message}`,
    );
  });
});
