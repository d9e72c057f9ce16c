// What you learn: image to image from pairs: line drawings of emoji become emoji in color (pix2pix).
// Run it: npm run example -- emoji-pix2pix (--quick for a few seconds)
// In about 8 minutes, runs/emoji-pix2pix/ has rows of drawings, their translations and the true
// emoji, none of which training has seen (emoji.png), and the translator (translator/).
// The emoji are from OpenMoji (https://openmoji.org), CC BY-SA 4.0.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { adam, datasetFromArray, linearDecay, paired, useBackend } from 'tfjs-gan';
import { createPix2pix, Translator } from 'tfjs-gan/image-to-image';
import { ssim } from 'tfjs-gan/metrics';
import { progress, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawOpenmoji, type EmojiPairs } from '../shared/openmoji.ts';

const flags = {
  steps: count(3000, 'updates of each network'),
  baseFilters: count(32, 'filters of the first layers'),
  side: count(32, 'height and width of the pictures'),
  emoji: count(10_000, 'most emoji to draw, evenly chosen'),
};
const quick = { steps: 2, baseFilters: 2, side: 16, emoji: 60 };

await lesson('emoji-pix2pix', flags, quick, async (settings) => {
  const { steps, baseFilters, side, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  const { training, heldOut } = await drawOpenmoji(side, settings.emoji);
  console.log(`${training.count} emoji to learn from, ${heldOut.count} others to test with`);

  const drawing = [side, side, 1] as const;
  const color = [side, side, 3] as const;
  const data = paired({
    source: datasetFromArray(training.lines, { sampleShape: drawing, name: 'drawings' }),
    samples: datasetFromArray(training.colors, { sampleShape: color, name: 'emoji' }),
  });
  const rate = linearDecay({ from: 5e-4, begin: Math.floor(steps / 2), end: steps });
  const optimizer = adam({ learningRate: rate });
  const gan = createPix2pix({
    sourceShape: drawing,
    targetShape: color,
    baseFilters,
    optimizers: { generator: optimizer, discriminator: optimizer },
    ema: { decay: 0.99 },
    seed,
  });
  await gan.trainer.fit(data, { steps, batchSize: 8, callbacks: [progress()] });

  // The translator that is saved is all that a program needs.
  const place = pathToFileURL(join(out, 'translator')).href;
  await gan.generator.save(place);
  gan.dispose();
  const translator = await Translator.load(place);
  const [lines, colors] = firstOf(heldOut, Math.min(16, heldOut.count), side);
  const made = translator.translate(lines);
  const copied = tf.tile(lines, [1, 1, 1, 3]);
  const [ofMade, ofCopied] = [await ssim(made, colors), await ssim(copied, colors)];
  console.log(`SSIM ${ofMade.toFixed(3)}; of the drawings themselves ${ofCopied.toFixed(3)}`);

  const rows = tf.concat([copied, made, colors]);
  await saveImageGrid(join(out, 'emoji.png'), rows, { columns: lines.shape[0], scale: 2 });
  for (const tensor of [lines, colors, made, copied, rows]) tensor.dispose();
  translator.dispose();
  console.log(`Look at ${join(out, 'emoji.png')}: drawings, translations, true emoji`);
});

/** Some pairs, evenly chosen, as tensors in −1…1. */
function firstOf(pairs: EmojiPairs, some: number, side: number): [tf.Tensor4D, tf.Tensor4D] {
  const chosen = Array.from({ length: some }, (_, i) => Math.floor((i * pairs.count) / some));
  return tf.tidy(() => {
    const tensorOf = (bytes: Uint8Array, channels: number): tf.Tensor4D => {
      const pixels = Float32Array.from(bytes, (value) => value / 127.5 - 1);
      return tf.gather(tf.tensor4d(pixels, [pairs.count, side, side, channels]), chosen);
    };
    return [tensorOf(pairs.lines, 1), tensorOf(pairs.colors, 3)];
  });
}
