import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  BceLoss,
  type Loss,
  TrainingDivergedError,
  type TrainerSnapshot,
  useBackend,
} from 'tfjs-gan';
import { everything } from '../support/everything.ts';
import { timeless } from '../support/tiny-gan.ts';
import { smallData, smallGame } from '../contracts/training-contract.ts';

describe.each(['cpu', 'wasm-train'] as const)('with every part on, on %s', (backend) => {
  const run = { batchSize: 3 };

  test('interrupted within an epoch, at its end and before the first step, training continues bit-for-bit', async () => {
    await useBackend(backend);
    const play = async (interrupted: readonly number[]): Promise<unknown> => {
      let game = smallGame(everything());
      for (const stop of interrupted) {
        // 24 samples in batches of 3, two a step: an epoch is 4 steps, so most stops lie inside one.
        await game.trainer.fit(smallData(), { ...run, until: { steps: stop } });
        const snapshot = structuredClone(await game.trainer.snapshot());
        game.dispose();
        game = smallGame(everything());
        await game.trainer.fit(smallData(), { ...run, steps: 2 });
        const tensors = tf.memory().numTensors - slotsIn(await game.trainer.snapshot());
        await game.trainer.restore(snapshot);
        expect(tf.memory().numTensors).toBe(tensors + slotsIn(snapshot));
      }
      const { steps } = await game.trainer.fit(smallData(), { ...run, until: { steps: 8 } });
      const snapshot = { ...(await game.trainer.snapshot()), history: 0 };
      const samples = tf.tidy(() => [...game.generator.sample(4, { seed: 2 }).dataSync()]);
      const seen = timeless(steps);
      game.dispose();
      return { snapshot, samples, seen };
    };
    expect(await play([0, 1, 4, 7])).toEqual(await play([]));
    await useBackend('cpu');
  });

  test('a step that fails leaves nothing changed', async () => {
    await useBackend(backend);
    let failing = false;
    const bce = new BceLoss();
    const loss: Loss = {
      name: 'sometimes',
      discriminator: (real, fake) => bce.discriminator(real, fake),
      generator: (fake) =>
        tf.tidy(() => tf.mul(bce.generator(fake), failing ? Number.NaN : 1).asScalar()),
    };
    const [game, undisturbed] = [0, 1].map(() => smallGame({ ...everything(), loss })) as [
      ReturnType<typeof smallGame>,
      ReturnType<typeof smallGame>,
    ];
    await game.trainer.fit(smallData(), { ...run, steps: 2 });
    const [before, tensors] = [await game.trainer.snapshot(), tf.memory().numTensors];
    failing = true;
    const failed = game.trainer.fit(smallData(), { ...run, steps: 1 });
    await expect(failed).rejects.toBeInstanceOf(TrainingDivergedError);
    failing = false;
    expect(await game.trainer.snapshot()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    for (const { trainer } of [game, undisturbed]) {
      await trainer.fit(smallData(), { ...run, until: { steps: 5 } });
    }
    expect((await game.trainer.snapshot()).parts).toEqual(
      (await undisturbed.trainer.snapshot()).parts,
    );
    expect(game.weights()).toEqual(undisturbed.weights());
    game.dispose();
    undisturbed.dispose();
    await useBackend('cpu');
  });

  test('no tensor is left behind', async () => {
    await useBackend(backend);
    const start = tf.memory().numTensors;
    const game = smallGame(everything());
    // Slots are filled when they are first requested.
    await game.trainer.fit(smallData(), { ...run, steps: 1 });
    const made = tf.memory().numTensors;
    const counts = new Set<number>();
    for await (const step of game.trainer.steps(smallData(), { ...run, steps: 7 })) {
      if (step.number > 2) counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(made);
    game.dispose();
    expect(tf.memory().numTensors).toBe(start);
    await useBackend('cpu');
  });
});

/** How many tensors the slots of penalties are. */
function slotsIn({ parts }: TrainerSnapshot): number {
  return Object.keys(parts['memory'] ?? {}).length;
}
