import type * as tf from '@tensorflow/tfjs';
import {
  checkInRange,
  checkNonNegativeInteger,
  checkPositiveInteger,
  withDefaults,
} from '../core/checks.ts';
import { imageRange, type ValueRange } from '../core/value-range.ts';
import { encodePictures } from '../io/apng.ts';
import { readImageGrid } from '../io/read-image-grid.ts';

/**
 * Settings of {@link encodeApng}.
 *
 * @example Slow, four times as large, played once
 * ```ts
 * const options: EncodeApngOptions = { framesPerSecond: 5, scale: 4, repeats: 1 };
 * const bytes = await encodeApng(images, options);
 * ```
 */
export interface EncodeApngOptions {
  /**
   * Images per second; an integer from 1 to 100.
   *
   * @defaultValue `20`
   */
  readonly framesPerSecond?: number | undefined;
  /**
   * How often it plays; 0 for endlessly.
   *
   * @defaultValue `0`
   */
  readonly repeats?: number | undefined;
  /**
   * Width and height of one image pixel in the picture, in pixels.
   *
   * @defaultValue `1`
   */
  readonly scale?: number | undefined;
  /**
   * The values of black and white. Values outside are clamped.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
}

/**
 * Writes images as an animated PNG: each image is a frame. Browsers show it like any PNG.
 *
 * Several walks side by side are one image: `tf.concat(walks, 2)`.
 *
 * - Shapes: `[frames, height, width, channels]`, with 1 or 3 channels.
 *
 * @param images - The frames; the caller keeps owning them.
 * @param options - Speed, repetitions, size, values.
 * @returns The bytes of the file.
 * @throws RangeError if the images have another shape, a value is NaN, or a setting is out of
 *   range.
 * @throws TypeError if `images` is not a tensor, or an option is unknown.
 *
 * @example A walk through the latent space that a page can show
 * ```ts
 * const frames = slerpWalk(generator, { stops: 3, steps: 8, seed: 1 });
 * const bytes = await encodeApng(frames, { framesPerSecond: 12, scale: 4 });
 * frames.dispose();
 * console.log(String.fromCharCode(...bytes.subarray(1, 4))); // PNG
 * ```
 */
export async function encodeApng(
  images: tf.Tensor,
  options: EncodeApngOptions = {},
): Promise<Uint8Array> {
  const action = 'write an animated PNG';
  const { framesPerSecond, repeats, scale, valueRange } = withDefaults(action, options, {
    framesPerSecond: 20,
    repeats: 0,
    scale: 1,
    valueRange: imageRange,
  });
  checkPositiveInteger(action, 'framesPerSecond', framesPerSecond);
  checkInRange(action, 'framesPerSecond', framesPerSecond, 1, 101);
  checkNonNegativeInteger(action, 'repeats', repeats);
  // One column: a frame is the rows of one image.
  const strip = await readImageGrid(action, images, { columns: 1, padding: 0, scale, valueRange });
  const [count] = images.shape as [number];
  const [height, size] = [strip.height / count, strip.data.length / count];
  const frames = Array.from({ length: count }, (_, i) => ({
    ...strip,
    height,
    data: strip.data.subarray(i * size, (i + 1) * size),
  }));
  return encodePictures(frames, framesPerSecond, repeats);
}
