import type * as tf from '@tensorflow/tfjs';

/** The attributes of image convolutions and poolings that are used here. */
interface WindowAttributes {
  readonly strides: number | readonly number[];
  readonly pad: unknown;
  readonly dimRoundingMode?: string | null | undefined;
  readonly dataFormat?: string | undefined;
}

/**
 * The same windows over an image with explicit padding. A `dimRoundingMode` of ceil or round may
 * let the last windows exceed the given padding; tfjs's gradients ignore that mode and compute a
 * smaller image.
 *
 * @param attributes - Of the operation.
 * @param x - Its input.
 * @param dy - A tensor with the output's shape.
 * @param window - Height and width, or both.
 * @internal
 */
export function withRoundedPads<Attributes extends WindowAttributes>(
  attributes: Attributes,
  x: tf.Tensor,
  dy: tf.Tensor,
  window: number | readonly number[],
): Attributes {
  const { strides, pad, dimRoundingMode, dataFormat } = attributes;
  if (typeof pad !== 'number' || !['ceil', 'round'].includes(dimRoundingMode ?? '')) {
    return attributes;
  }
  const firstAxis = dataFormat === 'NCHW' ? 2 : 1;
  const pads: [number, number][] = x.shape.map(() => [0, 0]);
  for (const [i, axis] of [firstAxis, firstAxis + 1].entries()) {
    const along = (sizes: number | readonly number[]): number =>
      typeof sizes === 'number' ? sizes : sizes[i]!;
    const reach = (dy.shape[axis]! - 1) * along(strides) + along(window);
    pads[axis] = [pad, Math.max(pad, reach - x.shape[axis]! - pad)];
  }
  return { ...attributes, pad: pads, dimRoundingMode: 'floor' };
}
