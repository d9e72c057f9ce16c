import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Penalty, type PenaltyContext, sgd, useBackend } from 'tfjs-gan';
import { blobs, timeless, tinyDcgan } from '../support/tiny-gan.ts';
import { oneSidedLoss, smallData, smallGame } from './training-contract.ts';

const networks = ['generator', 'discriminator'] as const;

/**
 * What every penalty must keep, whatever it computes: a new penalty is proven with one line.
 *
 * @param make - Makes the penalty, of a weight above 0.
 */
export function penaltyContract(make: () => Penalty): void {
  const { name, target, every = 1 } = make();
  // Long enough for a lazy penalty to be due twice.
  const steps = Math.max(4, 2 * every);

  beforeAll(async () => {
    await tf.setBackend('cpu');
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    return () => {
      vi.restoreAllMocks();
    };
  });

  describe(`keeps the contract of a penalty: ${name}`, () => {
    test('is a finite scalar in the loss of its network', async () => {
      using game = smallGame({ penalties: [make()] });
      const history = await game.trainer.fit(smallData(), { steps, batchSize: 6 });
      const due = history.steps.filter((step) => step.number % every === 0);
      for (const step of due) {
        const { [name]: term, ...rest } = step.terms[target];
        expect(Number.isFinite(term)).toBe(true);
        const sum = Object.values(rest).reduce((total, value) => total + value, term ?? 0);
        expect(step.losses[target]).toBeCloseTo(sum, 4);
        expect(
          step.terms[target === 'generator' ? 'discriminator' : 'generator'],
        ).not.toHaveProperty(name);
      }
    });

    test('moves its own network and not the other', async () => {
      const rates = {
        generator: sgd({ learningRate: 0.05 }),
        discriminator: sgd({ learningRate: 0.05 }),
      };
      const play = async (penalties: Penalty[]): Promise<Record<string, unknown>> => {
        const game = smallGame({ loss: oneSidedLoss(target), penalties, optimizers: rates });
        const before = Object.fromEntries(
          networks.map((network) => [network, weightsOf(game, network)]),
        );
        await game.trainer.fit(smallData(), { steps, batchSize: 6 });
        const after = Object.fromEntries(
          networks.map((network) => [network, weightsOf(game, network)]),
        );
        const other = target === 'generator' ? 'discriminator' : 'generator';
        expect(after[other]).toEqual(before[other]);
        game.dispose();
        return after;
      };
      expect((await play([make()]))[target]).not.toEqual((await play([]))[target]);
    });

    test('leaves what it looks at as it is, and no tensors behind', async () => {
      const penalty = make();
      let looked = 0;
      const watch = (context: PenaltyContext): tf.Scalar => {
        const given = [context.real, context.fake, ...context.weights.map(({ value }) => value)];
        const read = (): number[][] => given.map((tensor) => [...tensor.dataSync()]);
        const before = read();
        const term = penalty.compute(context);
        expect(term.shape).toEqual([]);
        expect(term.dtype).toBe('float32');
        expect(read()).toEqual(before);
        looked += 1;
        return term;
      };
      const start = tf.memory().numTensors;
      const game = smallGame({ penalties: [delegate(penalty, watch)] });
      // Slots are filled when they are first requested.
      await game.trainer.fit(smallData(), { batchSize: 6, steps: 1 });
      const made = tf.memory().numTensors;
      const counts = new Set<number>();
      const options = { batchSize: 6, steps };
      for await (const step of game.trainer.steps(smallData(), options)) {
        if (step.number > 2) counts.add(tf.memory().numTensors);
      }
      expect(looked).toBeGreaterThan(0);
      expect(counts.size).toBe(1);
      expect(tf.memory().numTensors).toBe(made);
      game.dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    test("leaves batch norm's statistics unchanged", async () => {
      const statistics = async (penalties: Penalty[]): Promise<number[][]> => {
        const gan = tinyDcgan({ penalties });
        await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
        const read = [gan.discriminator, gan.generator].flatMap(({ model }) =>
          model.nonTrainableWeights.map((weight) => [...weight.read().dataSync()]),
        );
        gan.dispose();
        return read;
      };
      const [without, under] = [await statistics([]), await statistics([eachStep(make())])];
      // The generator's own batch is the same; the discriminator's were seen before it moved.
      expect(under).toEqual(without);
    });

    test.each(['cpu', 'wasm-train'] as const)(
      'continues bit-for-bit from a snapshot on %s',
      async (backend) => {
        await useBackend(backend);
        const play = async (stops: readonly number[]): Promise<unknown> => {
          let game = smallGame({ penalties: [make()] });
          for (const stop of stops) {
            await game.trainer.fit(smallData(), { until: { steps: stop }, batchSize: 6 });
            const snapshot = structuredClone(await game.trainer.snapshot());
            game.dispose();
            game = smallGame({ penalties: [make()] });
            await game.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
            await game.trainer.restore(snapshot);
          }
          const { steps: seen } = await game.trainer.fit(smallData(), {
            until: { steps: steps + 2 },
            batchSize: 6,
          });
          const reached = [game.weights(), timeless(seen)];
          game.dispose();
          return reached;
        };
        // Twice alike without a stop, then with stops in the middle of an epoch.
        const straight = await play([]);
        expect(await play([])).toEqual(straight);
        expect(await play([1, steps - 1])).toEqual(straight);
        await useBackend('cpu');
      },
    );
  });
}

function weightsOf(
  game: ReturnType<typeof smallGame>,
  network: (typeof networks)[number],
): number[][] {
  return game[network].model.weights.map((weight) => [...weight.read().dataSync()]);
}

/** The same penalty with another `compute`. */
function delegate(penalty: Penalty, compute: Penalty['compute']): Penalty {
  const { name, target, weight, every, settings, slots } = penalty;
  const shared = { name, target, weight, every, settings, slots, compute };
  if (penalty.updateSlots === undefined) return shared;
  return { ...shared, updateSlots: (weight, update) => penalty.updateSlots!(weight, update) };
}

/** The same penalty, due in every step. */
function eachStep(penalty: Penalty): Penalty {
  return { ...delegate(penalty, (context) => penalty.compute(context)), every: 1 };
}
