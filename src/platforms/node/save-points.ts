import type * as tf from '@tensorflow/tfjs';
import { encodePng } from '../../io/png.ts';
import type { PointsOptions } from '../../io/point-plot.ts';
import { readPointPlot } from '../../io/read-point-plot.ts';
import { checkPngPath } from './check-path.ts';
import { writeFileWhole } from './write-file.ts';

/**
 * Saves 2-D samples as points in the plane, over points of the data: a PNG with axes and a legend.
 *
 * - Shapes: `points` and `real` are `[count, 2]`.
 * - Memory: the tensors stay the caller's.
 *
 * @param path - The file, as a path or a `file:` address that ends in `.png`; missing folders are
 * created, and an existing file is replaced.
 * @param points - The generated samples.
 * @param options - The real samples, the part of the plane, size and colors.
 * @throws TypeError if an option is unknown; RangeError if a shape does not fit or a number is not
 * finite; Error if the file cannot be written.
 *
 * @example Generated points over those of the ring
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2] });
 * await gan.trainer.fit(ring8({ size: 512 }), { steps: 2 });
 * const points = gan.generator.sample(1000, { seed: 1 });
 * for await (const { samples, labels } of ring8({ size: 500 }).batches({ batchSize: 500 })) {
 *   await savePoints('runs/ring/points.png', points, { real: samples });
 *   tf.dispose({ samples, labels });
 * }
 * tf.dispose(points);
 * gan.dispose();
 * ```
 */
export async function savePoints(
  path: string | URL,
  points: tf.Tensor,
  options: PointsOptions = {},
): Promise<void> {
  const action = 'save points';
  const file = checkPngPath(action, path);
  await writeFileWhole(action, file, encodePng(await readPointPlot(action, points, options)));
}
