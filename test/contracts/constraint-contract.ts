import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { BceLoss, type Constraint, type Loss, useBackend } from 'tfjs-gan';
import { timeless } from '../support/tiny-gan.ts';
import { smallData, smallGame } from './training-contract.ts';

/**
 * What every constraint must keep, whatever it rules: a new constraint is proven with one line.
 *
 * @param make - Makes the constraint.
 */
export function constraintContract(make: () => Constraint): void {
  const { name, target } = make();

  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  describe(`keeps the contract of a constraint: ${name} (${target})`, () => {
    test('rules what is trained', async () => {
      const play = async (constraints: Constraint[]): Promise<number[][]> => {
        const game = smallGame({ constraints });
        await game.trainer.fit(smallData(), { steps: 3, batchSize: 6 });
        const reached = game.weights();
        game.dispose();
        return reached;
      };
      expect(await play([make()])).not.toEqual(await play([]));
    });

    test('leaves plain finite weights between steps, as many as before', async () => {
      using game = smallGame({ constraints: [make()] });
      const count = game.weights().length;
      for await (const step of game.trainer.steps(smallData(), { steps: 3, batchSize: 6 })) {
        expect(game.weights().flat().every(Number.isFinite)).toBe(true);
        for (const constraintMetrics of Object.values(step.constraintMetrics).flatMap(
          Object.values,
        )) {
          expect(Number.isFinite(constraintMetrics)).toBe(true);
        }
      }
      expect(game.weights()).toHaveLength(count);
      const before = game.weights();
      // A pass outside of a step computes with the weights that are read, and continues to do so without the trainer.
      const seen = (): number[] =>
        tf.tidy(() => [
          ...game.discriminator.logits(game.generator.sample(2, { seed: 1 })).dataSync(),
        ]);
      const logits = seen();
      game.trainer.dispose();
      expect(seen()).toEqual(logits);
      expect(game.weights()).toEqual(before);
    });

    test('leaves no tensors behind', async () => {
      const start = tf.memory().numTensors;
      const game = smallGame({ constraints: [make()] });
      const made = tf.memory().numTensors;
      const counts = new Set<number>();
      for await (const step of game.trainer.steps(smallData(), { steps: 5, batchSize: 6 })) {
        if (step.number > 1) counts.add(tf.memory().numTensors);
      }
      expect(counts.size).toBe(1);
      expect(tf.memory().numTensors).toBe(made);
      game.dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    test('a step that fails leaves no trace', async () => {
      let failing = false;
      const bce = new BceLoss();
      const loss: Loss = {
        name: 'sometimes',
        discriminator: (real, fake) => bce.discriminator(real, fake),
        generator: (fake) => {
          if (failing) throw new Error('mine');
          return bce.generator(fake);
        },
      };
      using game = smallGame({ loss, constraints: [make()] });
      using undisturbed = smallGame({ loss, constraints: [make()] });
      await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
      const [before, tensors] = [game.weights(), tf.memory().numTensors];
      failing = true;
      await expect(game.trainer.fit(smallData(), { steps: 1, batchSize: 6 })).rejects.toThrow(
        'mine',
      );
      failing = false;
      expect(game.weights()).toEqual(before);
      expect(tf.memory().numTensors).toBe(tensors);
      for (const { trainer } of [game, undisturbed]) {
        await trainer.fit(smallData(), { until: { steps: 5 }, batchSize: 6 });
      }
      expect(game.weights()).toEqual(undisturbed.weights());
      expect((await game.trainer.snapshot()).parts).toEqual(
        (await undisturbed.trainer.snapshot()).parts,
      );
    });

    test.each(['cpu', 'wasm-train'] as const)(
      'continues bit-for-bit from a snapshot on %s',
      async (backend) => {
        await useBackend(backend);
        const make2 = () =>
          smallGame({ constraints: [make()], updatesPerStep: { discriminator: 2 } });
        const play = async (stops: readonly number[]): Promise<unknown> => {
          let game = make2();
          for (const stop of stops) {
            await game.trainer.fit(smallData(), { until: { steps: stop }, batchSize: 6 });
            const snapshot = structuredClone(await game.trainer.snapshot());
            game.dispose();
            game = make2();
            await game.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
            await game.trainer.restore(snapshot);
          }
          const { steps } = await game.trainer.fit(smallData(), {
            until: { steps: 6 },
            batchSize: 6,
          });
          const reached = [game.weights(), timeless(steps)];
          game.dispose();
          return reached;
        };
        const straight = await play([]);
        expect(await play([])).toEqual(straight);
        expect(await play([0, 3])).toEqual(straight);
        await useBackend('cpu');
      },
    );
  });
}
