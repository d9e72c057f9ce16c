// What you learn: training on a folder of PNG and JPEG files: sizes, gray and color, invalid files.
// Run it: npm run example -- own-images (yours: --folder pictures; gray: --channels 1; or --quick)
// In about 3 minutes, runs/own-images/ has samples.png beside real.png. Without --folder, it
// trains on drawn faces.

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adam, createDcgan, HingeLoss, SpectralNorm, useBackend } from 'tfjs-gan';
import { imageFolder, progress, runReport, sampleGrid, saveImageGrid } from 'tfjs-gan/node';
import { choice, count, text } from '../shared/flags.ts';
import { firstSamples } from '../shared/first-samples.ts';
import { lesson } from '../shared/lesson.ts';
import { drawFaces } from './draw-faces.ts';

const flags = {
  folder: text<string | undefined>(
    undefined,
    'your PNG and JPEG files; without it, faces are drawn',
  ),
  side: count(32, 'height and width of all pictures after resizing; a multiple of 4'),
  channels: choice('3', ['1', '3'], '1 for gray, 3 for color'),
  steps: count(2500, 'training steps'),
  baseFilters: count(16, 'filters of the layer next to the image'),
  drawn: count(1500, 'faces to draw'),
};
const quick = { side: 16, steps: 3, baseFilters: 4, drawn: 64 };

await lesson('own-images', flags, quick, async (settings) => {
  const { side, steps, baseFilters, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  let folder = settings.folder;
  if (folder === undefined) {
    folder = join(out, 'pictures');
    await drawFaces(folder, settings.drawn, seed);
    await showErrors(folder);
  }

  // The files have many sizes. `resize` scales each to cover the shape, and crops the rest. The
  // last number of the shape converts gray to color or color to gray; transparent pixels become
  // white.
  const imageShape = [side, side, settings.channels === '1' ? 1 : 3] as const;
  const pictures = await imageFolder(folder, { imageShape, resize: true });
  console.log(`${pictures.size} pictures of '${pictures.name}' as ${imageShape.join('×')}`);
  const real = await firstSamples(pictures, 64);
  await saveImageGrid(join(out, 'real.png'), real, { columns: 8, scale: 2 });
  real.dispose();

  // A DCGAN's networks with SNGAN's settings: on few pictures, a constrained discriminator leads to
  // more diverse samples.
  const gan = createDcgan({
    imageShape,
    baseFilters,
    normalization: { discriminator: 'none' },
    loss: new HingeLoss(),
    constraints: [new SpectralNorm()],
    optimizers: {
      generator: adam({ learningRate: 2e-4, beta1: 0 }),
      discriminator: adam({ learningRate: 4e-4, beta1: 0 }),
    },
    seed,
  });
  await gan.trainer.fit(pictures, {
    steps,
    batchSize: Math.min(32, pictures.size),
    callbacks: [
      progress(),
      // The first picture shows the untrained generator, the others the same latents during
      // training.
      sampleGrid(join(out, 'samples'), { every: { steps: 250 }, scale: 2 }),
      runReport(out),
    ],
  });
  const samples = gan.generator.sample(64, { seed: 7 });
  await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8, scale: 2 });
  await gan.generator.save(`file://${join(out, 'generator')}`);
  samples.dispose();
  gan.dispose();
  console.log(`Look at ${join(out, 'samples.png')} beside ${join(out, 'real.png')}`);
});

/**
 * Prints the errors for invalid files. No file is skipped silently, and each message names the file
 * and the cure.
 */
async function showErrors(folder: string): Promise<void> {
  const show = async (imageShape: readonly [number, number, 3]): Promise<void> => {
    try {
      await imageFolder(folder, { imageShape });
    } catch (error) {
      console.log(`\n${(error as Error).message}`);
    }
  };
  // Without `resize` a file of another size is an error.
  await show([48, 48, 3]);
  // A WebP, which no decoder here reads.
  const odd = join(folder, 'holiday.webp');
  await writeFile(odd, '');
  await show([48, 48, 3]);
  // A file that is a PNG only by its name.
  const broken = join(folder, 'a-broken-one.png');
  await rename(odd, broken);
  await show([48, 48, 3]);
  await rm(broken);
  console.log();
}
