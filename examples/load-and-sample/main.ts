// What you learn: to use a trained generator, from a folder or a web server, without training code.
// Run it: npm run example -- load-and-sample (your own model: --model runs/mnist/generator)
// In about 2 seconds, runs/load-and-sample/ has digits (samples.png) and interpolations
// between digits (between.png). --quick changes nothing.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { Generator, useBackend } from 'tfjs-gan';
// Importing tfjs-gan/node adds support for file:// to TensorFlow.js.
import { saveImageGrid } from 'tfjs-gan/node';
import { text } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

// Trained by: npm run mnist -- --base-filters 8 --latent-size 32 --epochs 5, in 3 minutes; 140 kB.
const OURS = fileURLToPath(new URL('generator', import.meta.url));

const flags = { model: text(OURS, 'folder with model.json and its weights') };

await lesson('load-and-sample', flags, {}, async ({ model, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);

  // From a folder, by its path; in a browser, use indexeddb://name instead.
  const generator = await Generator.load(`file://${model}`);
  console.log(`${generator.latentSize} latents → ${generator.outputShape.join('×')}`);

  // The same seed returns the same samples on every machine, bit-for-bit on the same backend.
  const samples = generator.sample(64, { seed });
  await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8, scale: 2 });

  // From a web server, by the URL of model.json, as in a page.
  const server = await serve(model);
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/model.json`;
  const fetched = await Generator.load(address);
  const again = fetched.sample(64, { seed });
  console.log(
    `from ${address}: ${await largestDifference(samples, again)} is the largest difference`,
  );
  server.close();

  // A row for each pair of seeds: samples of latents interpolated from one to the other.
  const ways = Array.from({ length: 8 }, (_, i) =>
    generator.interpolate(seed + 2 * i, seed + 2 * i + 1, { steps: 10 }),
  );
  const between = tf.concat(ways);
  await saveImageGrid(join(out, 'between.png'), between, { columns: 10, scale: 2 });

  // Any latents work. Those nearer to 0 are more typical, so these samples are cleaner and more
  // alike.
  const usual = tf.tidy(() => generator.generate(tf.mul(generator.latents(64, { seed }), 0.6)));
  await saveImageGrid(join(out, 'usual.png'), usual, { columns: 8, scale: 2 });

  tf.dispose([samples, again, ...ways, between, usual]);
  generator.dispose();
  fetched.dispose();
  // You dispose what you load and create; nothing else is left.
  console.log(
    `${tf.memory().numTensors} tensors left; look at ${join(out, 'samples.png')} and ${join(out, 'between.png')}`,
  );
});

/** A web server for the files of a folder, on any free port. */
async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    readFile(join(folder, basename(request.url ?? ''))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function largestDifference(some: tf.Tensor, others: tf.Tensor): Promise<number> {
  const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(some, others))));
  const [value = NaN] = await difference.data();
  difference.dispose();
  return value;
}
