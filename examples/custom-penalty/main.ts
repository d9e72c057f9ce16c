// What you learn: a custom penalty is a scalar added to a network's loss; here, consistency.
// Run it: npm run example -- custom-penalty (--quick for a few seconds)
// In about 2½ minutes it trains without and with the penalty; runs/custom-penalty/ has the digits
// of both, and a table compares them.

import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createDcgan, type Discriminator, type Penalty, useBackend } from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { evaluate, frechetDistance } from 'tfjs-gan/metrics';
import { loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count, positive } from '../shared/flags.ts';
import { firstSamples } from '../shared/first-samples.ts';
import { lesson } from '../shared/lesson.ts';

const FARTHEST = 2;

const flags = {
  steps: count(1000, 'training steps of each of the two runs'),
  baseFilters: count(16, 'filters of the layer next to the image'),
  weight: positive(5, 'weight of the penalty'),
  judged: count(2000, 'samples for the Fréchet distance'),
};
const quick = { steps: 3, baseFilters: 2, judged: 80 };

/**
 * A digit shifted by two pixels is as real as before, so the discriminator should output the same
 * logit.
 *
 * Zhang et al., Consistency Regularization for Generative Adversarial Networks, 2020.
 */
function consistency(weight: number): Penalty {
  return {
    // Its name in history.steps[…].terms, in errors and in snapshots.
    name: 'consistency',
    // The network whose loss it is added to, times `weight`; one update follows the gradient of the
    // sum.
    target: 'discriminator',
    weight,
    // Restoring a snapshot from a run with other settings throws an error.
    settings: { farthest: FARTHEST },
    // Never Math.random here: this `random` is saved in checkpoints, so a resumed run draws the
    // same numbers.
    compute: ({ real, random, discriminate }) =>
      tf.tidy(() => {
        const [down, right] = [0, 1].map(() => random.integer(2 * FARTHEST + 1) - FARTHEST);
        const moved = move(real, down!, right!);
        return tf.mean(tf.squaredDifference(discriminate(real), discriminate(moved))).asScalar();
      }),
  };
}

/** Images shifted by some pixels; the exposed edge is black. */
function move(images: tf.Tensor, down: number, right: number): tf.Tensor {
  const room = ([-1, -1] as const).map(() => [FARTHEST, FARTHEST] as [number, number]);
  const padded = tf.pad(images, [[0, 0], ...room, [0, 0]], -1);
  return tf.slice(padded, [0, FARTHEST - down, FARTHEST - right, 0], images.shape);
}

/**
 * How much the logits change if the images shift by a pixel, in standard deviations over all
 * images.
 */
async function unsteadiness(discriminator: Discriminator, images: tf.Tensor): Promise<number> {
  const ratio = tf.tidy(() => {
    const logits = discriminator.logits(images);
    const change = tf.squaredDifference(logits, discriminator.logits(move(images, 0, 1)));
    return tf.sqrt(tf.div(tf.mean(change), tf.moments(logits).variance));
  });
  const [value = NaN] = await ratio.data();
  ratio.dispose();
  return value;
}

await lesson('custom-penalty', flags, quick, async (settings) => {
  const { steps, baseFilters, weight, judged, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  const unseen = await loadMnist({ split: 'test' });
  const images = await firstSamples(unseen, 1000);

  const results: Record<string, Record<string, number>> = {};
  for (const [name, penalties] of [
    ['without', []],
    ['with', [consistency(weight)]],
  ] as const) {
    // The same seed: both begin with the same weights and see the same batches.
    const gan = createDcgan({
      imageShape: [28, 28, 1],
      baseFilters,
      // No batch norm: it would make the logit of a sample depend on the rest of the batch.
      normalization: { discriminator: 'none' },
      penalties,
      seed,
    });
    const { generator, discriminator, trainer } = gan;
    console.log(`\n${name} the penalty`);
    const history = await trainer.fit(mnist, {
      steps,
      callbacks: [progress({ every: { steps: 100 } }), runReport(join(out, name))],
    });

    // The history has every term of a loss under its name, with its weight applied.
    console.log(
      "terms of the discriminator's last loss:",
      history.steps.at(-1)!.terms.discriminator,
    );

    const shaken = await unsteadiness(discriminator, images);
    const { figures } = await evaluate(generator, unseen, {
      features: mnistFeatures(),
      samples: judged,
      seeds: 1,
      metrics: { frechet: frechetDistance },
    });
    results[name] = {
      'logit change per pixel': Number(shaken.toFixed(3)),
      'Fréchet distance': Number(figures['frechet']!.mean.toFixed(1)),
    };
    const samples = generator.sample(64, { seed: 7 });
    await saveImageGrid(join(out, `${name}.png`), samples, { columns: 8, scale: 2 });
    samples.dispose();
    gan.dispose();
  }
  images.dispose();
  console.table(results);
  console.log(`Look at ${join(out, 'without.png')} and ${join(out, 'with.png')}`);
});
