import * as tf from '@tensorflow/tfjs';
import { defineGame, type Pass, type RunOptions } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { LabelInput, LatentInput, Network, TensorInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge } from './networks.ts';
import { crossEntropy } from './terms.ts';

interface Parts {
  /** `content` is one vector a clip, `motion` one a frame, `start` the first state of the recurrent layer. */
  readonly generator: Network<
    { content: LatentInput; motion: LatentInput; start: LatentInput; category: LabelInput },
    'samples'
  >;
  readonly onFrames: Judge;
  readonly onClips: Network<{ samples: TensorInput }, 'logits' | 'category'>;
  readonly shown: Generator;
}

/** One frame of each clip, drawn at random. */
const frames = (pass: Pick<Pass, 'random'>, clips: tf.Tensor): { samples: tf.Tensor } => {
  const [count = 0, length = 0, ...frameShape] = clips.shape;
  const random = pass.random('frames');
  const at = Array.from({ length: count }, (_, row) => row * length + random.integer(length));
  return {
    samples: tf.gather(
      tf.reshape(clips, [count * length, ...frameShape]),
      tf.tensor1d(at, 'int32'),
    ),
  };
};

const networksOf = ({ generator, onFrames, onClips }: Parts) => {
  const optimizer = adam({ learningRate: 2e-4, beta1: 0.5 });
  return {
    generator: { network: generator, optimizer },
    onFrames: { network: onFrames, optimizer },
    onClips: { network: onClips, optimizer },
  };
};

/** Fake clips, and the categories that were requested of them. */
const made = (pass: Pass<ReturnType<typeof networksOf>>, options: RunOptions<never>) => {
  const { category } = pass.conditions('generator');
  const inputs = { ...pass.latents('generator'), category };
  return { category, samples: pass.run('generator', inputs, options).samples };
};

const bce = new BceLoss();

/** MoCoGAN with categories: a judge of frames, a judge of clips, and a generator that faces both on separate draws. */
export const moCoGan = (parts: Parts) =>
  defineGame({
    name: 'moCoGan',
    networks: networksOf(parts),
    batch: { samples: {}, labels: { shape: [], dtype: 'int32' } },
    turns: [
      {
        name: 'onFrames',
        updates: 'onFrames',
        terms: (pass) => {
          const real = pass.run('onFrames', frames(pass, pass.batch.samples));
          const fake = pass.run('onFrames', frames(pass, made(pass, { detached: true }).samples));
          return { bce: bce.discriminator(real.logits, fake.logits) };
        },
      },
      {
        name: 'onClips',
        updates: 'onClips',
        terms: (pass) => {
          const { samples } = made(pass, { detached: true });
          const real = pass.run('onClips', { samples: pass.batch.samples });
          const fake = pass.run('onClips', { samples });
          const category = crossEntropy(pass.batch.labels, real.category);
          return { bce: bce.discriminator(real.logits, fake.logits), category };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const onFrame = pass.run('onFrames', frames(pass, made(pass, {}).samples));
          const { category, samples } = made(pass, { statistics: 'hold' });
          const onClip = pass.run('onClips', { samples });
          const adversarial = tf.add(bce.generator(onFrame.logits), bce.generator(onClip.logits));
          return { bce: adversarial, category: crossEntropy(category, onClip.category) };
        },
      },
    ],
    generators: { clips: parts.shown },
  });
