import type * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { imageGrid, type ImageGridOptions } from './image-grid.ts';
import type { Picture } from './picture.ts';

/**
 * Reads a batch of images from a tensor and draws them into one picture.
 *
 * @internal
 */
export async function readImageGrid(
  action: string,
  images: tf.Tensor,
  options: ImageGridOptions,
): Promise<Picture> {
  if (typeof (images as Partial<tf.Tensor> | undefined)?.data !== 'function') {
    throw new TypeError(`Cannot ${action}: images must be a tensor, got ${formatValue(images)}`);
  }
  if (images.isDisposed) {
    throw new Error(`Cannot ${action}: images must not be disposed, got a tensor that is`);
  }
  if (images.shape.length !== 4) {
    throw new RangeError(
      `Cannot ${action}: images must have the shape [batch, height, width, channels], ` +
        `got ${formatShape(images.shape)}. ` +
        (images.shape.length === 3
          ? 'Pass images.expandDims(0) for one image'
          : 'Reshape it first'),
    );
  }
  const values = (await images.data()) as ArrayLike<number>;
  return imageGrid(values, images.shape, options);
}
