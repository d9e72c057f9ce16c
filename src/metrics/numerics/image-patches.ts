import * as tf from '@tensorflow/tfjs';
import type { FeatureTable } from '../features.ts';
import { laplacianLevel } from './laplacian-pyramid.ts';

/** The side of a patch. @internal */
export const patchSide = 7;

/** A level of image pyramids. @internal */
export interface PyramidLevel {
  /** How many times to halve the images. */
  readonly level: number;
  /** Whether this is the last level. */
  readonly isLast: boolean;
}

/** Number of images whose pyramids are computed together. */
const imagesAtOnce = 64;
/** Share of the largest pixel below which a standard deviation counts as rounding error. */
const rounding = 1e-6;

/**
 * Patches of one level of images: a row for each, with every channel normalized to mean 0 and
 * standard deviation 1 over all of them.
 *
 * A constant channel is only shifted.
 *
 * @param corners - Row and column of the first pixel of each patch, the same number for each image:
 * `[images, patches, 2]`.
 *
 * @internal
 */
export async function normalizedPatches(
  action: string,
  name: string,
  images: tf.Tensor4D,
  { level, isLast }: PyramidLevel,
  corners: Uint32Array,
): Promise<FeatureTable> {
  const [count, , , channels] = images.shape;
  const columns = patchSide * patchSide * channels;
  const rows = corners.length / 2;
  const perImage = rows / count;
  const values = new Float32Array(rows * columns);
  let largest = 0;
  for (let first = 0; first < count; first += imagesAtOnce) {
    const size = Math.min(imagesAtOnce, count - first);
    const some = tf.slice(images, first, size);
    const maps = laplacianLevel(some, level, isLast);
    const [pixels, held] = await Promise.all([some.data(), maps.data()]);
    tf.dispose([some, maps]);
    largest = Math.max(largest, largestOf(action, name, pixels, first, pixels.length / size));
    const [from, to] = [first * perImage, (first + size) * perImage];
    cutPatches(
      held as Float32Array,
      maps.shape,
      corners.subarray(2 * from, 2 * to),
      values.subarray(columns * from, columns * to),
    );
  }
  normalize(values, channels, rounding * largest);
  return { rows, columns, values };
}

function largestOf(
  action: string,
  name: string,
  pixels: ArrayLike<number>,
  firstImage: number,
  pixelsOfImage: number,
): number {
  let largest = 0;
  for (let i = 0; i < pixels.length; i += 1) {
    const size = Math.abs(pixels[i]!);
    if (!(size < Infinity)) {
      throw new RangeError(
        `Cannot ${action}: ${name} must have finite numbers, ` +
          `got ${String(pixels[i])} in image ${firstImage + Math.floor(i / pixelsOfImage)}`,
      );
    }
    if (size > largest) largest = size;
  }
  return largest;
}

/** Writes the patches of some images one after another. */
function cutPatches(
  images: Float32Array,
  [count, height, width, channels]: tf.Tensor4D['shape'],
  corners: Uint32Array,
  target: Float32Array,
): void {
  const line = patchSide * channels;
  const patches = corners.length / 2;
  for (let patch = 0, to = 0; patch < patches; patch += 1) {
    const image = Math.floor((patch * count) / patches);
    const [row, column] = [corners[2 * patch]!, corners[2 * patch + 1]!];
    for (let y = 0; y < patchSide; y += 1, to += line) {
      const from = ((image * height + row + y) * width + column) * channels;
      target.set(images.subarray(from, from + line), to);
    }
  }
}

function normalize(values: Float32Array, channels: number, noContrast: number): void {
  const count = values.length / channels;
  for (let channel = 0; channel < channels; channel += 1) {
    let sum = 0;
    for (let i = channel; i < values.length; i += channels) sum += values[i]!;
    const mean = sum / count;
    let squares = 0;
    for (let i = channel; i < values.length; i += channels) squares += (values[i]! - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    const scale = deviation > noContrast ? 1 / deviation : 1;
    for (let i = channel; i < values.length; i += channels) values[i] = (values[i]! - mean) * scale;
  }
}
