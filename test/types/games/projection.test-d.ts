import { defineGame } from '../../../src/games/game.ts';
import { HingeLoss } from '../../../src/losses/adversarial/hinge.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { LabelInput, Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { LabeledGenerator } from './networks.ts';

interface Parts {
  /** Its labels have the source `'uniform'`. */
  readonly generator: LabeledGenerator;
  readonly discriminator: Network<{ samples: TensorInput; labels: LabelInput }, 'logits'>;
  readonly shown: Generator;
}

/** SNGAN with projection: the discriminator gets the label that the generator got. */
export const projection = ({ generator, discriminator, shown }: Parts) => {
  const hinge = new HingeLoss();
  const optimizer = adam({ learningRate: 2e-4, beta1: 0, beta2: 0.9 });
  return defineGame({
    name: 'projection',
    networks: {
      generator: { network: generator, optimizer },
      discriminator: { network: discriminator, optimizer },
    },
    batch: { samples: {}, labels: { shape: [], dtype: 'int32' } },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        times: 5,
        terms: (pass) => {
          const { samples, labels } = pass.batch;
          const drawn = pass.conditions('generator');
          const inputs = { ...pass.latents('generator'), ...drawn };
          const fake = pass.run('generator', inputs, { detached: true });
          const onReal = pass.run('discriminator', { samples, labels }).logits;
          const onFake = pass.run('discriminator', { ...fake, ...drawn }).logits;
          return { hinge: hinge.discriminator(onReal, onFake) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const count = 2 * (pass.batch.samples.shape[0] ?? 0);
          const drawn = pass.conditions('generator', count);
          const fake = pass.run('generator', { ...pass.latents('generator', count), ...drawn });
          const { logits } = pass.run('discriminator', { ...fake, ...drawn });
          return { hinge: hinge.generator(logits) };
        },
      },
    ],
    generators: { samples: shown },
  });
};
