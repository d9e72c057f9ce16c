import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  Discriminator,
  datasetFromTensor,
  Generator,
  mlpDiscriminator,
  mlpGenerator,
  OrthogonalPenalty,
  Trainer,
} from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { smallData, smallGame } from '../../contracts/training-contract.ts';
import { contextOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new OrthogonalPenalty({ weight: 0.1 }));
penaltyContract(
  () => new OrthogonalPenalty({ weight: 0.1, target: 'discriminator', entries: 'all' }),
);

/** Value for one dense kernel. */
function valueOf(penalty: OrthogonalPenalty, kernel: number[][]): number {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: kernel[0]!.length, inputShape: [kernel.length] })],
  });
  const value = tf.tidy(() => {
    model.layers[0]!.setWeights([tf.tensor2d(kernel), tf.ones([kernel[0]!.length])]);
    const samples = tf.zeros([1, kernel.length]);
    const { weights, ...context } = contextOf(model, { real: samples, fake: samples });
    const named = weights.map((weight, i) => ({
      ...weight,
      key: `0.dense/${i === 0 ? 'kernel' : 'bias'}`,
    }));
    return penalty.compute({ ...context, weights: named }).arraySync();
  });
  model.dispose();
  return value;
}

describe('OrthogonalPenalty', () => {
  test('is zero if filters are orthogonal, of any length unless it requires one', () => {
    const kernel = [
      [3, 0],
      [0, 0.5],
      [0, 0],
    ];
    expect(valueOf(new OrthogonalPenalty(), kernel)).toBe(0);
    // (9 − 1)² + (0.25 − 1)²
    expect(valueOf(new OrthogonalPenalty({ entries: 'all' }), kernel)).toBeCloseTo(64.5625, 4);
  });

  test('counts the products of different filters, each from both sides', () => {
    const kernel = [
      [1, 2],
      [1, 1],
    ];
    expect(valueOf(new OrthogonalPenalty(), kernel)).toBeCloseTo(2 * 3 ** 2, 5);
  });

  test('brings the filters of a generator to right angles in training', async () => {
    const off = async (weight: number): Promise<number> => {
      const game = smallGame({ penalties: [new OrthogonalPenalty({ weight })] });
      await game.trainer.fit(smallData(), { steps: 40, batchSize: 6 });
      const value = tf.tidy(() => {
        const kernel = game.generator.model.layers[0]!.getWeights()[0] as tf.Tensor2D;
        const products = tf.matMul(kernel, kernel, true, false);
        const diagonal = tf.sum(tf.square(kernel), 0);
        const all = tf.sum(tf.square(products));
        return tf.sub(all, tf.sum(tf.square(diagonal))).arraySync() as number;
      });
      game.dispose();
      return value;
    };
    expect(await off(10)).toBeLessThan(0.95 * (await off(0)));
  });

  test('finds the filters of a transposed convolution alone, in a wrapper, and in a model in a wrapper', async () => {
    const inside = (): tf.layers.Layer =>
      tf.layers.conv2dTranspose({
        filters: 4,
        kernelSize: 1,
        useBias: false,
        inputShape: [1, 1, 2],
      });
    const timeDistributed = (layer: tf.layers.Layer): tf.layers.Layer =>
      tf.layers.timeDistributed({ layer, inputShape: [3, 1, 1, 2] });
    const layers = [
      inside(),
      timeDistributed(inside()),
      timeDistributed(tf.sequential({ layers: [inside()] })),
    ];
    for (const layer of layers) {
      const model = tf.sequential({
        layers: [layer, tf.layers.flatten(), tf.layers.dense({ units: 1 })],
      });
      // A row for each filter: the first two are alike, the others at right angles to them, or zero.
      const rows = tf.tensor4d([1, 0, 1, 0, 0, 1, 0, 0], [1, 1, 4, 2]);
      layer.setWeights([rows]);
      const discriminator = new Discriminator({ model, ownsModel: true });
      const { inputShape } = discriminator;
      const generator = mlpGenerator({ sampleShape: inputShape, latentSize: 2, hiddenUnits: [2] });
      const trainer = new Trainer({
        generator,
        discriminator,
        penalties: [new OrthogonalPenalty({ weight: 1, target: 'discriminator' })],
      });
      const data = await datasetFromTensor(tf.zeros([4, ...inputShape]));
      for await (const step of trainer.steps(data, { steps: 1, batchSize: 4 })) {
        expect(step.terms.discriminator['orthogonal']).toBe(2);
      }
      for (const part of [trainer, generator, discriminator]) part.dispose();
    }
  });

  test('refuses a network without kernels', () => {
    const model = tf.sequential({
      layers: [tf.layers.layerNormalization({ inputShape: [2] })],
    });
    using generator = new Generator({ model, ownsModel: true });
    using discriminator = mlpDiscriminator({ sampleShape: [2], hiddenUnits: [2] });
    const make = (): Trainer =>
      new Trainer({ generator, discriminator, penalties: [new OrthogonalPenalty()] });
    expect(make).toThrow(
      'Cannot create a Trainer: the generator must have kernels of dense or convolution layers for the penalty ' +
        "'orthogonal', got 0.layerNormalization/gamma, 0.layerNormalization/beta",
    );
    expect(discriminator).toBeInstanceOf(Discriminator);
  });

  test.each([
    [{ weight: -1 }, 'weight must be a number of at least 0, got -1'],
    [
      { target: 'both' as 'generator' },
      "target must be one of 'generator', 'discriminator', got 'both'",
    ],
    [
      { entries: 'diagonal' as 'all' },
      "entries must be one of 'offDiagonal', 'all', got 'diagonal'",
    ],
  ])('refuses %o', (options, message) => {
    expect(() => new OrthogonalPenalty(options)).toThrow(
      `Cannot create an OrthogonalPenalty: ${message}`,
    );
  });
});
