import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  BceLoss,
  checkpoint,
  Gan,
  HingeLoss,
  HistoricalAveraging,
  type Loss,
  memoryStore,
  SpectralNorm,
  Trainer,
  type TrainerOptions,
  TrainingDivergedError,
  useBackend,
  WeightClipping,
} from 'tfjs-gan';
import { LiveOptimizer } from '../../src/optimizers/live-optimizer.ts';
import { smallData, smallGame, type SmallGame } from '../contracts/training-contract.ts';
import { progressAt } from '../support/progress.ts';
import '../support/on-cpu.ts';

const one = { steps: 1, batchSize: 6 };

const valuesOf = (layer: tf.layers.Layer): number[][] =>
  layer.getWeights().map((weight) => [...weight.dataSync()]);

/** The layers of the discriminator with weights: a convolution and two dense ones. */
function layersOf({ discriminator }: Gan): [conv: tf.layers.Layer, ...tf.layers.Layer[]] {
  const layers = discriminator.model.layers.filter(({ weights }) => weights.length > 0);
  return layers as [tf.layers.Layer, ...tf.layers.Layer[]];
}

const everything = (): Partial<TrainerOptions> => ({
  constraints: [new SpectralNorm({ target: 'all' }), new WeightClipping({ limit: 0.9 })],
  penalties: [new HistoricalAveraging({ target: 'discriminator', weight: 0.1 })],
  ema: { decay: 0.5 },
});

describe.each(['cpu', 'wasm-train'] as const)(
  'a layer frozen between two runs on %s',
  (backend) => {
    test.each<[string, () => Partial<TrainerOptions>]>([
      ['plain', () => ({})],
      ['with constraints, a penalty with a memory and an average', everything],
    ])('stays as it is, and learns again when thawed: %s', async (_name, rules) => {
      await useBackend(backend);
      const game = smallGame(rules());
      await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
      const [frozen, other] = layersOf(game);
      const [held, before] = [valuesOf(frozen), valuesOf(other!)];
      const slots = (await game.trainer.snapshot()).optimizers.discriminator.slots;

      frozen.trainable = false;
      await game.trainer.fit(smallData(), { steps: 3, batchSize: 6 });
      expect(valuesOf(frozen)).toEqual(held);
      expect(valuesOf(other!)).not.toEqual(before);
      const optimizer = (await game.trainer.snapshot()).optimizers.discriminator;
      const key = '0.conv2D/kernel#firstMoment';
      expect(optimizer.slots[key]).toEqual(slots[key]);
      expect(optimizer.missed).toEqual({ '0.conv2D/kernel': 3, '0.conv2D/bias': 3 });

      frozen.trainable = true;
      await game.trainer.fit(smallData(), one);
      expect(valuesOf(frozen)).not.toEqual(held);
      game.dispose();
      await useBackend('cpu');
    });

    test('that was frozen from the start learns once it is thawed, under every part', async () => {
      await useBackend(backend);
      const game = smallGame();
      const { generator, discriminator } = game;
      const [conv] = layersOf(game);
      const [first] = generator.model.layers;
      conv.trainable = first!.trainable = false;
      const before = tf.memory().numTensors;
      const trainer = new Trainer({ generator, discriminator, ...everything() });
      await trainer.fit(smallData(), { steps: 2, batchSize: 6 });
      const held = [valuesOf(conv), valuesOf(first!)];
      conv.trainable = first!.trainable = true;
      const steps = (await trainer.fit(smallData(), { steps: 2, batchSize: 6 })).steps;
      expect([valuesOf(conv), valuesOf(first!)]).not.toEqual(held);
      // The rule holds it from now on.
      expect(Object.keys(steps.at(-1)!.constraintMetrics.discriminator)).toContain(
        'spectralNorm/0.conv2D/kernel',
      );
      const { parts, optimizers } = await trainer.snapshot();
      expect(parts['ema/generator']).toHaveProperty(['0.dense/kernel']);
      expect(parts['memory']).toHaveProperty([
        'penalties/discriminator/discriminator/historicalAveraging/0.conv2D/kernel#average',
      ]);
      expect(optimizers.discriminator.missed).toEqual({ '0.conv2D/kernel': 2, '0.conv2D/bias': 2 });
      trainer.dispose();
      generator.clearEma();
      expect(tf.memory().numTensors).toBe(before);
      game.dispose();
      await useBackend('cpu');
    });

    test('continues bit-for-bit from a snapshot, and is named if the other trainer has it otherwise', async () => {
      await useBackend(backend);
      const [undisturbed, first, second] = [0, 1, 2].map(() => smallGame(everything())) as [
        SmallGame,
        SmallGame,
        SmallGame,
      ];
      for (const game of [undisturbed, first]) {
        await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
        layersOf(game)[0].trainable = false;
        await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
      }
      const snapshot = structuredClone(await first.trainer.snapshot());
      expect(snapshot.configuration['frozen.discriminator']).toBe('0.conv2D');
      await expect(second.trainer.restore(snapshot)).rejects.toThrow(
        'frozen.discriminator: was 0.conv2D, is none',
      );
      layersOf(second)[0].trainable = false;
      await second.trainer.restore(snapshot);
      for (const game of [undisturbed, second]) {
        await game.trainer.fit(smallData(), one);
        layersOf(game)[0].trainable = true;
        await game.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
      }
      expect(second.weights()).toEqual(undisturbed.weights());
      expect({ ...(await second.trainer.snapshot()), history: 0 }).toEqual({
        ...(await undisturbed.trainer.snapshot()),
        history: 0,
      });
      for (const game of [undisturbed, first, second]) game.dispose();
      await useBackend('cpu');
    });
  },
);

describe('a run that begins with the networks of an earlier one', () => {
  test('has their weights, leaves the first layers as they are (FreezeD), and continues bit-for-bit', async () => {
    // Models list frozen weights last, but their layers in the same order.
    const everyLayer = ({ generator, discriminator }: Gan): number[][] =>
      [generator, discriminator].flatMap(({ model }) => model.layers.flatMap(valuesOf));
    const store = memoryStore();
    using earlier = smallGame({ ema: { decay: 0.5 } });
    const callbacks = [checkpoint(store)];
    await earlier.trainer.fit(smallData(), { steps: 3, batchSize: 6, callbacks });
    const begin = async (): Promise<Gan> => {
      const game = smallGame({ ema: { decay: 0.5 } });
      await game.trainer.restore(store);
      game.trainer.dispose();
      game.generator.clearEma();
      layersOf(game)[0].trainable = false;
      const { generator, discriminator } = game;
      const trainer = new Trainer({ generator, discriminator, loss: new HingeLoss(), seed: 5 });
      return new Gan({ generator, discriminator, trainer });
    };
    using whole = await begin();
    expect(everyLayer(whole)).toEqual(everyLayer(earlier));
    expect(whole.trainer.step).toBe(0);
    await whole.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
    const snapshot = structuredClone(await whole.trainer.snapshot());
    const [frozen, other] = layersOf(whole);
    expect(valuesOf(frozen)).toEqual(valuesOf(layersOf(earlier)[0]));
    expect(valuesOf(other!)).not.toEqual(valuesOf(layersOf(earlier)[1]!));
    const { slots } = snapshot.optimizers.discriminator;
    expect(Object.keys(slots).filter((key) => key.startsWith('0.conv2D'))).toEqual([]);
    expect(Object.keys(slots)).not.toEqual([]);

    await whole.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
    using resumed = await begin();
    await resumed.trainer.restore(snapshot);
    await resumed.trainer.fit(smallData(), { steps: 2, batchSize: 6 });
    expect(everyLayer(resumed)).toEqual(everyLayer(whole));
  });
});

describe('a network whose layers are frozen while it is trained', () => {
  test('is refused when nothing of it is left to train, and stays as it was', async () => {
    using game = smallGame();
    await game.trainer.fit(smallData(), one);
    const [before, tensors] = [game.weights(), tf.memory().numTensors];
    game.discriminator.model.trainable = false;
    await expect(game.trainer.fit(smallData(), one)).rejects.toThrow(
      'Cannot train: the discriminator must have weights to train, got a model with none. ' +
        'Are all its layers set to trainable = false?',
    );
    expect(game.weights()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    game.discriminator.model.trainable = true;
    await game.trainer.fit(smallData(), one);
    expect(game.trainer.step).toBe(2);
  });

  test('forgets what a step that fails began for a layer that was thawed before it', async () => {
    let failing = false;
    const bce = new BceLoss();
    const loss: Loss = {
      name: 'sometimes',
      discriminator: (real, fake) => bce.discriminator(real, fake),
      generator: (fake) =>
        tf.tidy(() => tf.mul(bce.generator(fake), failing ? Number.NaN : 1).asScalar()),
    };
    using game = smallGame();
    const { generator, discriminator } = game;
    const [conv] = layersOf(game);
    conv.trainable = generator.model.layers[0]!.trainable = false;
    using trainer = new Trainer({ generator, discriminator, ...everything(), loss });
    await trainer.fit(smallData(), one);
    const before = await trainer.snapshot();
    conv.trainable = generator.model.layers[0]!.trainable = true;
    failing = true;
    const failed = trainer.fit(smallData(), one);
    await expect(failed).rejects.toBeInstanceOf(TrainingDivergedError);
    conv.trainable = generator.model.layers[0]!.trainable = false;
    const after = await trainer.snapshot();
    expect(after.networks).toEqual(before.networks);
    expect(after.optimizers).toEqual(before.optimizers);
    expect(after.parts['ema/generator']).toEqual(before.parts['ema/generator']);
    expect(after.parts['penalties/historicalAveraging']).toEqual(
      before.parts['penalties/historicalAveraging'],
    );
  });
});

describe('LiveOptimizer', () => {
  test('corrects the moments of a weight by the updates it was part of, as Adam of the paper', () => {
    const weightOf = (
      key: string,
    ): { key: string; read(): tf.Tensor; write(v: tf.Tensor): void } => {
      const variable: tf.Variable = tf.variable(tf.scalar(1));
      return { key, read: () => variable, write: (value) => variable.assign(value) };
    };
    const [always, late] = [weightOf('always'), weightOf('late')];
    const rate = 0.1;
    const optimizer = new LiveOptimizer(adam({ learningRate: rate, beta1: 0.5 }), [always]);
    const gradient = tf.scalar(3);
    for (let update = 0; update < 50; update += 1) {
      optimizer.apply([gradient], progressAt(update + 1), [always]);
    }
    // Kingma & Ba, 2015, algorithm 1, in double precision: with one gradient only, m̂ / √v̂ is its sign.
    for (const wanted of [1 - rate, 1 - 2 * rate]) {
      optimizer.apply([gradient, gradient], progressAt(51), [always, late]);
      expect(late.read().dataSync()[0]).toBeCloseTo(wanted, 5);
    }
    expect(optimizer.missed).toEqual({ late: 50 });
    optimizer.dispose();
  });
});
