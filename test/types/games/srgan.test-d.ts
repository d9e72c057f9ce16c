import * as tf from '@tensorflow/tfjs';
import { defineGame, type Pass } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge, Translator } from './networks.ts';
import { l1 } from './terms.ts';

interface Parts {
  readonly generator: Translator;
  readonly discriminator: Judge;
  /** A trained classifier of the domain; its tap is taken before the activation. */
  readonly features: Judge;
  readonly pretraining: number;
  readonly shown: Generator;
}

const bce = new BceLoss();

const networksOf = ({ generator, discriminator, features }: Parts) => ({
  generator: { network: generator, optimizer: adam({ beta1: 0.9 }), ema: { decay: 0.999 } },
  discriminator: { network: discriminator, optimizer: adam({ beta1: 0.9 }) },
  features: { network: features },
});

type SrganPass = Pass<ReturnType<typeof networksOf>, 'source' | 'samples'>;

/** L1 of the features, which are taken before an activation. */
const perceptual = (pass: SrganPass, real: tf.Tensor, fake: tf.Tensor): tf.Tensor => {
  const taps = { inner: '7.conv2D' };
  const wanted = pass.run('features', { samples: real }, { taps, detached: true });
  return l1(wanted.inner, pass.run('features', { samples: fake }, { taps }).inner);
};

/** The enlarged source. */
const made = (pass: SrganPass, detached?: true): tf.Tensor =>
  pass.run('generator', { source: pass.batch.source }, { detached }).samples;

/** SRGAN: L1 alone at first; then L1, features and the adversarial term, each with the published weight. */
export const srgan = (parts: Parts) => {
  const isAdversarial = ({ step }: { step: number }): boolean => step > parts.pretraining;
  return defineGame({
    name: 'srgan',
    settings: { pretraining: parts.pretraining },
    networks: networksOf(parts),
    batch: { source: {}, samples: {} },
    turns: [
      {
        name: 'pretraining',
        updates: 'generator',
        when: (progress) => !isAdversarial(progress),
        terms: (pass) => ({ l1: l1(pass.batch.samples, made(pass)) }),
      },
      {
        name: 'discriminator',
        updates: 'discriminator',
        when: isAdversarial,
        terms: (pass) => {
          const onReal = pass.run('discriminator', { samples: pass.batch.samples }).logits;
          const onFake = pass.run('discriminator', { samples: made(pass, true) }).logits;
          return { bce: bce.discriminator(onReal, onFake) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        when: isAdversarial,
        terms: (pass) => {
          const [real, fake] = [pass.batch.samples, made(pass)];
          const { logits } = pass.run('discriminator', { samples: fake });
          const adversarial = tf.mul(5e-3, bce.generator(logits));
          const features = perceptual(pass, real, fake);
          return { l1: tf.mul(1e-2, l1(real, fake)), features, bce: adversarial };
        },
      },
    ],
    generators: { samples: parts.shown },
  });
};
