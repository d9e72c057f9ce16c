import * as tf from '@tensorflow/tfjs';
import { type Schedule, valueAt } from '../../../src/core/schedules/schedule.ts';
import { defineGame } from '../../../src/games/game.ts';
import { RelativisticLoss } from '../../../src/losses/adversarial/relativistic.ts';
import { R1Penalty } from '../../../src/losses/penalties/r1.ts';
import { R2Penalty } from '../../../src/losses/penalties/r2.ts';
import type { Discriminator } from '../../../src/models/discriminator.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { OptimizerSpec } from '../../../src/optimizers/optimizer.ts';

/** What `adam` takes once every number may be a schedule. */
interface ScheduledAdam {
  readonly learningRate: number | Schedule;
  readonly beta1: number | Schedule;
  readonly beta2: number | Schedule;
}

interface Parts {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly adam: (options: ScheduledAdam) => OptimizerSpec;
}

/** A cosine from one number to another over ten million samples. */
const cosine = (from: number, to: number): Schedule => ({
  name: 'cosine',
  settings: { from, to, end: 1e7 },
  valueAt: ({ samples }) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, samples / 1e7)))) / 2,
});

const loss = new RelativisticLoss({ base: 'bce', average: false });
const [r1, r2] = [new R1Penalty({ weight: 1 }), new R2Penalty({ weight: 1 })];
const gamma = cosine(0.05, 0.005);

const scaled = (term: tf.Scalar | undefined, factor: number): tf.Tensor | undefined =>
  term && tf.mul(term, factor);

/** R3GAN: differences of pairs, R1 and R2 of one γ, and each turn has a real batch and latents of its own. */
export const r3gan = ({ generator, discriminator, adam }: Parts) => {
  const optimizer = adam({ learningRate: cosine(2e-4, 5e-5), beta1: 0, beta2: cosine(0.9, 0.99) });
  return defineGame({
    name: 'r3gan',
    networks: {
      generator: { network: generator, optimizer, ema: { halfLife: cosine(0, 5e6) } },
      discriminator: { network: discriminator, optimizer },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const real = { samples: pass.batch.samples };
          const fake = pass.run('generator', pass.latents('generator'), { detached: true });
          const onReal = pass.run('discriminator', real).logits;
          const onFake = pass.run('discriminator', fake).logits;
          const at = valueAt(gamma, pass.progress);
          return {
            relativistic: loss.discriminator(onReal, onFake),
            r1: scaled(pass.penalty(r1, 'discriminator', { real, fake }), at),
            r2: scaled(pass.penalty(r2, 'discriminator', { real, fake }), at),
          };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        batch: 'next',
        terms: (pass) => {
          const fake = pass.run('generator', pass.latents('generator'));
          const onReal = pass.run('discriminator', { samples: pass.batch.samples }).logits;
          return { relativistic: loss.generator(pass.run('discriminator', fake).logits, onReal) };
        },
      },
    ],
    generators: { samples: generator },
  });
};
