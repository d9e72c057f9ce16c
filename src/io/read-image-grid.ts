import type * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import { imageGrid, type ImageGridOptions } from './image-grid.ts';
import type { Picture } from './picture.ts';
import { checkGivenTensor } from '../core/given-tensor.ts';

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
  checkGivenTensor(action, 'images', images);
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
