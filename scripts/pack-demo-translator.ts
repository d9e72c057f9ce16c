/**
 * Puts a trained translator into examples/browser-demo, with drawings to begin with.
 *
 *     npm run example -- emoji-pix2pix --base-filters 16 --steps 1800 --out runs/translator
 *     npx tsx scripts/pack-demo-translator.ts runs/translator/translator
 *
 * Weights are rounded to 16 bits. The drawings are of emoji that the example holds out.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { io } from '@tensorflow/tfjs';
import { DRAWINGS } from '../examples/browser-demo/settings.ts';
import { drawOpenmoji } from '../examples/shared/openmoji.ts';
import { encodePng } from '../src/io/png.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Cannot pack: the folder of a translator must be given');
const target = 'examples/browser-demo/public/translator';
const side = 32;

const model = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as io.ModelJSON;
const parts = await Promise.all(
  model.weightsManifest.flatMap(({ paths }) => paths).map((path) => readFile(join(folder, path))),
);
const values = new Float32Array(Uint8Array.from(Buffer.concat(parts)).buffer);
const rounded = new Uint16Array(values.length);
let first = 0;
const weights = model.weightsManifest
  .flatMap((group) => group.weights)
  .map((weight): io.WeightsManifestEntry => {
    const size = weight.shape.reduce((product, side) => product * side, 1);
    const own = values.subarray(first, first + size);
    const min = own.reduce((a, b) => Math.min(a, b));
    // A range of 0 has one level, which any scale gives back.
    const scale = (own.reduce((a, b) => Math.max(a, b)) - min) / 65_535 || 1;
    rounded.set(
      own.map((value) => Math.round((value - min) / scale)),
      first,
    );
    first += size;
    return { ...weight, quantization: { dtype: 'uint16', scale, min } };
  });
await mkdir(target, { recursive: true });
const manifest = [{ paths: ['weights.bin'], weights }];
await writeFile(
  join(target, 'model.json'),
  JSON.stringify({ ...model, weightsManifest: manifest }),
);
await writeFile(join(target, 'weights.bin'), new Uint8Array(rounded.buffer));

const { heldOut } = await drawOpenmoji(side);
const width = DRAWINGS.length * side;
const data = new Uint8Array(side * width);
for (const [i, name] of DRAWINGS.entries()) {
  const found = heldOut.names.indexOf(name);
  if (found === -1) throw new Error(`Cannot pack: the example must hold '${name}' out`);
  for (let y = 0; y < side; y += 1) {
    const from = (found * side + y) * side;
    data.set(heldOut.lines.subarray(from, from + side), y * width + i * side);
  }
}
await writeFile(
  join(target, 'drawings.png'),
  encodePng({ width, height: side, channels: 1, data }),
);
