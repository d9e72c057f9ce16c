import type * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import type { Picture } from './picture.ts';
import { pointPlot, pointPlotNames, type PointsOptions } from './point-plot.ts';
import { checkGivenTensor } from '../core/given-tensor.ts';

/**
 * Reads points from tensors and draws them.
 *
 * @internal
 */
export async function readPointPlot(
  action: string,
  points: tf.Tensor,
  options: PointsOptions,
): Promise<Picture> {
  checkOptions(action, options, ['real', ...pointPlotNames]);
  const { real, ...layout } = options;
  const generated = await coordinatesOf(action, 'points', points);
  const below = real === undefined ? undefined : await coordinatesOf(action, 'real', real);
  return pointPlot(action, generated, below, layout);
}

async function coordinatesOf(
  action: string,
  name: string,
  points: tf.Tensor,
): Promise<ArrayLike<number>> {
  checkGivenTensor(action, name, points);
  checkPointShape(action, name, points.shape);
  return points.data();
}

/** @internal */
export function checkPointShape(action: string, name: string, shape: readonly number[]): void {
  if (shape.length === 2 && shape[1] === 2) return;
  const cure =
    shape.length === 2 && shape[1]! > 2
      ? '. Choose two columns, such as tf.slice(points, [0, 0], [-1, 2])'
      : '';
  throw new RangeError(
    `Cannot ${action}: ${name} must have the shape [count, 2], got ${formatShape(shape)}${cure}`,
  );
}
