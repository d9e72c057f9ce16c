import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';

/** Sizes of a batch of images. @internal */
export type ImageBatch = readonly [batch: number, height: number, width: number, channels: number];

/**
 * Refuses samples that are no images.
 *
 * @param name - Name of the transform.
 * @param channels - The numbers of channels it can work on; any if left out.
 *
 * @internal
 */
export function checkImages(
  name: string,
  shape: readonly number[],
  channels?: readonly number[],
): readonly number[] {
  const fits = shape.length === 3 && (channels?.includes(shape[2]!) ?? true);
  if (fits) return shape;
  const wanted =
    channels === undefined
      ? ''
      : ` with ${channels.join(' or ')} channel${channels.length > 1 ? 's' : ''}`;
  throw new RangeError(
    `Cannot create a Trainer: samples before the transform '${name}' must be images [height, width, channels]${wanted}, ` +
      `got the shape ${formatShape(shape)}. Leave it out for other data`,
  );
}

/** One number for each image, as a factor or a summand of images. @internal */
export function perImage(values: ArrayLike<number>): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(values), [values.length, 1, 1, 1]);
}

/**
 * The pixels at places of a batch: images whose pixel (y, x) was elsewhere.
 *
 * @param places - Row of each pixel in `[batch · height · width, channels]`.
 *
 * @internal
 */
export function pixelsAt(images: tf.Tensor, places: tf.Tensor1D): tf.Tensor {
  const rows = tf.reshape(images, [-1, images.shape[3] ?? 1]);
  return tf.gather(rows, places);
}
