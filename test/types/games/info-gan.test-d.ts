import * as tf from '@tensorflow/tfjs';
import { defineGame } from '../../../src/games/game.ts';
import { BceLoss } from '../../../src/losses/adversarial/bce.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type {
  LabelInput,
  LatentInput,
  Network,
  TensorInput,
  ValueInput,
} from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import { crossEntropy } from './terms.ts';

interface Parts {
  /** `category` has the source `'uniform'` over ten classes, `codes` are two numbers uniform in −1…1. */
  readonly generator: Network<
    { latents: LatentInput; category: LabelInput; codes: ValueInput },
    'samples'
  >;
  /** Ten logits for the category and two means for the codes, from one trunk with the logits. */
  readonly discriminator: Network<{ samples: TensorInput }, 'logits' | 'category' | 'codes'>;
  readonly shown: Generator;
}

/** A category and codes, as they were drawn or as they are read from a sample. */
interface Codes {
  readonly category: tf.Tensor;
  readonly codes: tf.Tensor;
}

/** −log q(c | x) without its constant: the codes' deviation is fixed at 1. */
const information = (drawn: Codes, read: Codes): tf.Tensor => {
  const squares = tf.sum(tf.squaredDifference(drawn.codes, read.codes), -1);
  return tf.add(crossEntropy(drawn.category, read.category), tf.mul(0.5, tf.mean(squares)));
};

/** InfoGAN: both turns lower the same term, the negative bound of the information. */
export const infoGan = ({ generator, discriminator, shown }: Parts) => {
  const bce = new BceLoss();
  return defineGame({
    name: 'infoGan',
    networks: {
      generator: { network: generator, optimizer: adam({ learningRate: 1e-3 }) },
      discriminator: { network: discriminator, optimizer: adam({ learningRate: 2e-4 }) },
    },
    batch: { samples: {} },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        terms: (pass) => {
          const drawn = pass.conditions('generator');
          const inputs = { ...pass.latents('generator'), ...drawn };
          const fake = pass.run('generator', inputs, { detached: true });
          const real = pass.run('discriminator', { samples: pass.batch.samples });
          const read = pass.run('discriminator', fake);
          const adversarial = bce.discriminator(real.logits, read.logits);
          return { bce: adversarial, information: information(drawn, read) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const drawn = pass.conditions('generator');
          const fake = pass.run('generator', { ...pass.latents('generator'), ...drawn });
          const read = pass.run('discriminator', fake);
          return { bce: bce.generator(read.logits), information: information(drawn, read) };
        },
      },
    ],
    generators: { samples: shown },
  });
};
