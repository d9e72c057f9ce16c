// What you learn: what createDcgan and its trainer do, in plain TensorFlow.js; compare mnist-dcgan.
// Run it: npm run example -- mnist-dcgan-by-hand (--quick for a few seconds)
// In about 4 minutes on 2 cores, runs/by-hand/ shows digits, but no curves, accuracy or resuming.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import { loadMnist } from 'tfjs-gan/node';
import { onOff, readSettings, text } from '../shared/flags.ts';
import { runExample } from '../shared/run-example.ts';
import { encodeGreyPng } from './png.ts';

const LATENT_SIZE = 100;
const LEARNING_RATE = 0.0002;
const BETA1 = 0.5;
const SEED = 42;
const FULL = {
  split: 'train',
  steps: 1400,
  batchSize: 64,
  baseFilters: 32,
  gridEvery: 100,
} as const;
const QUICK = { split: 'test', steps: 4, batchSize: 8, baseFilters: 4, gridEvery: 2 } as const;

/** Every random tensor needs its own seed, or two layers start with the same weights. */
let nextSeed = SEED;

function randomNormal(mean: number): ReturnType<typeof tf.initializers.randomNormal> {
  return tf.initializers.randomNormal({ mean, stddev: 0.02, seed: nextSeed++ });
}

function latents(count: number): tf.Tensor2D {
  return tf.randomNormal([count, LATENT_SIZE], 0, 1, 'float32', nextSeed++);
}

function batchNorm(): tf.layers.Layer {
  // Keras's defaults do not suit a GAN: the momentum of 0.99 is too slow, the epsilon of 0.001 too
  // large.
  return tf.layers.batchNormalization({
    momentum: 0.9,
    epsilon: 1e-5,
    gammaInitializer: randomNormal(1),
  });
}

/** [100] → [7, 7, 2f] → [14, 14, 2f] → [28, 28, f] → [28, 28, 1] */
function buildGenerator(baseFilters: number): tf.Sequential {
  const upwards = (filters: number): tf.layers.Layer =>
    tf.layers.conv2dTranspose({
      filters,
      kernelSize: 5,
      strides: 2,
      padding: 'same',
      useBias: false,
      kernelInitializer: randomNormal(0),
    });
  return tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [LATENT_SIZE],
        units: 7 * 7 * 2 * baseFilters,
        useBias: false,
        kernelInitializer: randomNormal(0),
      }),
      tf.layers.reshape({ targetShape: [7, 7, 2 * baseFilters] }),
      batchNorm(),
      tf.layers.reLU(),
      upwards(2 * baseFilters),
      batchNorm(),
      tf.layers.reLU(),
      upwards(baseFilters),
      batchNorm(),
      tf.layers.reLU(),
      tf.layers.conv2dTranspose({
        filters: 1,
        kernelSize: 5,
        padding: 'same',
        activation: 'tanh',
        kernelInitializer: randomNormal(0),
      }),
    ],
  });
}

/** [28, 28, 1] → [14, 14, f] → [7, 7, 2f] → [1], a logit */
function buildDiscriminator(baseFilters: number): tf.Sequential {
  const downwards = { kernelSize: 5, strides: 2, padding: 'same' as const };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        ...downwards,
        inputShape: [28, 28, 1],
        filters: baseFilters,
        kernelInitializer: randomNormal(0),
      }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2d({
        ...downwards,
        filters: 2 * baseFilters,
        useBias: false,
        kernelInitializer: randomNormal(0),
      }),
      batchNorm(),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, kernelInitializer: randomNormal(0) }),
    ],
  });
}

function forward(model: tf.Sequential, input: tf.Tensor): tf.Tensor {
  return model.apply(input, { training: true }) as tf.Tensor;
}

/**
 * A pass in training mode that does not change batch norm's moving statistics. Otherwise every pass
 * updates them, even those in the other network's turn.
 */
function forwardHeld(model: tf.Sequential, input: tf.Tensor): tf.Tensor {
  const trainable = new Set(model.trainableWeights);
  const statistics = model.weights.filter((weight) => !trainable.has(weight));
  const before = statistics.map((weight) => weight.read().clone());
  const output = forward(model, input);
  statistics.forEach((weight, i) => weight.write(before[i]!));
  tf.dispose(before);
  return output;
}

/**
 * The weights to optimize. Without such a list, `variableGrads` takes the weights of both networks.
 */
function trainableVariables(model: tf.Sequential): tf.Variable[] {
  const weights = model.getWeights(true);
  return weights.filter((weight): weight is tf.Variable => weight instanceof tf.Variable);
}

interface Network {
  readonly model: tf.Sequential;
  readonly optimizer: tf.Optimizer;
}

function update({ model, optimizer }: Network, loss: () => tf.Scalar): tf.Scalar {
  const { value, grads } = tf.variableGrads(loss, trainableVariables(model));
  optimizer.applyGradients(grads);
  tf.dispose(grads);
  return value;
}

/** One update of each network, by binary cross-entropy on logits: softplus(−x) = −log σ(x). */
function trainStep(generator: Network, discriminator: Network, real: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const batchSize = real.shape[0];
    const fake = forwardHeld(generator.model, latents(batchSize));
    const discriminatorLoss = update(discriminator, () => {
      const onReal = tf.mean(tf.softplus(tf.neg(forward(discriminator.model, real))));
      const onFake = tf.mean(tf.softplus(forward(discriminator.model, fake)));
      return tf.add(onReal, onFake).asScalar();
    });
    const latent = latents(batchSize);
    const generatorLoss = update(generator, () => {
      const judged = forwardHeld(discriminator.model, forward(generator.model, latent));
      return tf.mean(tf.softplus(tf.neg(judged))).asScalar();
    });
    return tf.stack([discriminatorLoss, generatorLoss]).as1D();
  });
}

/** The generator's images as one picture, in rows of equal length. */
async function drawGrid(path: string, model: tf.Sequential, latent: tf.Tensor2D): Promise<void> {
  const picture = tf.tidy(() => {
    const images = model.predict(latent) as tf.Tensor;
    const columns = Math.ceil(Math.sqrt(latent.shape[0]));
    // [rows · columns, 28, 28, 1] → [rows, 28, columns, 28] → [rows · 28, columns · 28]
    const rows = latent.shape[0] / columns;
    const grid = images.reshape([rows, columns, 28, 28]).transpose([0, 2, 1, 3]);
    return grid
      .add(1)
      .mul(127.5)
      .round()
      .reshape([rows * 28, columns * 28]);
  });
  const [height = 0, width = 0] = picture.shape;
  await writeFile(path, encodeGreyPng(Uint8Array.from(await picture.data()), width, height));
  picture.dispose();
}

/**
 * TensorFlow.js saves to browsers and servers; for files in Node it requires tfjs-node or this
 * function.
 */
async function saveModel(folder: string, model: tf.Sequential): Promise<void> {
  await mkdir(folder, { recursive: true });
  const toFolder = async (artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
    const { modelTopology, weightSpecs = [], weightData = [] } = artifacts;
    const parts = Array.isArray(weightData) ? weightData : [weightData];
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    await writeFile(join(folder, 'weights.bin'), Buffer.concat(parts.map((p) => Buffer.from(p))));
    const json = JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest });
    await writeFile(join(folder, 'model.json'), json);
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  };
  await model.save(tf.io.withSaveHandler(toFolder));
}

async function main(): Promise<number> {
  const flags = {
    quick: onOff('a few steps of a tiny network'),
    out: text('runs/by-hand', 'output folder'),
  };
  const parsed = readSettings('npm run example -- mnist-dcgan-by-hand [flags]', flags);
  if (parsed === undefined) return 0;
  const { quick, out } = parsed.settings;
  const { split, steps, batchSize, baseFilters, gridEvery } = quick ? QUICK : FULL;
  await mkdir(out, { recursive: true });

  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split });
  const generator = {
    model: buildGenerator(baseFilters),
    optimizer: tf.train.adam(LEARNING_RATE, BETA1),
  };
  const discriminator = {
    model: buildDiscriminator(baseFilters),
    optimizer: tf.train.adam(LEARNING_RATE, BETA1),
  };
  const gridLatents = latents(64);

  let step = 0;
  for (let epoch = 0; step < steps; epoch += 1) {
    for await (const { samples, labels } of mnist.batches({ batchSize, seed: SEED + epoch })) {
      const losses = trainStep(generator, discriminator, samples);
      const [discriminatorLoss = NaN, generatorLoss = NaN] = await losses.data();
      tf.dispose([samples, labels, losses]);
      step += 1;
      // The weights are already ruined: nothing here restores the state before the step.
      if (!Number.isFinite(discriminatorLoss + generatorLoss)) {
        throw new Error(`Cannot continue training: a loss is not finite at step ${step}`);
      }
      if (step % gridEvery === 0 || step === steps) {
        console.log(
          `step ${step}  loss D ${discriminatorLoss.toFixed(3)} G ${generatorLoss.toFixed(3)}`,
        );
        const name = `step-${String(step).padStart(6, '0')}.png`;
        await drawGrid(join(out, name), generator.model, gridLatents);
      }
      if (step === steps) break;
    }
  }

  const finalLatents = latents(100);
  await drawGrid(join(out, 'samples.png'), generator.model, finalLatents);
  await saveModel(join(out, 'generator'), generator.model);
  console.log(`Done: look at ${join(out, 'samples.png')}`);

  tf.dispose([gridLatents, finalLatents]);
  for (const { model, optimizer } of [generator, discriminator]) {
    model.dispose();
    optimizer.dispose();
  }
  return 0;
}

await runExample(main);
