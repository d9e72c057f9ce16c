import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import { WassersteinLoss } from '../../../src/losses/adversarial/wasserstein.ts';
import { GradientPenalty } from '../../../src/losses/penalties/gradient-penalty.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { LatentInput, Network, ValueInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge } from './networks.ts';

/** A discrete column: where its one-hot lies in a row and in a condition. */
interface Span {
  readonly inRow: number;
  readonly inCondition: number;
  readonly size: number;
}

interface Parts {
  /** `rows` after tanh and Gumbel-softmax, `activations` before. */
  readonly generator: Network<
    { latents: LatentInput; condition: ValueInput },
    'rows' | 'activations'
  >;
  /** Judges packs of ten rows, each with its condition behind it. */
  readonly discriminator: Judge;
  readonly spans: readonly Span[];
  readonly shown: Generator;
}

/** Ten rows in one, each with its condition behind it: one gradient norm and one α of the penalty a pack. */
const packed = (rows: tf.Tensor, condition: tf.Tensor): { samples: tf.Tensor } => {
  const joined = tf.concat([rows, condition], 1);
  const [count = 0, width = 0] = joined.shape;
  return { samples: tf.reshape(joined, [count / 10, 10 * width]) };
};

/** Cross-entropy of the conditioned column. One span of each condition has a bit: all the others add zero. */
const ofColumn = (
  spans: readonly Span[],
  activations: tf.Tensor,
  condition: tf.Tensor,
): tf.Tensor => {
  const ofSpans = spans.map(({ inRow, inCondition, size }) => {
    const bits = tf.slice(condition, [0, inCondition], [-1, size]);
    return tf.sum(tf.mul(bits, tf.logSoftmax(tf.slice(activations, [0, inRow], [-1, size]))), 1);
  });
  return tf.neg(tf.mean(tf.addN(ofSpans)));
};

const [loss, gradientPenalty] = [new WassersteinLoss(), new GradientPenalty({ weight: 10 })];
const optimizer = adam({ beta1: 0.5, beta2: 0.9 });

/**
 * CTGAN. The data set draws, by the number of the batch: `condition` for the fake rows, and the same conditions in another
 * order as `partnerCondition` with `samples`, real rows that have these values.
 */
export const ctgan = ({ generator, discriminator, spans, shown }: Parts) =>
  defineGame({
    name: 'ctgan',
    networks: {
      generator: { network: generator, optimizer },
      discriminator: { network: discriminator, optimizer },
    },
    batch: { samples: {}, condition: {}, partnerCondition: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const { samples, condition, partnerCondition } = pass.batch;
          const inputs = { ...pass.latents('generator'), condition };
          const { rows } = pass.run('generator', inputs, { detached: true });
          const [real, fake] = [packed(samples, partnerCondition), packed(rows, condition)];
          const onReal = pass.run('discriminator', real).logits;
          const wasserstein = loss.discriminator(onReal, pass.run('discriminator', fake).logits);
          const penalty = pass.penalty(gradientPenalty, 'discriminator', { real, fake });
          return { wasserstein, gradientPenalty: penalty };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        batch: 'next',
        terms: (pass) => {
          const { condition } = pass.batch;
          const made = pass.run('generator', { ...pass.latents('generator'), condition });
          const { logits } = pass.run('discriminator', packed(made.rows, condition));
          const column = ofColumn(spans, made.activations, condition);
          return { wasserstein: loss.generator(logits), column };
        },
      },
    ],
    generators: { rows: shown },
  });
