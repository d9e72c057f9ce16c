// The worker: everything that computes. The page asks for it by `connectTrainer`.

import { createDcgan, datasetFromIdx, type Dataset, useBackend } from 'tfjs-gan';
import { serveTrainer } from 'tfjs-gan/worker';
import { BASE_FILTERS, type DemoSettings, IMAGE_SHAPE, LATENT_SIZE } from './settings.ts';
import { shapes } from './shapes.ts';

serveTrainer(async ({ backend, data, digits }: DemoSettings) => ({
  backend: await useBackend(
    backend === 'auto' || backend === 'wasm-train' ? backend : [backend, 'wasm-train'],
  ),
  data: data === 'digits' ? await loadDigits(digits) : shapes(4096, 1),
  gan: createDcgan({
    imageShape: IMAGE_SHAPE,
    latentSize: LATENT_SIZE,
    baseFilters: BASE_FILTERS,
    seed: 7,
  }),
}));

/** MNIST's first digits, packed by the build. */
async function loadDigits(address: string): Promise<Dataset> {
  const response = await fetch(address);
  if (!response.ok || response.body === null) {
    throw new Error(`The digits cannot be loaded: the server answers ${response.status}`);
  }
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
  const images = await new Response(unpacked).arrayBuffer();
  return datasetFromIdx({ images }, { name: 'digits' });
}
