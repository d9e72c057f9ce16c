// What you learn: SNGAN: spectral norm on a custom critic, σ, and the gradient norm without it.
// Run it: npm run example -- spectral-norm (--quick for a few seconds)
// In about 4 minutes, runs/spectral-norm/ has the gradient norm without and with spectral
// norm (slope.svg), σ by layer (sigma.svg), and the digits of both.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  type Callback,
  dcganGenerator,
  Discriminator,
  HingeLoss,
  SpectralNorm,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import {
  type Curve,
  drawCurves,
  loadMnist,
  progress,
  runReport,
  saveImageGrid,
} from 'tfjs-gan/node';
import { firstSamples } from '../shared/first-samples.ts';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const LOOK_EVERY = 20;

const flags = {
  steps: count(1000, 'training steps of each of the two runs'),
  filters: count(16, 'filters of the layer next to the image, in both networks'),
};
const quick = { steps: 21, filters: 2 };

/**
 * Plain tf.layers: the constraint needs no special layers.
 * [28, 28, 1] → [14, 14, 2f] → [7, 7, 4f] → [1]
 */
function makeCritic(f: number, seed: number): tf.LayersModel {
  const model = tf.sequential();
  [f, 2 * f, 4 * f].forEach((filters, place) => {
    const convolution =
      place === 0 ? { kernelSize: 3, inputShape: [28, 28, 1] } : { kernelSize: 4, strides: 2 };
    const kernelInitializer = tf.initializers.heNormal({ seed: seed + place });
    model.add(tf.layers.conv2d({ ...convolution, filters, padding: 'same', kernelInitializer }));
    model.add(tf.layers.leakyReLU({ alpha: 0.1 }));
  });
  model.add(tf.layers.flatten());
  const kernelInitializer = tf.initializers.glorotNormal({ seed: seed + 3 });
  model.add(tf.layers.dense({ units: 1, kernelInitializer }));
  return model;
}

/** The norm of the critic's gradient with respect to the image, averaged over images. */
async function meanGradientNorm(critic: Discriminator, images: tf.Tensor): Promise<number> {
  const norm = tf.tidy(() => {
    const gradient = tf.grad((x) => tf.sum(critic.logits(x)))(images);
    return tf.mean(tf.norm(gradient.reshape([images.shape[0], -1]), 2, 1));
  });
  const [value = NaN] = await norm.data();
  norm.dispose();
  return value;
}

await lesson('spectral-norm', flags, quick, async ({ steps, filters, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  const images = await firstSamples(mnist, 100);
  const norms: Curve[] = [];

  for (const [name, constraints] of [
    ['without', []],
    ['with', [new SpectralNorm()]],
  ] as const) {
    console.log(`\n${name} spectral norm`);
    const generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: filters, seed });
    const discriminator = new Discriminator({ model: makeCritic(filters, seed), ownsModel: true });
    const optimizer = adam({ learningRate: 2e-4, beta1: 0.5, beta2: 0.999 });
    const trainer = new Trainer({
      generator,
      discriminator,
      // The hinge loss requires only a margin of 1: a critic with a bounded gradient norm must earn
      // it from the image.
      loss: new HingeLoss(),
      constraints,
      optimizers: { generator: optimizer, discriminator: optimizer },
      seed,
    });

    const values: number[] = [];
    const look: Callback = {
      onStepEnd: async ({ number }) => {
        if (number % LOOK_EVERY === 1) values.push(await meanGradientNorm(discriminator, images));
      },
    };
    const history = await trainer.fit(mnist, {
      steps,
      callbacks: [progress({ every: { steps: 100 } }), look, runReport(join(out, name))],
    });
    norms.push({ name, values, steps: values.map((_, i) => 1 + i * LOOK_EVERY) });
    console.log(
      `gradient norm ${values[0]!.toFixed(3)} at first, ${values.at(-1).toFixed(3)} at last`,
    );

    // σ is the largest singular value of a layer's kernel. The learned kernel may have any σ; the
    // layer computes with kernel / σ, whose largest singular value is 1. Between steps the model
    // holds kernel / σ as well.
    const last = history.steps.at(-1)!.constraintMetrics.discriminator;
    if (constraints.length > 0) {
      const curves = Object.keys(last).map((key) => ({
        name: key,
        values: history.steps.map(
          ({ constraintMetrics }) => constraintMetrics.discriminator[key] ?? NaN,
        ),
      }));
      await writeFile(
        join(out, 'sigma.svg'),
        drawCurves(curves, { title: 'σ of each kernel during training' }),
      );
      for (const [key, sigma] of Object.entries(last)) console.log(`${key} ${sigma.toFixed(3)}`);
    }
    const samples = generator.sample(64, { seed: 7 });
    await saveImageGrid(join(out, `${name}.png`), samples, { columns: 8, scale: 2 });
    samples.dispose();
    generator.dispose();
    discriminator.dispose();
  }
  images.dispose();
  const title = "The critic's gradient norm at real images";
  await writeFile(join(out, 'slope.svg'), drawCurves(norms, { title }));
  console.log(
    `\nLook at ${join(out, 'slope.svg')}, ${join(out, 'without.png')} and ${join(out, 'with.png')}`,
  );
});
