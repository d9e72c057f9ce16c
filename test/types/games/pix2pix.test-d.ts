import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Network, TensorInput, ValueInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import { l1 } from './terms.ts';

interface Parts {
  readonly generator: Network<{ source: ValueInput }, 'samples'>;
  readonly discriminator: Network<{ source: ValueInput; samples: TensorInput }, 'logits'>;
  readonly shown: Generator;
}

/** pix2pix: the discriminator sees the source beside the picture; dropout in the generator is the only noise. */
export const pix2pix = ({ generator, discriminator, shown }: Parts) => {
  const bce = new BceLoss();
  return defineGame({
    name: 'pix2pix',
    settings: { l1: 100 },
    networks: {
      generator: { network: generator, optimizer: adam() },
      discriminator: { network: discriminator, optimizer: adam() },
    },
    batch: { source: {}, samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const { source, samples } = pass.batch;
          const fake = pass.run('generator', { source }, { detached: true });
          const onReal = pass.run('discriminator', { source, samples }).logits;
          const onFake = pass.run('discriminator', { source, ...fake }).logits;
          return { bce: tf.mul(0.5, bce.discriminator(onReal, onFake)) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const { source, samples } = pass.batch;
          const fake = pass.run('generator', { source });
          const { logits } = pass.run('discriminator', { source, ...fake });
          return { bce: bce.generator(logits), l1: tf.mul(100, l1(samples, fake.samples)) };
        },
      },
    ],
    generators: { samples: shown },
  });
};
