import type * as tf from '@tensorflow/tfjs';
import type { PointsOptions } from '../../io/point-plot.ts';
import { readPointPlot } from '../../io/read-point-plot.ts';
import { checkCanvas, paintPicture } from './paint-picture.ts';

/**
 * Draws 2-D samples as points in the plane, over points of the data, on a canvas, which is resized
 * to the picture: the same pixels as `savePoints` of `tfjs-gan/node`.
 *
 * - Shapes: `points` and `real` are `[count, 2]`.
 * - Memory: the tensors stay the caller's.
 *
 * @param canvas - Where to draw: a canvas of the page, or an `OffscreenCanvas` in a worker.
 * @param points - The generated samples.
 * @param options - The real samples, the part of the plane, size and colors.
 * @throws TypeError if the canvas is none or an option is unknown; RangeError if a shape does not
 * fit or a number is not finite; Error if the canvas already has another kind of context.
 *
 * @example The same points after every step
 * ```ts no-run
 * const { generator, trainer } = createMlpGan({ sampleShape: [2] });
 * const canvas = document.querySelector('canvas')!;
 * for await (const step of trainer.steps(ring8(), { steps: 100 })) {
 *   const points = generator.sample(1000, { seed: 1 });
 *   await drawPoints(canvas, points, { range: { x: [-1.5, 1.5], y: [-1.5, 1.5] } });
 *   points.dispose();
 * }
 * ```
 */
export async function drawPoints(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  points: tf.Tensor,
  options: PointsOptions = {},
): Promise<void> {
  const action = 'draw points';
  checkCanvas(action, canvas);
  paintPicture(action, canvas, await readPointPlot(action, points, options));
}
