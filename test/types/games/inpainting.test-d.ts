import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import { HingeLoss } from '../../../src/losses/adversarial/hinge.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Network, TensorInput, ValueInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import { l1 } from './terms.ts';

interface Parts {
  readonly generator: Network<{ known: TensorInput; hole: ValueInput }, 'samples'>;
  readonly discriminator: Network<{ samples: TensorInput; hole: ValueInput }, 'logits'>;
  readonly shown: Generator;
}

/** A picture without its hole: x·(1 − hole). */
const known = (samples: tf.Tensor, hole: tf.Tensor): tf.Tensor => tf.mul(samples, tf.sub(1, hole));

/** A picture whose hole is filled: x·(1 − hole) + G·hole. */
const composed = (samples: tf.Tensor, filled: tf.Tensor, hole: tf.Tensor): tf.Tensor =>
  tf.add(known(samples, hole), tf.mul(filled, hole));

const hinge = new HingeLoss();
const optimizer = adam({ learningRate: 1e-4, beta1: 0.5, beta2: 0.999 });

/** Inpainting: what is judged is the composed picture, with a logit for each patch; L1 holds over the whole output. */
export const inpainting = ({ generator, discriminator, shown }: Parts) =>
  defineGame({
    name: 'inpainting',
    networks: {
      generator: { network: generator, optimizer },
      discriminator: { network: discriminator, optimizer },
    },
    batch: { samples: {}, hole: { shape: [null, null, 1] } },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const { samples, hole } = pass.batch;
          const inputs = { known: known(samples, hole), hole };
          const filled = pass.run('generator', inputs, { detached: true }).samples;
          const onReal = pass.run('discriminator', { samples, hole }).logits;
          const fake = { samples: composed(samples, filled, hole), hole };
          return { hinge: hinge.discriminator(onReal, pass.run('discriminator', fake).logits) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const { samples, hole } = pass.batch;
          const filled = pass.run('generator', { known: known(samples, hole), hole }).samples;
          const fake = { samples: composed(samples, filled, hole), hole };
          const { logits } = pass.run('discriminator', fake);
          return { hinge: hinge.generator(logits), l1: tf.mul(10, l1(samples, filled)) };
        },
      },
    ],
    generators: { samples: shown },
  });
