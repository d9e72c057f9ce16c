import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../../core/format.ts';

/** Height, width and channels of feature maps; the sides may be unknown. @internal */
export type MapSizes = readonly [height: number | null, width: number | null, channels: number];

/**
 * Checks the input of a layer that works on feature maps, `[batch, height, width, channels]`.
 *
 * @returns Its sizes without the batch.
 *
 * @internal
 */
export function mapSizes(action: string, inputShape: tf.Shape | tf.Shape[]): MapSizes {
  const shape = inputShape as readonly (number | null | tf.Shape)[];
  const [, height, width, channels] = shape;
  const isSide = (side: unknown): side is number | null => side === null || isSize(side);
  if (shape.length === 4 && isSide(height) && isSide(width) && isSize(channels)) {
    return [height, width, channels];
  }
  const actual = shape.some(Array.isArray)
    ? `${shape.length} inputs`
    : formatShape(shape as readonly (number | null)[]);
  throw new RangeError(
    `Cannot ${action}: the input must be feature maps of the shape [batch, height, width, channels], got ${actual}`,
  );
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

/** The input tensor of a layer with one input. @internal */
export function onlyInput(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D {
  return [inputs].flat()[0] as tf.Tensor4D;
}

/** Some rows or columns of feature maps. @internal */
export function slicedAlong(
  x: tf.Tensor4D,
  axis: 1 | 2,
  start: number,
  count: number,
): tf.Tensor4D {
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  const size: [number, number, number, number] = [...x.shape];
  begin[axis] = start;
  size[axis] = count;
  return tf.slice(x, begin, size);
}
