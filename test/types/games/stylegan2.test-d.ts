import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/core/random.ts';
import { defineGame, type Pass } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import { R1Penalty } from '../../../src/losses/penalties/r1.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { LatentInput, Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge } from './networks.ts';

interface Parts {
  /** Layers from `cutoff` on get the style of `z2`; `w` is `[batch, layers, width]`, after mixing. */
  readonly generator: Network<
    { z1: LatentInput; z2: LatentInput; cutoff: TensorInput },
    'image' | 'w'
  >;
  readonly discriminator: Judge;
  readonly layers: number;
  /** Augments each sample with probability p, a scalar. */
  readonly augment: (samples: tf.Tensor, p: tf.Tensor, random: Random) => tf.Tensor;
  readonly shown: Generator;
}

/** Path length: how far the image moves for a move of w, held to its own running mean. */
const pathLength = (
  pass: Pick<Pass, 'slot' | 'random'>,
  image: tf.Tensor,
  w: tf.Tensor,
): tf.Scalar => {
  const [, height = 1, width = 1] = image.shape;
  const noise = tf.tensor(pass.random('pathLength').normalArray(image.size), image.shape);
  const direction = tf.div(noise, Math.sqrt(height * width));
  // Image and w lie on the tape already: the function is not run again.
  const slope = tf.grad(() => tf.sum(tf.mul(image, direction)))(w);
  const lengths = tf.sqrt(tf.mean(tf.sum(tf.square(slope), 2), 1));
  const mean = pass.slot('pathLength/mean', () => tf.zeros([]));
  const moved = tf.add(mean.get(), tf.mul(0.01, tf.sub(tf.mean(lengths), mean.get())));
  mean.set(moved);
  return tf.mean(tf.squaredDifference(lengths, moved));
};

/** ADA: every four steps p moves towards the share of real samples that are called real being right: E sign D(real) = 0.6. */
const adapt = (
  pass: Pick<Pass, 'slot' | 'progress'>,
  p: tf.Tensor,
  onReal: tf.Tensor,
): tf.Tensor => {
  const signs = pass.slot('ada/signs', () => tf.zeros([]));
  const sum = tf.add(signs.get(), tf.mean(tf.sign(onReal)));
  const isDue = pass.progress.step % 4 === 0;
  signs.set(isDue ? tf.zeros([]) : sum);
  if (!isDue) return p;
  const move = (4 * (onReal.shape[0] ?? 0)) / 500_000;
  return tf.clipByValue(tf.add(p, tf.mul(move, tf.sign(tf.sub(tf.div(sum, 4), 0.6)))), 0, 0.8);
};

const [bce, r1] = [new BceLoss(), new R1Penalty({ weight: 0.1, every: 16 })];

const networksOf = ({ generator, discriminator }: Parts) => {
  const optimizer = adam({ learningRate: 2.5e-3, beta1: 0, beta2: 0.99 });
  return {
    generator: { network: generator, optimizer, ema: { halfLife: 10_000 } },
    discriminator: { network: discriminator, optimizer },
  };
};

type StylePass = Pass<ReturnType<typeof networksOf>, 'samples'>;

/** Images and their w; with probability 0.9 a second style begins at a random layer. */
const made = (pass: StylePass, layers: number, count: number, detached?: true) => {
  const random = pass.random('mixing');
  const layer = random.uniform() < 0.9 ? 1 + random.integer(layers - 1) : layers;
  const inputs = { ...pass.latents('generator', count), cutoff: tf.fill([count, 1], layer) };
  return pass.run('generator', inputs, { detached });
};

/** ADA's p. */
const probability = (pass: StylePass) => pass.slot('ada/p', () => tf.zeros([]));

/** StyleGAN2 with mixing, lazy R1, lazy path length and ADA. */
export const styleGan2 = (parts: Parts) => {
  const { layers, augment, shown } = parts;
  const augmented = (pass: StylePass, samples: tf.Tensor) => ({
    samples: augment(samples, probability(pass).get(), pass.random('augment')),
  });
  return defineGame({
    name: 'styleGan2',
    networks: networksOf(parts),
    batch: { samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const [real, count] = [pass.batch, pass.batch.samples.shape[0] ?? 0];
          const fake = { samples: made(pass, layers, count, true).image };
          const transform = ({ samples }: typeof fake) => augmented(pass, samples);
          const onReal = pass.run('discriminator', transform(real)).logits;
          const onFake = pass.run('discriminator', transform(fake)).logits;
          const penalty = pass.penalty(r1, 'discriminator', { real, fake, transform });
          probability(pass).set(adapt(pass, probability(pass).get(), onReal));
          return { bce: bce.discriminator(onReal, onFake), r1: penalty };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const count = pass.batch.samples.shape[0] ?? 0;
          const fake = augmented(pass, made(pass, layers, count).image);
          const adversarial = bce.generator(pass.run('discriminator', fake).logits);
          if (pass.progress.step % 4 !== 0) return { bce: adversarial };
          const { image, w } = made(pass, layers, Math.ceil(count / 2));
          return { bce: adversarial, pathLength: tf.mul(2 * 4, pathLength(pass, image, w)) };
        },
      },
    ],
    generators: { samples: shown },
  });
};
