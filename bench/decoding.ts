/**
 * What reading pictures on demand costs: milliseconds for each, decoded and resized on the main thread.
 *
 *     npm run bench -- decoding                                64 PNG files of 256×256, drawn for it
 *     npm run bench -- decoding --folder pictures --side 128   the files of a folder, PNG or JPEG
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Random } from 'tfjs-gan';
import { encodePng, imageFolder } from 'tfjs-gan/node';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

const options = readOptions({ folder: '', side: 64, passes: 5 });
const drawn = options.folder === '' ? await drawPictures() : undefined;
try {
  const { side, passes } = options;
  const pictures = await imageFolder(drawn ?? options.folder, {
    imageShape: [side, side, 3],
    resize: true,
    onDemand: true,
  });
  const each: number[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const begin = performance.now();
    for await (const batch of pictures.batches({ batchSize: 1, seed: pass })) {
      tf.dispose({ ...batch });
    }
    each.push((performance.now() - begin) / pictures.size);
  }
  console.log(`${pictures.size} pictures to ${side}×${side}: ${median(each).toFixed(1)} ms each`);
} finally {
  if (drawn !== undefined) await rm(drawn, { recursive: true });
}

/** Waves with noise, as photographs have it. */
async function drawPictures(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-decoding-'));
  const random = new Random(3);
  const side = 256;
  for (let picture = 0; picture < 64; picture += 1) {
    const phases = random.uniformArray(3, 0, 6);
    const noise = random.uniformArray(3 * side * side, -12, 12);
    const data = Uint8Array.from(noise, (off, i) => {
      const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      return 127 + 80 * Math.sin(x / 20 + phases[i % 3]!) * Math.cos(y / 31) + off;
    });
    const png = encodePng({ width: side, height: side, channels: 3, data });
    await writeFile(join(folder, `${picture}.png`), png);
  }
  return folder;
}
