import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import type { Discriminator } from '../../../src/models/discriminator.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Network, TensorInput } from '../../../src/models/network.ts';
import { rmsprop } from '../../../src/optimizers/rmsprop.ts';

interface Parts {
  /** Both trained already, by the adversarial game. */
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly encoder: Network<{ samples: TensorInput }, 'codes'>;
  /** Layer of the discriminator whose outputs are the features. */
  readonly layer: string;
}

/** f-AnoGAN's second game: an encoder learns to invert a frozen generator, in pixels and in features, κ = 1. */
export const fAnoGan = ({ generator, discriminator, encoder, layer }: Parts) => {
  const mse = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.losses.meanSquaredError(x, y);
  return defineGame({
    name: 'fAnoGan',
    settings: { kappa: 1, layer },
    networks: {
      encoder: { network: encoder, optimizer: rmsprop({ learningRate: 5e-5 }) },
      generator: { network: generator },
      discriminator: { network: discriminator },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'encoder',
        updates: 'encoder',
        terms: (pass) => {
          const { samples } = pass.batch;
          const { codes } = pass.run('encoder', { samples });
          const remade = pass.run('generator', { latents: codes });
          const taps = { features: layer };
          const wanted = pass.run('discriminator', { samples }, { taps, detached: true });
          const got = pass.run('discriminator', remade, { taps });
          return {
            pixels: mse(samples, remade.samples),
            features: mse(wanted.features, got.features),
          };
        },
      },
    ],
    generators: { samples: generator },
  });
};
