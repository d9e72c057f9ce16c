import * as tf from '@tensorflow/tfjs';
import { constant } from './constant.ts';
import { gradientOf } from './gradient-of.ts';

type ResizeAttributes = tf.ResizeBilinearAttrs | tf.ResizeNearestNeighborAttrs;
type Shape4D = [batch: number, height: number, width: number, channels: number];

/** The two source rows (or columns) of a row of the resized image, and their shares. */
type Source = readonly (readonly [index: number, share: number])[];
interface Resizing {
  readonly kernel: string;
  readonly gradientKernel: string;
  readonly sourceOf: SourceOf;
  /** Whether tfjs's gradient kernel is correct on this backend. */
  readonly isRight: (backend: string, batch: number, halfPixelCenters: boolean) => boolean;
}
type SourceOf = (
  place: number,
  size: number,
  resized: number,
  attributes: ResizeAttributes,
) => Source;

/**
 * Gradients of resizing, which is linear: resizing a gradient is the gradient of the gradient.
 *
 * tfjs's gradient kernels have errors: none supports `halfPixelCenters`, and cpu's nearest neighbor
 * mixes the samples of a batch. In these cases resizing is computed with two matrices.
 *
 * @internal
 */
export function resizingGradients(): readonly tf.GradConfig[] {
  return [
    ...ofResizing({
      kernel: tf.ResizeBilinear,
      gradientKernel: tf.ResizeBilinearGrad,
      sourceOf: bilinearSource,
      isRight: (backend, _, halfPixelCenters) => !halfPixelCenters || backend === 'wasm-train',
    }),
    ...ofResizing({
      kernel: tf.ResizeNearestNeighbor,
      gradientKernel: tf.ResizeNearestNeighborGrad,
      sourceOf: nearestSource,
      // wasm-train uses cpu's kernels.
      isRight: (backend, batch, halfPixelCenters) =>
        !halfPixelCenters && (batch === 1 || !['cpu', 'wasm-train'].includes(backend)),
    }),
  ];
}

function ofResizing({ kernel, gradientKernel, sourceOf, isRight }: Resizing): tf.GradConfig[] {
  return [
    gradientOf(kernel, ['images'], (dy, { images }, attributes: ResizeAttributes) => ({
      images: () => {
        if (!isRight(tf.getBackend(), images.shape[0], attributes.halfPixelCenters)) {
          return transposed(dy, images.shape, attributes, sourceOf);
        }
        const inputs = { dy, images: constant(() => tf.clone(images)) };
        const gradient = tf
          .engine()
          .runKernel<tf.Tensor>(gradientKernel, inputs, { ...attributes });
        // cpu's bilinear kernel swaps the names of height and width.
        return tf.reshape(gradient, images.shape);
      },
    })),
    gradientOf(
      gradientKernel,
      ['images', 'dy'],
      (ddx, { images, dy }, attributes: ResizeAttributes) => ({
        // cpu's swapped names again: the kernel's result shape is not that of the images.
        dy: () =>
          tf
            .engine()
            .runKernel<tf.Tensor>(
              kernel,
              { images: tf.reshape(ddx, images.shape) },
              { ...attributes, size: dy.shape.slice(1, 3) },
            ),
        images: () => tf.zeros(images.shape),
      }),
    ),
  ];
}

/** Rowsᵀ · dy · columns, for each image and channel. */
function transposed(
  dy: tf.Tensor,
  shape: readonly number[],
  attributes: ResizeAttributes,
  sourceOf: SourceOf,
): tf.Tensor {
  const [batch, height, width, channels] = shape as Shape4D;
  const [, resizedHeight, resizedWidth] = dy.shape as Shape4D;
  const matrix = (size: number, resized: number): tf.Tensor2D => {
    const values = tf.buffer([size, resized]);
    for (let place = 0; place < resized; place += 1) {
      for (const [index, share] of sourceOf(place, size, resized, attributes)) {
        values.set(values.get(index, place) + share, index, place);
      }
    }
    return values.toTensor() as tf.Tensor2D;
  };
  // Each product has one matrix in front, so the axis it multiplies comes first.
  const tall = tf.transpose(dy, [1, 0, 2, 3]);
  const rows = tf.matMul(
    matrix(height, resizedHeight),
    tf.reshape(tall, [resizedHeight, batch * resizedWidth * channels]),
  );
  const wide = tf.transpose(
    tf.reshape(rows, [height, batch, resizedWidth, channels]),
    [2, 1, 0, 3],
  );
  const columns = tf.matMul(
    matrix(width, resizedWidth),
    tf.reshape(wide, [resizedWidth, batch * height * channels]),
  );
  return tf.transpose(tf.reshape(columns, [width, batch, height, channels]), [1, 2, 0, 3]);
}

function bilinearSource(
  place: number,
  size: number,
  resized: number,
  { alignCorners, halfPixelCenters }: ResizeAttributes,
): Source {
  const from = ratioOf(size, resized, alignCorners);
  const at = halfPixelCenters ? from * (place + 0.5) - 0.5 : from * place;
  const low = Math.max(0, Math.floor(at));
  return [
    [low, 1 - (at - low)],
    [Math.max(0, Math.min(size - 1, Math.ceil(at))), at - low],
  ];
}

function nearestSource(
  place: number,
  size: number,
  resized: number,
  { alignCorners, halfPixelCenters }: ResizeAttributes,
): Source {
  const at = ratioOf(size, resized, alignCorners) * (halfPixelCenters ? place + 0.5 : place);
  return [[Math.min(size - 1, alignCorners ? Math.round(at) : Math.floor(at)), 1]];
}

function ratioOf(size: number, resized: number, alignCorners: boolean): number {
  return alignCorners && resized > 1 ? (size - 1) / (resized - 1) : size / resized;
}
