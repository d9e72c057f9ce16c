import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { HistoricalAveraging, type PenaltyContext, sgd } from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { smallData, smallGame } from '../../contracts/training-contract.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new HistoricalAveraging());
penaltyContract(() => new HistoricalAveraging({ target: 'discriminator', weight: 0.5 }));

describe('HistoricalAveraging', () => {
  test('keeps the mean of the weights after each update, in a trainer', async () => {
    const penalty = new HistoricalAveraging({ target: 'discriminator', weight: 1e-3 });
    const seen: number[][] = [];
    const averages: number[][] = [];
    const watched = {
      name: penalty.name,
      target: penalty.target,
      weight: penalty.weight,
      slots: penalty.slots,
      compute: (context: PenaltyContext): tf.Scalar => {
        averages.push([...context.weights[0]!.slots[0]!.dataSync()]);
        return penalty.compute(context);
      },
      updateSlots: (
        ...given: Parameters<HistoricalAveraging['updateSlots']>
      ): readonly tf.Tensor[] => {
        if (given[0].key === '0.conv2D/kernel') seen.push([...given[0].value.dataSync()]);
        return penalty.updateSlots(...given);
      },
    };
    const game = smallGame({
      penalties: [watched],
      updatesPerStep: { discriminator: 2 },
      optimizers: { discriminator: sgd({ learningRate: 0.5 }) },
    });
    await game.trainer.fit(smallData(), { steps: 3, batchSize: 6 });
    game.dispose();
    // Six updates in three steps.
    expect(averages).toHaveLength(6);
    expect(seen[5]).not.toEqual(seen[0]);
    averages.forEach((average, past) => {
      average.forEach((value, i) => {
        const mean = seen.slice(0, past).reduce((sum, weight) => sum + weight[i]!, 0) / (past || 1);
        expect(value).toBeCloseTo(mean, 5);
      });
    });
  });

  test('is zero in the first update and in the second, before anything moved', async () => {
    using game = smallGame({ penalties: [new HistoricalAveraging()] });
    const { steps } = await game.trainer.fit(smallData(), { steps: 3, batchSize: 6 });
    const terms = steps.map((step) => step.terms.generator['historicalAveraging']!);
    expect(terms.slice(0, 2)).toEqual([0, 0]);
    expect(terms[2]).toBeGreaterThan(0);
  });

  test('brings two networks who circle each other to rest', () => {
    // min over x, max over y of x·y: Salimans et al., section 3.3. Plain gradient steps spiral outwards.
    const play = (strength: number): number =>
      tf.tidy(() => {
        const penalty = new HistoricalAveraging();
        const networks = [tf.variable(tf.tensor1d([1])), tf.variable(tf.tensor1d([0]))] as const;
        let memory = networks.map(() => [tf.zeros([1])] as readonly tf.Tensor[]);
        const weightsOf = (i: number): PenaltyContext['weights'] => [
          { key: '0.dense/kernel', value: networks[i]!, slots: memory[i]! },
        ];
        for (let update = 1; update <= 500; update += 1) {
          const gradients = [1, -1].map((sign, i) => {
            const { grads } = tf.variableGrads(() => {
              const game = tf.mul(tf.sum(tf.mul(networks[0], networks[1])), sign);
              const context = { weights: weightsOf(i), update } as unknown as PenaltyContext;
              return tf.add(game, tf.mul(penalty.compute(context), strength)).asScalar();
            }, [networks[i]!]);
            return grads[networks[i]!.name]!;
          });
          networks.forEach((network, i) => {
            network.assign(tf.sub(network, tf.mul(gradients[i]!, 0.1)));
          });
          memory = networks.map((_, i) => penalty.updateSlots(weightsOf(i)[0]!, update));
        }
        return Math.hypot(networks[0].dataSync()[0]!, networks[1].dataSync()[0]!);
      });
    expect(play(0)).toBeGreaterThan(10);
    expect(play(1)).toBeLessThan(0.5);
  });

  test.each([
    [{ weight: -1 }, 'weight must be a number of at least 0, got -1'],
    [
      { target: 'both' as 'generator' },
      "target must be one of 'generator', 'discriminator', got 'both'",
    ],
  ])('refuses %o', (options, message) => {
    expect(() => new HistoricalAveraging(options)).toThrow(
      `Cannot create a HistoricalAveraging: ${message}`,
    );
  });
});
