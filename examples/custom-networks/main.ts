// What you learn: custom networks from tf.layers, here for wide color images (32×48×3).
// Run it: npm run example -- custom-networks (--quick for a few seconds)
// In about 4 minutes, runs/custom-networks/samples.png shows colored shapes; a distance
// compares them with real ones.

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
import { progress, runReport, sampleGrid, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawShapes } from './draw-shapes.ts';

const IMAGE_SHAPE = [32, 48, 3] as const;
const LATENT_SIZE = 64;

const flags = {
  steps: count(1200, 'training steps'),
  filters: count(16, 'filters of the layer next to the picture'),
  images: count(4000, 'training pictures'),
  judged: count(1000, 'pictures for the evaluation'),
};
const quick = { steps: 3, filters: 4, images: 64, judged: 40 };

/**
 * Initial weights for ReLU. Each layer needs its own seed: without one runs differ, with the same
 * one layers start alike.
 */
function weightsFrom(seed: number): () => ReturnType<typeof tf.initializers.heNormal> {
  let next = seed;
  return () => tf.initializers.heNormal({ seed: next++ });
}

/**
 * Latents in, samples out: that is all a Generator requires. This one repeats pixels and applies a
 * convolution; a DCGAN has transposed convolutions, which tend to leave a checkerboard pattern.
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
    // With tf.layers' default momentum of 0.99, the statistics used for sampling would lag behind.
    model.add(tf.layers.batchNormalization({ momentum: 0.9 }));
    model.add(tf.layers.reLU());
  }
  // tanh, because the data are in −1…1 as well.
  const last = { filters: 3, activation: 'tanh', kernelInitializer: weights() } as const;
  model.add(tf.layers.conv2d({ ...convolution, ...last }));
  return model;
}

/** Networks with branches work as well: in this one, the mean colors bypass all convolutions. */
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
  // It outputs a logit, without a sigmoid: the losses take logits.
  const logit = apply(tf.layers.dense({ units: 1, kernelInitializer: weights() }), both);
  return tf.model({ inputs: image, outputs: logit });
}

await lesson(
  'custom-networks',
  flags,
  quick,
  async ({ steps, filters, images, judged, seed, out }) => {
    console.log(`backend ${String(await useBackend('auto'))}`);
    // Bytes, as in files; batches are in −1…1.
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
      // This discriminator has no normalization; a penalty on its gradient norm at real samples
      // stabilizes it.
      penalties: [new R1Penalty({ weight: 1, every: 4 })],
      optimizers: { generator: optimizer, discriminator: optimizer },
      seed,
    });

    // Raw pixels, for lack of better features for such pictures.
    const pixels = featureExtractor((images) => tf.reshape(images, [images.shape[0], -1]), {
      name: 'pixels',
      inputShape: IMAGE_SHAPE,
    });
    const distance = async (source: Generator | Dataset): Promise<string> => {
      const metrics = { distance: slicedWasserstein };
      const options = { features: pixels, samples: judged, seeds: 1, metrics };
      return (await evaluate(source, unseen, options)).figures['distance']!.mean.toFixed(3);
    };
    const before = await distance(generator);
    await trainer.fit(shapes.slice(2 * judged), {
      steps,
      batchSize: 32,
      callbacks: [
        progress(),
        sampleGrid(join(out, 'samples'), { every: { steps: 200 } }),
        runReport(out),
      ],
    });
    const after = await distance(generator);
    console.log(
      `distance to real pictures: ${before} untrained, ${after} trained, ${await distance(others)} for other real ones`,
    );

    const samples = generator.sample(64, { seed: 7 });
    await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8 });
    samples.dispose();
    generator.dispose();
    discriminator.dispose();
    console.log(`Look at ${join(out, 'samples.png')}`);
  },
);
