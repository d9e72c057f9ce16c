import * as tf from '@tensorflow/tfjs';
import { defineGame, Generator, sgd, Trainer, type Unconditional } from 'tfjs-gan';

/** A generator of 8 × 8 images with one layer, whose weights a seed decides. */
export function painter(seed: number): Generator<Unconditional> {
  const kernelInitializer = tf.initializers.randomNormal({ stddev: 0.5, seed });
  const layers = [
    tf.layers.dense({ units: 64, activation: 'tanh', kernelInitializer, inputShape: [4] }),
    tf.layers.reshape({ targetShape: [8, 8, 1] }),
  ];
  return new Generator<Unconditional>({ model: tf.sequential({ layers }), ownsModel: true });
}

/** A game of two generators, `day` and `night`, which learn to be as bright as the samples, and as dark. */
export function twoGenerators(): { readonly trainer: Trainer; readonly dispose: () => void } {
  const [day, night] = [painter(1), painter(2)];
  const brightness = (images: tf.Tensor): tf.Tensor => tf.mean(images);
  const game = defineGame({
    name: 'two generators',
    networks: {
      day: { network: day, optimizer: sgd({ learningRate: 0.1 }) },
      night: { network: night, optimizer: sgd({ learningRate: 0.1 }) },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'day',
        updates: 'day',
        terms: (pass) => {
          const { samples } = pass.run('day', pass.latents('day'));
          return {
            miss: tf.squaredDifference(brightness(samples), brightness(pass.batch.samples)),
          };
        },
      },
      {
        name: 'night',
        updates: 'night',
        terms: (pass) => {
          const { samples } = pass.run('night', pass.latents('night'));
          const wanted = tf.neg(brightness(pass.batch.samples));
          return { miss: tf.squaredDifference(brightness(samples), wanted) };
        },
      },
    ],
    generators: { day, night },
  });
  const trainer = new Trainer({ game });
  return {
    trainer,
    dispose: () => {
      trainer.dispose();
      day.dispose();
      night.dispose();
    },
  };
}
