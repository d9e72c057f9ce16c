import * as tf from '@tensorflow/tfjs';
import {
  type Batch,
  type Dataset,
  Discriminator,
  Gan,
  Generator,
  type Loss,
  Trainer,
  type TrainerOptions,
} from 'tfjs-gan';
import { blobs, weightsOf } from '../support/tiny-gan.ts';

const sampleShape = [6, 6, 1];

/** A game small enough to be played hundreds of times: images of 6×6, convolutions in both networks, no batch norm. */
export function smallGame(rules: Partial<TrainerOptions> = {}): SmallGame {
  let seed = 0;
  const init = (): ReturnType<typeof tf.initializers.glorotNormal> =>
    tf.initializers.glorotNormal({ seed: (seed += 1) });
  const { dense, conv2d, reshape, flatten } = tf.layers;
  const made = tf.sequential({
    layers: [
      dense({ units: 9 * 2, inputShape: [3], activation: 'relu', kernelInitializer: init() }),
      reshape({ targetShape: [3, 3, 2] }),
      tf.layers.conv2dTranspose({
        filters: 1,
        kernelSize: 2,
        strides: 2,
        activation: 'tanh',
        kernelInitializer: init(),
      }),
    ],
  });
  const judged = tf.sequential({
    layers: [
      conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], kernelInitializer: init() }),
      tf.layers.activation({ activation: 'softplus' }),
      flatten(),
      dense({ units: 3, activation: 'softplus', kernelInitializer: init() }),
      dense({ units: 1, kernelInitializer: init() }),
    ],
  });
  const generator = new Generator({ model: made, ownsModel: true });
  const discriminator = new Discriminator({ model: judged, ownsModel: true });
  const trainer = new Trainer({ generator, discriminator, seed: 3, ...rules });
  const gan = new Gan({ generator, discriminator, trainer });
  return Object.assign(gan, { weights: () => weightsOf(gan) });
}

/** What {@link smallGame} gives: a Gan, and how to read every weight of both networks. */
export type SmallGame = Gan & { weights(): number[][] };

/** Images for {@link smallGame}, with labels. */
export function smallData(): Dataset {
  const images = blobs(24, sampleShape);
  return {
    ...images,
    classes: 2,
    async *batches(options): AsyncGenerator<Batch> {
      for await (const { samples } of images.batches(options)) {
        const labels = Array.from({ length: options.batchSize }, (_, i) => i % 2);
        yield { samples, labels: tf.tensor1d(labels, 'int32') };
      }
    },
  };
}

/** A game in which one network has a wish and the other has none, so that only the first one moves. */
export function oneSidedLoss(network: 'generator' | 'discriminator'): Loss {
  const wish = (logits: tf.Tensor, strength: number): tf.Scalar =>
    tf.tidy(() => tf.mul(tf.mean(logits), strength).asScalar());
  return {
    name: 'oneSided',
    discriminator: (real, fake) =>
      tf.tidy(() => wish(tf.sub(real, fake), network === 'discriminator' ? 1 : 0)),
    generator: (fake) => wish(fake, network === 'generator' ? -1 : 0),
  };
}
