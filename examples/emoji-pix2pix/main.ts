// What you learn: image to image from pairs: line drawings of emoji become emoji in color (pix2pix).
// Run it: npm run example -- emoji-pix2pix (--quick for a few seconds)
// In about 8 minutes, runs/emoji-pix2pix/ has rows of drawings, their translations, the true emoji and the colors of
// the nearest drawing of training (emoji.png; how they change in report.html), and the translator (translator/).
// Training has seen none of these emoji.
// The emoji are from OpenMoji (https://openmoji.org), CC BY-SA 4.0.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { adam, datasetFromArray, linearDecay, paired, useBackend } from 'tfjs-gan';
import { createPix2pix, Translator } from 'tfjs-gan/image-to-image';
import { ssim } from 'tfjs-gan/metrics';
import { progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawOpenmoji, someOf } from '../shared/openmoji.ts';
import { showSheets } from '../shared/show-sheets.ts';

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
  const { lines, colors } = someOf(heldOut, side, 16);
  const copied = tf.tile<tf.Tensor4D>(lines, [1, 1, 1, 3]);
  const nearest = nearestColors(someOf(training, side, training.count), lines);
  const sheetOf = (made: tf.Tensor4D): tf.Tensor4D => tf.concat([copied, made, colors, nearest]);
  const columns = lines.shape[0];
  const sheets = showSheets(out, steps, columns, () =>
    tf.tidy(() => sheetOf(gan.generator.translate(lines))),
  );
  await gan.trainer.fit(data, {
    steps,
    batchSize: 8,
    callbacks: [progress(), sheets, runReport(out)],
  });

  // The translator that is saved is all that a program needs.
  const place = pathToFileURL(join(out, 'translator')).href;
  await gan.generator.save(place);
  gan.dispose();
  const translator = await Translator.load(place);
  const made = translator.translate(lines);
  for (const [name, images] of Object.entries({ translations: made, drawings: copied, nearest })) {
    console.log(`SSIM ${(await ssim(images, colors)).toFixed(3)} of the ${name}`);
  }

  const sheet = sheetOf(made);
  await saveImageGrid(join(out, 'emoji.png'), sheet, { columns, scale: 2 });
  tf.dispose([lines, colors, made, copied, nearest, sheet]);
  translator.dispose();
  console.log(`Look at ${join(out, 'emoji.png')}: drawings, translations, true emoji, nearest`);
});

/** What needs no training: for each drawing the colors of the known drawing with the smallest squared distance. */
function nearestColors(
  known: Readonly<Record<'lines' | 'colors', tf.Tensor4D>>,
  lines: tf.Tensor4D,
): tf.Tensor4D {
  const nearest = tf.tidy(() => {
    const [drawn, wanted] = [known.lines, lines].map((x) =>
      tf.reshape<tf.Rank.R2>(x, [x.shape[0], -1]),
    );
    const products = tf.matMul(wanted!, drawn!, false, true);
    // Up to the length of `wanted`, which is the same for all.
    const distances = tf.sub(tf.sum(tf.square(drawn!), 1), tf.mul(products, 2));
    return tf.gather(known.colors, tf.argMin<tf.Tensor1D>(distances, 1));
  });
  tf.dispose([known.lines, known.colors]);
  return nearest;
}
