import * as tf from '@tensorflow/tfjs';
import type { FeatureTable } from './features.ts';
import { laplacianLevel } from './laplacian-pyramid.ts';

/** The side of a patch. @internal */
export const patchSide = 7;

/** What to cut out of images, and at which level of their pyramids. @internal */
export interface PatchPlan {
  /** How many times to halve the images. */
  readonly level: number;
  /** Whether the level holds all that is left of them. */
  readonly isLast: boolean;
  /** How many patches to take of each image. */
  readonly perImage: number;
  /** Row and column of the first pixel of each patch: `[images, perImage, 2]`. */
  readonly corners: Uint32Array;
}

/** Images whose pyramids are made together. */
const imagesAtOnce = 64;
/** Rounding leaves so much of the largest pixel where nothing should be left; a deviation below it is none. */
const rounding = 1e-6;

/**
 * Patches of one level of images: a row for each, every channel shifted and scaled to mean 0 and deviation 1 over all of them.
 *
 * A channel without any contrast is only shifted.
 *
 * @internal
 */
export async function normalisedPatches(
  asked: string,
  name: string,
  images: tf.Tensor4D,
  plan: PatchPlan,
): Promise<FeatureTable> {
  const [count, , , channels] = images.shape;
  const columns = patchSide * patchSide * channels;
  const rows = count * plan.perImage;
  const values = new Float32Array(rows * columns);
  let largest = 0;
  for (let first = 0; first < count; first += imagesAtOnce) {
    const some = tf.slice(images, first, Math.min(imagesAtOnce, count - first));
    const pixels = await some.data();
    const level = laplacianLevel(some, plan.level, plan.isLast);
    some.dispose();
    largest = Math.max(
      largest,
      largestOf(asked, name, pixels, first, pixels.length / some.shape[0]),
    );
    cutPatches((await level.data()) as Float32Array, level.shape, first, plan, values);
    level.dispose();
  }
  normalise(values, channels, rounding * largest);
  return { rows, columns, values };
}

function largestOf(
  asked: string,
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
        `Cannot ${asked}: ${name} must hold finite numbers, ` +
          `got ${String(pixels[i])} in image ${firstImage + Math.floor(i / pixelsOfImage)}`,
      );
    }
    if (size > largest) largest = size;
  }
  return largest;
}

/** Copies the patches of some images to where they belong among those of all. */
function cutPatches(
  images: Float32Array,
  [count, height, width, channels]: tf.Tensor4D['shape'],
  firstImage: number,
  { perImage, corners }: PatchPlan,
  target: Float32Array,
): void {
  const line = patchSide * channels;
  let to = firstImage * perImage * patchSide * line;
  for (let image = 0; image < count; image += 1) {
    for (let patch = 0; patch < perImage; patch += 1) {
      const at = 2 * ((firstImage + image) * perImage + patch);
      const [row, column] = [corners[at]!, corners[at + 1]!];
      for (let y = 0; y < patchSide; y += 1, to += line) {
        const from = ((image * height + row + y) * width + column) * channels;
        target.set(images.subarray(from, from + line), to);
      }
    }
  }
}

function normalise(values: Float32Array, channels: number, noContrast: number): void {
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
