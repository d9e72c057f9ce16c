import { defineGame } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Unconditional } from '../../../src/models/generator-inputs.ts';
import type { Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';

interface Parts {
  readonly generator: Generator<Unconditional>;
  readonly encoder: Network<{ samples: TensorInput }, 'codes'>;
  readonly discriminator: Network<{ samples: TensorInput; codes: TensorInput }, 'logits'>;
}

/** BiGAN: pairs (x, E(x)) count as real, (G(z), z) as fake; generator and encoder lower the loss with sides swapped. */
export const biGan = ({ generator, encoder, discriminator }: Parts) => {
  const bce = new BceLoss();
  return defineGame({
    name: 'biGan',
    networks: {
      generator: { network: generator, optimizer: adam() },
      encoder: { network: encoder, optimizer: adam() },
      discriminator: { network: discriminator, optimizer: adam() },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const { latents } = pass.latents('generator');
          const { codes } = pass.run('encoder', pass.batch, { detached: true });
          const made = pass.run('generator', { latents }, { detached: true });
          const encoded = pass.run('discriminator', { ...pass.batch, codes }).logits;
          const generated = pass.run('discriminator', { ...made, codes: latents }).logits;
          return { bce: bce.discriminator(encoded, generated) };
        },
      },
      {
        name: 'generatorAndEncoder',
        updates: ['generator', 'encoder'],
        terms: (pass) => {
          const { latents } = pass.latents('generator');
          const { codes } = pass.run('encoder', pass.batch);
          const made = pass.run('generator', { latents });
          const encoded = pass.run('discriminator', { ...pass.batch, codes }).logits;
          const generated = pass.run('discriminator', { ...made, codes: latents }).logits;
          return { bce: bce.discriminator(generated, encoded) };
        },
      },
    ],
    generators: { samples: generator },
  });
};
