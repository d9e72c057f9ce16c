// What you learn: networks of your own from tf.layers, here for wide pictures in color, 32×48×3, that no preset was made for.
// Run it: npm run example -- custom-networks (--quick for a few seconds)
// In about 4 minutes, runs/custom-networks/samples.png shows colored shapes; a distance says how near they are to real ones.

import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  type Dataset,
  datasetFromArray,
  Discriminator,
  Generator,
  R1Penalty,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import { evaluate, featureExtractor, slicedWasserstein } from 'tfjs-gan/metrics';
import { progress, sampleGrid, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawShapes } from './draw-shapes.ts';

const IMAGE_SHAPE = [32, 48, 3] as const;
const LATENT_SIZE = 64;

const flags = {
  steps: count(1200, 'training steps'),
  filters: count(16, 'filters of the layer next to the picture'),
  images: count(4000, 'pictures to learn from'),
  judged: count(1000, 'pictures to judge by'),
};
const quick = { steps: 3, filters: 4, images: 64, judged: 40 };

/** First weights for ReLU. Each layer wants a seed of its own, or runs differ and layers begin alike. */
function weightsFrom(seed: number): () => ReturnType<typeof tf.initializers.heNormal> {
  let next = seed;
  return () => tf.initializers.heNormal({ seed: next++ });
}

/**
 * Latents in, samples out: that is all that a Generator asks for. This one repeats pixels and smooths them by a convolution,
 * where a DCGAN has transposed convolutions, which tend to leave a chequered pattern.
 */
function makeGenerator(f: number, seed: number): tf.LayersModel {
  const weights = weightsFrom(seed);
  const model = tf.sequential();
  // [64] → [4, 6, 4f]
  const units = 4 * 6 * 4 * f;
  model.add(tf.layers.dense({ inputShape: [LATENT_SIZE], units, kernelInitializer: weights() }));
  model.add(tf.layers.reshape({ targetShape: [4, 6, 4 * f] }));
  const convolution = { kernelSize: 3, padding: 'same' } as const;
  // → [8, 12, 4f] → [16, 24, 2f] → [32, 48, f]
  for (const filters of [4 * f, 2 * f, f]) {
    model.add(tf.layers.upSampling2d({ size: [2, 2] }));
    model.add(tf.layers.conv2d({ ...convolution, filters, kernelInitializer: weights() }));
    // The momentum of tf.layers, 0.99, would let the statistics that samples are made with lag behind.
    model.add(tf.layers.batchNormalization({ momentum: 0.9 }));
    model.add(tf.layers.reLU());
  }
  // tanh, because the data lie in −1…1 as well.
  const last = { filters: 3, activation: 'tanh', kernelInitializer: weights() } as const;
  model.add(tf.layers.conv2d({ ...convolution, ...last }));
  return model;
}

/** A network that forks will do as well: this one hears the mean colors past all convolutions. */
function makeDiscriminator(f: number, seed: number): tf.LayersModel {
  const weights = weightsFrom(seed);
  const apply = (
    layer: tf.layers.Layer,
    to: tf.SymbolicTensor | tf.SymbolicTensor[],
  ): tf.SymbolicTensor => layer.apply(to) as tf.SymbolicTensor;
  const image = tf.input({ shape: [...IMAGE_SHAPE] });
  const halving = { kernelSize: 5, strides: 2, padding: 'same' } as const;
  let shapes: tf.SymbolicTensor = image;
  for (const filters of [f, 2 * f, 4 * f]) {
    const layer = tf.layers.conv2d({ ...halving, filters, kernelInitializer: weights() });
    shapes = apply(tf.layers.leakyReLU({ alpha: 0.2 }), apply(layer, shapes));
  }
  const colors = apply(tf.layers.globalAveragePooling2d({}), image);
  const both = apply(tf.layers.concatenate(), [apply(tf.layers.flatten(), shapes), colors]);
  // It answers a logit, so there is no sigmoid at its end: the losses take it as it is.
  const logit = apply(tf.layers.dense({ units: 1, kernelInitializer: weights() }), both);
  return tf.model({ inputs: image, outputs: logit });
}

await lesson(
  'custom-networks',
  flags,
  quick,
  async ({ steps, filters, images, judged, seed, out }) => {
    console.log(`backend ${String(await useBackend('auto'))}`);
    // Bytes, as files have them; batches come in −1…1.
    const bytes = drawShapes(images + 2 * judged, IMAGE_SHAPE[0], IMAGE_SHAPE[1], seed);
    const shapes = datasetFromArray(bytes, { name: 'shapes', sampleShape: IMAGE_SHAPE });
    const [unseen, others] = [shapes.slice(0, judged), shapes.slice(judged, 2 * judged)];

    // With `ownsModel` the networks dispose their models.
    const generator = new Generator({ model: makeGenerator(filters, seed), ownsModel: true });
    const critic = makeDiscriminator(filters, seed + 100);
    const discriminator = new Discriminator({ model: critic, ownsModel: true });
    const optimizer = adam({ learningRate: 4e-4, beta1: 0.5 });
    const trainer = new Trainer({
      generator,
      discriminator,
      // No normalization tames this discriminator; a penalty on its slope at real pictures does.
      penalties: [new R1Penalty({ weight: 1, every: 4 })],
      optimizers: { generator: optimizer, discriminator: optimizer },
      seed,
    });

    // Pixels as they are, for want of better features of such pictures.
    const pixels = featureExtractor((images) => tf.reshape(images, [images.shape[0], -1]), {
      name: 'pixels',
      inputShape: IMAGE_SHAPE,
    });
    const distance = async (judgedOnes: Generator | Dataset): Promise<string> => {
      const metrics = { distance: slicedWasserstein };
      const asked = { features: pixels, samples: judged, seeds: 1, metrics };
      return (await evaluate(judgedOnes, unseen, asked)).figures['distance']!.mean.toFixed(3);
    };
    const before = await distance(generator);
    await trainer.fit(shapes.slice(2 * judged), {
      steps,
      batchSize: 32,
      callbacks: [progress(), sampleGrid(join(out, 'samples'), { every: { steps: 200 } })],
    });
    const after = await distance(generator);
    console.log(
      `distance to real pictures: ${before} untrained, ${after} trained, ${await distance(others)} of others`,
    );

    const samples = generator.sample(64, { seed: 7 });
    await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8 });
    samples.dispose();
    generator.dispose();
    discriminator.dispose();
    console.log(`Look at ${join(out, 'samples.png')}`);
  },
);
