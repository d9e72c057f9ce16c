import type * as tf from '@tensorflow/tfjs';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import { readImageGrid } from '../../io/read-image-grid.ts';
import { checkCanvas, paintPicture } from './paint-picture.ts';

/**
 * Draws a batch of images on a canvas, and resizes the canvas to fit.
 *
 * - Shapes: `images` is `[batch, height, width, channels]`, with 1 or 3 channels.
 * - Memory: the caller keeps owning the tensor.
 *
 * @param canvas - A canvas of the page, or an `OffscreenCanvas` in a worker.
 * @param images - The images, in −1…1 unless `valueRange` says otherwise.
 * @param options - The layout, as in `saveImageGrid` of `tfjs-gan/node`.
 * @throws TypeError if the canvas is invalid; RangeError if the shape does not fit or a value is
 * NaN; Error if the canvas has another kind of context already.
 *
 * @example A hundred samples
 * ```ts no-run
 * const samples = generator.sample(100, { seed: 7 });
 * await drawImageGrid(document.querySelector('canvas')!, samples, { columns: 10, scale: 2 });
 * samples.dispose();
 * ```
 */
export async function drawImageGrid(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  images: tf.Tensor,
  options: ImageGridOptions = {},
): Promise<void> {
  const action = 'draw an image grid';
  checkCanvas(action, canvas);
  paintPicture(action, canvas, await readImageGrid(action, images, options));
}
