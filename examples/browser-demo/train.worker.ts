// The worker, which does all computations. The page connects to it by `connectTrainer`.

import { createDcgan, datasetFromIdx, type Dataset, useBackend } from 'tfjs-gan';
import { serveTrainer } from 'tfjs-gan/worker';
import { BASE_FILTERS, CLASSES, type DemoSettings, IMAGE_SHAPE, LATENT_SIZE } from './settings.ts';
import { shapes } from './shapes.ts';

serveTrainer(async ({ backend, data, digits, digitLabels }: DemoSettings) => ({
  backend: await useBackend(
    backend === 'auto' || backend === 'wasm-train' ? backend : [backend, 'wasm-train'],
  ),
  data: data === 'digits' ? await loadDigits(digits, digitLabels) : shapes(4096, 1),
  gan: createDcgan({
    imageShape: IMAGE_SHAPE,
    classes: CLASSES[data].length,
    // At this size the classes are learned within a minute; with a projection they were not after
    // 1,200 steps.
    conditioning: 'concat',
    latentSize: LATENT_SIZE,
    baseFilters: BASE_FILTERS,
    seed: 7,
  }),
}));

/** MNIST's first digits and their classes, packed by the build. */
async function loadDigits(images: string, labels: string): Promise<Dataset> {
  return datasetFromIdx(
    { images: await unpacked(images), labels: await unpacked(labels) },
    { name: 'digits' },
  );
}

async function unpacked(address: string): Promise<ArrayBuffer> {
  const response = await fetch(address);
  if (!response.ok || response.body === null) {
    throw new Error(`Cannot load the digits: the server returned ${response.status}`);
  }
  const bytes = response.body.pipeThrough(new DecompressionStream('gzip'));
  return new Response(bytes).arrayBuffer();
}
