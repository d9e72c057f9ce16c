import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { Discriminator, R1Penalty, Trainer } from 'tfjs-gan';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import '../support/on-cpu.ts';

const noise = (seed: number): ReturnType<typeof tf.initializers.randomNormal> =>
  tf.initializers.randomNormal({ stddev: 0.5, seed });

/** What two steps show of a critic that has one more layer. */
async function numbersWith(layer: tf.layers.Layer): Promise<unknown> {
  const { generator, trainer: unused, discriminator: other } = smallGame();
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [6, 6, 1],
        filters: 3,
        kernelSize: 3,
        padding: 'same',
        activation: 'tanh',
        kernelInitializer: noise(1),
      }),
      layer,
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, kernelInitializer: noise(2) }),
    ],
  });
  const discriminator = new Discriminator({ model, ownsModel: true });
  const trainer = new Trainer({ generator, discriminator, penalties: [new R1Penalty()], seed: 1 });
  const { steps } = await trainer.fit(smallData(), { steps: 2, batchSize: 6 });
  for (const part of [trainer, unused, generator, discriminator, other]) part.dispose();
  return steps.map(({ losses, gradientNorms }) => ({ losses, gradientNorms }));
}

// This must stay the first test of the file: what it looks at is the first step in the life of a program, in which
// nothing else has yet fixed TensorFlow.js.
test('the first step of a program has the gradients that every later one has', async () => {
  const padded = (): tf.layers.Layer =>
    tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' });
  const first = await numbersWith(padded());
  expect(await numbersWith(padded())).toEqual(first);
});
