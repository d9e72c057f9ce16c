// What you learn: image to image without pairs: drawings of some emoji and colors of others (CycleGAN).
// Run it: npm run example -- emoji-cyclegan (--quick for a few seconds)
// How long it takes is not measured yet. Then runs/emoji-cyclegan/ has rows of drawings, their translations and the true emoji, and of emoji,
// their translations and the true drawings (emoji.png; how they change in report.html), and both translators.
// Training has seen none of these emoji. What needs no training is to copy: the first row, and the fourth in gray.
// The emoji are from OpenMoji (https://openmoji.org), CC BY-SA 4.0.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { adam, datasetFromArray, linearDecay, unpaired, useBackend } from 'tfjs-gan';
import { createCycleGan, Translator } from 'tfjs-gan/image-to-image';
import { ssim } from 'tfjs-gan/metrics';
import { progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawOpenmoji, someOf } from '../shared/openmoji.ts';
import { showSheets } from '../shared/show-sheets.ts';

const flags = {
  steps: count(2000, 'updates of each network'),
  baseFilters: count(16, 'filters of the first layers'),
  side: count(32, 'height and width of the pictures'),
  emoji: count(10_000, 'most emoji to draw, evenly chosen'),
};
const quick = { steps: 2, baseFilters: 2, side: 16, emoji: 60 };

await lesson('emoji-cyclegan', flags, quick, async (settings) => {
  const { steps, baseFilters, side, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  const { training, heldOut } = await drawOpenmoji(side, settings.emoji);
  console.log(`${training.count} emoji to learn from, ${heldOut.count} others to test with`);

  // Of each emoji, training sees the drawing or the colors, never both.
  const everySecond = (bytes: Uint8Array, first: 0 | 1): Uint8Array =>
    bytes.filter((_, i) => Math.floor(i / (side * side * 3)) % 2 === first);
  // Drawings have three channels, too, as the term of identity needs both sets alike: without it, translations turn black to white.
  const inColor = Uint8Array.from([...training.lines].flatMap((gray) => [gray, gray, gray]));
  const sampleShape = [side, side, 3] as const;
  const data = unpaired({
    a: datasetFromArray(everySecond(inColor, 0), { sampleShape, name: 'drawings' }),
    b: datasetFromArray(everySecond(training.colors, 1), { sampleShape, name: 'emoji' }),
  });
  const rate = linearDecay({ from: 5e-4, begin: Math.floor(steps / 2), end: steps });
  const optimizer = adam({ learningRate: rate });
  const gan = createCycleGan({
    shapes: { a: sampleShape, b: sampleShape },
    baseFilters,
    discriminatorFilters: baseFilters,
    optimizers: { generators: optimizer, discriminators: optimizer },
    ema: { decay: 0.99 },
    seed,
  });
  const { lines: gray, colors } = someOf(heldOut, side, 16);
  const lines = tf.tile<tf.Tensor4D>(gray, [1, 1, 1, 3]);
  const columns = lines.shape[0];
  const rowsOf = ({ aToB, bToA }: typeof gan.generators): readonly tf.Tensor4D[] => {
    return [lines, aToB.translate(lines), colors, colors, bToA.translate(colors), lines];
  };
  const sheets = showSheets(out, steps, columns, () =>
    tf.tidy(() => tf.concat([...rowsOf(gan.generators)])),
  );
  const callbacks = [progress(), sheets, runReport(out)];
  await gan.trainer.fit(data, { steps, batchSize: 4, callbacks });

  // The translators that are saved are all that a program needs.
  const placeOf = (way: string): string => pathToFileURL(join(out, way)).href;
  await gan.generators.aToB.save(placeOf('drawing-to-emoji'));
  await gan.generators.bToA.save(placeOf('emoji-to-drawing'));
  gan.dispose();
  const aToB = await Translator.load(placeOf('drawing-to-emoji'));
  const bToA = await Translator.load(placeOf('emoji-to-drawing'));
  const rows = tf.tidy(() => [...rowsOf({ aToB, bToA })]);
  const grayed = tf.tidy(() => tf.tile(tf.mean<tf.Tensor4D>(colors, 3, true), [1, 1, 1, 3]));
  const [drawings, toColor, , , toLines] = rows as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]; // prettier-ignore
  const ways = [
    { name: 'emoji from drawings', made: toColor, copied: drawings, real: colors },
    { name: 'drawings from emoji', made: toLines, copied: grayed, real: drawings },
  ];
  for (const { name, made, copied, real } of ways) {
    const [ofMade, ofCopied] = [await ssim(made, real), await ssim(copied, real)];
    console.log(`SSIM ${ofMade.toFixed(3)} of ${name}; of copies ${ofCopied.toFixed(3)}`);
  }
  const sheet = tf.concat(rows);
  await saveImageGrid(join(out, 'emoji.png'), sheet, { columns, scale: 2 });
  tf.dispose([gray, lines, colors, grayed, sheet, ...rows]);
  aToB.dispose();
  bToA.dispose();
  console.log(`Look at ${join(out, 'emoji.png')}: drawings, translations, true emoji, and back`);
});
