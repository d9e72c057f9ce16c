import type * as tf from '@tensorflow/tfjs';
import { formatValue } from '../../core/format.ts';
import { canvasPixels } from '../../io/canvas-pixels.ts';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import { readImageGrid } from '../../io/read-image-grid.ts';

/**
 * Draws a batch of images on a canvas, which takes the size of the picture.
 *
 * - Shapes: `images` is `[batch, height, width, channels]`, with 1 or 3 channels.
 * - Memory: the tensor stays the caller's.
 *
 * @param canvas - Where to draw: a canvas of the page, or an `OffscreenCanvas` in a worker.
 * @param images - The images, in −1…1 unless `valueRange` says otherwise.
 * @param options - The layout, as `saveImageGrid` of `tfjs-gan/node` takes it.
 * @throws TypeError where the canvas is none; RangeError where the shape does not fit or a value is NaN; Error where
 *   the canvas has another kind of context already.
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
  // Of any kind, but not null: what querySelector gives where there is none.
  if (typeof (canvas as Partial<HTMLCanvasElement> | null)?.getContext !== 'function') {
    throw new TypeError(`Cannot ${action}: canvas must be a canvas, got ${formatValue(canvas)}`);
  }
  const picture = await readImageGrid(action, images, options);
  const context = canvas.getContext('2d');
  if (context === null) {
    throw new Error(
      `Cannot ${action}: canvas must have a 2d context, got one that is in use for another kind. Take a new canvas`,
    );
  }
  const { width, height } = picture;
  // Setting a size clears the canvas, even where it is the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.putImageData(new ImageData(canvasPixels(picture), width, height), 0, 0);
}
