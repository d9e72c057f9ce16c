import { defineGame } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { LabeledGenerator } from './networks.ts';
import { crossEntropy } from './terms.ts';

interface Parts {
  readonly generator: LabeledGenerator;
  readonly discriminator: Network<{ samples: TensorInput }, 'logits' | 'classes'>;
  readonly shown: Generator;
}

const bce = new BceLoss();

/** ACGAN: real and fake samples are classified by a head of the discriminator. */
export const auxiliaryClassifier = ({ generator, discriminator, shown }: Parts) =>
  defineGame({
    name: 'auxiliaryClassifier',
    networks: {
      generator: { network: generator, optimizer: adam() },
      discriminator: { network: discriminator, optimizer: adam() },
    },
    batch: { samples: {}, labels: { shape: [], dtype: 'int32' } },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const { samples, labels } = pass.batch;
          const drawn = pass.conditions('generator');
          const inputs = { ...pass.latents('generator'), ...drawn };
          const fake = pass.run('generator', inputs, { detached: true });
          const onReal = pass.run('discriminator', { samples });
          const onFake = pass.run('discriminator', fake);
          return {
            bce: bce.discriminator(onReal.logits, onFake.logits),
            classOfReal: crossEntropy(labels, onReal.classes),
            classOfFake: crossEntropy(drawn.labels, onFake.classes),
          };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const drawn = pass.conditions('generator');
          const fake = pass.run('generator', { ...pass.latents('generator'), ...drawn });
          const { logits, classes: guesses } = pass.run('discriminator', fake);
          return { bce: bce.generator(logits), class: crossEntropy(drawn.labels, guesses) };
        },
      },
    ],
    generators: { samples: shown },
  });
