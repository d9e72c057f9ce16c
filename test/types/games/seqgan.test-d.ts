import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/core/random.ts';
import { defineGame, type Pass } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge } from './networks.ts';

interface Parts {
  /** Logits of each token given those before it: `[batch, length]` → `[batch, length, vocabulary]`. */
  readonly generator: Network<{ tokens: TensorInput }, 'logits'>;
  readonly discriminator: Judge;
  /** Steps of maximum likelihood, then steps of the discriminator alone. */
  readonly pretraining: { readonly generator: number; readonly discriminator: number };
  readonly rollouts: number;
  readonly shown: Generator;
}

type Logits = (tokens: tf.Tensor) => tf.Tensor;

/** Draws the tokens from place `from` on, each given those before it; the others stay. */
const completed = (
  logitsOf: Logits,
  random: Random,
  tokens: tf.Tensor,
  from: number,
): tf.Tensor => {
  const [, length = 0] = tokens.shape;
  let result = tokens;
  for (let place = from; place < length; place += 1) {
    const logits = tf.gather(logitsOf(result), place, 1);
    const uniform = tf.tensor(random.uniformArray(logits.size, 1e-7, 1 - 1e-7), logits.shape);
    const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform))));
    const token = tf.expandDims(tf.argMax(tf.add(logits, gumbel), -1), 1);
    result = tf.where(tf.equal(tf.range(0, length, 1, 'int32'), place), token, result);
  }
  return result;
};

const bce = new BceLoss();

const networksOf = ({ generator, discriminator }: Parts) => ({
  generator: { network: generator, optimizer: adam({ learningRate: 1e-2 }), ema: { decay: 0.8 } },
  discriminator: { network: discriminator, optimizer: adam({ learningRate: 1e-4 }) },
});

type SeqPass = Pass<ReturnType<typeof networksOf>, 'samples'>;

/** Sequences that begin with the first tokens of others, drawn by the trained weights or by their average. */
const drawn = (pass: SeqPass, weights: 'trained' | 'ema', tokens: tf.Tensor, from: number) => {
  const logitsOf: Logits = (given) =>
    pass.run('generator', { tokens: given }, { weights, detached: true }).logits;
  return completed(logitsOf, pass.random('tokens'), tokens, from);
};

/** Whole sequences, as many as the batch has. */
const fresh = (pass: SeqPass): tf.Tensor =>
  drawn(pass, 'trained', tf.zerosLike(pass.batch.samples), 0);

/** Log-probability of each token under the generator, `[batch, length]`. */
const logProbability = (pass: SeqPass, tokens: tf.Tensor): tf.Tensor => {
  const { logits } = pass.run('generator', { tokens });
  return tf.sum(tf.mul(tf.oneHot(tokens, logits.shape.at(-1) ?? 0), tf.logSoftmax(logits)), -1);
};

/** Reward of each token, `[batch, length]`: the mean verdict on completions of what it ends; of the last, the verdict. */
const rewarded = (pass: SeqPass, tokens: tf.Tensor, rollouts: number): tf.Tensor => {
  const verdict = (samples: tf.Tensor): tf.Tensor =>
    tf.sigmoid(pass.run('discriminator', { samples }, { detached: true }).logits);
  const rewards = Array.from({ length: (tokens.shape[1] ?? 1) - 1 }, (_, place) => {
    const round = () => verdict(drawn(pass, 'ema', tokens, place + 1));
    return tf.div(tf.addN(Array.from({ length: rollouts }, round)), rollouts);
  });
  return tf.concat([...rewards, verdict(tokens)], 1);
};

/** SeqGAN: likelihood first, then −Σ log p · reward, whose rollouts follow the trained weights slowly. */
export const seqGan = (parts: Parts) => {
  const { pretraining, rollouts } = parts;
  return defineGame({
    name: 'seqGan',
    settings: { ...pretraining, rollouts },
    networks: networksOf(parts),
    batch: { samples: { shape: [null], dtype: 'int32' } },
    turns: [
      {
        name: 'likelihood',
        updates: 'generator',
        when: ({ step }) => step <= pretraining.generator,
        terms: (pass) => ({ nll: tf.neg(tf.mean(logProbability(pass, pass.batch.samples))) }),
      },
      {
        name: 'generator',
        updates: 'generator',
        when: ({ step }) => step > pretraining.generator + pretraining.discriminator,
        terms: (pass) => {
          const tokens = fresh(pass);
          const terms = tf.mul(logProbability(pass, tokens), rewarded(pass, tokens, rollouts));
          return { reward: tf.neg(tf.sum(terms)) };
        },
      },
      {
        name: 'discriminator',
        updates: 'discriminator',
        times: 5,
        batch: 'next',
        when: ({ step }) => step > pretraining.generator,
        terms: (pass) => {
          const onReal = pass.run('discriminator', pass.batch).logits;
          const onFake = pass.run('discriminator', { samples: fresh(pass) }).logits;
          return { bce: bce.discriminator(onReal, onFake) };
        },
      },
    ],
    generators: { text: parts.shown },
  });
};
