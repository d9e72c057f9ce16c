import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import type { Loss } from '../../../src/losses/loss.ts';
import type { Penalty } from '../../../src/losses/penalties/penalty.ts';
import { R1Penalty } from '../../../src/losses/penalties/r1.ts';
import type { Discriminator } from '../../../src/models/discriminator.ts';
import type { Generator } from '../../../src/models/generator.ts';
import { adam } from '../../../src/optimizers/adam.ts';

interface Parts {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly loss: Loss;
  /** A penalty whose target is the generator, such as feature matching. */
  readonly matching: Penalty;
}

const r1 = new R1Penalty({ weight: 10, every: 16 });

/** Any loss of two functions, lazy R1, and five updates of the critic for one of the generator. */
export const adversarial = ({ generator, discriminator, loss, matching }: Parts) =>
  defineGame({
    name: 'adversarial',
    networks: {
      generator: { network: generator, optimizer: adam(), ema: { decay: 0.999 } },
      discriminator: { network: discriminator, optimizer: adam({ learningRate: 4e-4 }) },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        times: 5,
        terms: (pass) => {
          const real = { samples: pass.batch.samples };
          const fake = pass.run('generator', pass.latents('generator'), { detached: true });
          const onReal = pass.run('discriminator', real).logits;
          const onFake = pass.run('discriminator', fake).logits;
          pass.metric('accuracy/real', tf.mean(tf.greater(onReal, 0)));
          pass.metric('accuracy/fake', tf.mean(tf.less(onFake, 0)));
          const penalty = pass.penalty(r1, 'discriminator', { real, fake });
          return { [loss.name]: loss.discriminator(onReal, onFake), [r1.name]: penalty };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const real = { samples: pass.batch.samples };
          const fake = pass.run('generator', pass.latents('generator'));
          const onFake = pass.run('discriminator', fake).logits;
          const onReal = loss.usesRealLogits && pass.run('discriminator', real).logits;
          const matched = pass.penalty(matching, 'discriminator', { real, fake });
          return { [loss.name]: loss.generator(onFake, onReal), [matching.name]: matched };
        },
      },
    ],
    generators: { samples: generator },
  });
