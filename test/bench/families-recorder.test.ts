import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createWganGp, datasetFromTensor, type Gan, Trainer } from 'tfjs-gan';
import { GameRecorder } from '../../bench/families-recorder.ts';
import '../support/on-cpu.ts';

const tiny = (): Gan =>
  createWganGp({
    imageShape: [4, 4, 1],
    baseFilters: 2,
    stages: 1,
    kernelSize: 2,
    latentSize: 3,
    updatesPerStep: { discriminator: 2 },
    seed: 5,
  });

test('a game that is listened to trains as the preset does, and all it was given is there', async () => {
  const pictures = tf.randomUniform([8, 4, 4, 1], -1, 1, 'float32', 1);
  const dataset = await datasetFromTensor(pictures);
  const [alone, heard] = [tiny(), tiny()];
  const recorder = new GameRecorder(heard.trainer.game);
  const trainer = new Trainer({ game: recorder.game, seed: 5 });
  await alone.trainer.fit(dataset, { steps: 2, batchSize: 4 });
  await trainer.fit(dataset, { steps: 1, batchSize: 4 });
  // What the second step leaves, apart from optimizers, slots and history, is there after the first.
  await recorder.take();
  const before = tf.memory().numTensors;
  await trainer.fit(dataset, { steps: 1, batchSize: 4 });
  const updates = await recorder.take();

  expect(tf.memory().numTensors).toBe(before);
  const last = (of: Trainer): unknown => of.history.steps.at(-1)?.terms;
  expect(last(trainer)).toEqual(last(alone.trainer));
  expect(updates.map(({ turn }) => turn)).toEqual(['discriminator', 'discriminator', 'generator']);
  expect(updates.map(({ runs }) => runs)).toEqual([
    { generator: 1, discriminator: 3 },
    { generator: 1, discriminator: 3 },
    { generator: 1, discriminator: 1 },
  ]);
  const shapes = Object.entries(updates[0]!.drawn).map(([name, { shape }]) => [name, ...shape]);
  expect(shapes).toEqual([
    ['batch/samples', 4, 4, 4, 1],
    ['latents/latents', 4, 3],
    ['penalties/gradientPenalty', 4],
  ]);
  // The mean of the two updates is what the step shows.
  const [first, second] = updates.map(({ terms }) => terms['gradientPenalty']!) as [number, number];
  expect((first + second) / 2).toBeCloseTo(
    trainer.history.steps.at(-1)!.terms.discriminator['gradientPenalty']!,
    5,
  );
});
