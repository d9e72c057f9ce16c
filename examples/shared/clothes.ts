import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { type Dataset, datasetFromArray } from 'tfjs-gan';
import { loadMnist } from 'tfjs-gan/node';
import { fitClassifier } from './fit-classifier.ts';

/** Where Debian's package `dataset-fashion-mnist` puts its files. */
const debianFolder = '/usr/share/datasets/fashion-mnist';

/** Height and width of the pictures. */
export const clothesSide = 28;

/** Pictures in −1…1, `[count, 28, 28, 1]`, and their classes. */
export interface Clothes {
  readonly name: string;
  readonly images: tf.Tensor4D;
  readonly labels: Int32Array;
}

/**
 * Pictures of clothes (Fashion-MNIST, MIT license), or of digits where there are none.
 *
 * @param count - How many; the first ones of the set.
 * @param folder - With the four files of Fashion-MNIST; Debian's by default.
 */
export async function loadClothes(
  split: 'train' | 'test',
  count: number,
  folder: string = debianFolder,
): Promise<Clothes> {
  const isThere = folder !== debianFolder || existsSync(folder);
  const set = await loadMnist({
    split,
    limit: count,
    ...(isThere && { directory: folder, checksum: false }),
  });
  for await (const { samples, labels } of set.batches({ batchSize: count })) {
    const classes = Int32Array.from(await labels!.data());
    labels!.dispose();
    return {
      name: isThere ? 'clothes' : 'digits',
      images: samples as tf.Tensor4D,
      labels: classes,
    };
  }
  throw new RangeError(
    `Cannot load ${count} pictures: ${set.name} must have as many, got ${set.size}`,
  );
}

/** A data set of pictures, which are copied. */
export async function asDataset(name: string, images: tf.Tensor4D): Promise<Dataset> {
  const [, ...sampleShape] = images.shape;
  return datasetFromArray(await images.data(), { name, sampleShape });
}

/**
 * Trains a small classifier; its layer `maps` has feature maps before their activation, its layer
 * `features` 64 numbers of the whole picture.
 *
 * @param kernelSize - Differs between networks that shall not see alike.
 */
export async function trainClassifier(
  { images, labels }: Clothes,
  { steps, kernelSize, seed }: Readonly<Record<'steps' | 'kernelSize' | 'seed', number>>,
): Promise<tf.Sequential> {
  const kernelInitializer = (layer: number): ReturnType<typeof tf.initializers.heNormal> =>
    tf.initializers.heNormal({ seed: 100 * seed + layer });
  const convolution = (filters: number, layer: number, name?: string): tf.layers.Layer =>
    tf.layers.conv2d({
      filters,
      kernelSize,
      strides: 2,
      padding: 'same',
      kernelInitializer: kernelInitializer(layer),
      ...(name !== undefined && { name }),
      ...(layer === 1 && { inputShape: [clothesSide, clothesSide, 1] }),
    });
  const dense = (units: number, name: string, layer: number): tf.layers.Layer =>
    tf.layers.dense({ units, name, kernelInitializer: kernelInitializer(layer) });
  const model = tf.sequential({
    layers: [
      convolution(32, 1),
      tf.layers.reLU(),
      convolution(64, 2, 'maps'),
      tf.layers.reLU(),
      tf.layers.flatten(),
      dense(64, 'features', 3),
      tf.layers.reLU(),
      dense(10, 'logits', 4),
    ],
  });
  const data = datasetFromArray(await images.data(), {
    name: 'classified',
    sampleShape: images.shape.slice(1),
    classes: 10,
    labels,
  });
  await fitClassifier(model, data, { classes: 10, steps });
  return model;
}
