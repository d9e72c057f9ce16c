import * as tf from '@tensorflow/tfjs';
import { constant } from './constant.ts';
import { gradientOf } from './gradient-of.ts';
import { withRoundedPads } from './rounded-pads.ts';

type PoolInfo = tf.backend_util.Conv2DInfo | tf.backend_util.Conv3DInfo;
type PoolAttributes = tf.AvgPoolAttrs | tf.AvgPool3DAttrs;

/**
 * Gradients of average pooling.
 *
 * At a padded edge a window has fewer values, and tfjs divides by their number, but its gradients
 * always divide by the size of the whole window. There our gradients differ from tfjs's; elsewhere
 * they are equal.
 *
 * @internal
 */
export function averagePoolingGradients(): readonly tf.GradConfig[] {
  return [
    ...ofPooling<tf.AvgPoolAttrs>(tf.AvgPool, tf.AvgPoolGrad, (shape, attributes) =>
      tf.backend_util.computePool2DInfo(
        shape as [number, number, number, number],
        attributes.filterSize,
        attributes.strides,
        1,
        attributes.pad,
        attributes.dimRoundingMode,
      ),
    ),
    ...ofPooling<tf.AvgPool3DAttrs>(tf.AvgPool3D, tf.AvgPool3DGrad, (shape, attributes) =>
      tf.backend_util.computePool3DInfo(
        shape as [number, number, number, number, number],
        attributes.filterSize,
        attributes.strides,
        1,
        attributes.pad,
        attributes.dimRoundingMode,
      ),
    ),
  ];
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- infers a type
function ofPooling<Attributes extends PoolAttributes>(
  poolKernel: string,
  gradientKernel: string,
  infoOf: (shape: readonly number[], attributes: Attributes) => PoolInfo,
): tf.GradConfig[] {
  return [
    gradientOf(poolKernel, ['x'], (dy, { x }, told: Attributes) => ({
      x: () => {
        const attributes = x.rank === 4 ? withRoundedPads(told, x, dy, told.filterSize) : told;
        const missing = missingShare(infoOf(x.shape, attributes));
        const spread = missing === undefined ? dy : tf.mul(dy, missing);
        const input = constant(() => tf.clone(x));
        const inputs = { dy: spread, input };
        return tf.engine().runKernel<tf.Tensor>(gradientKernel, inputs, { ...attributes });
      },
    })),
    // The operation is linear: its second-order gradient sums each window and divides by the full
    // window size.
    gradientOf(gradientKernel, ['input'], (ddx, { input }, attributes: Attributes) => ({
      dy: () => {
        const means = tf.engine().runKernel<tf.Tensor>(poolKernel, { x: ddx }, { ...attributes });
        const missing = missingShare(infoOf(input.shape, attributes));
        return missing === undefined ? means : tf.div(means, missing);
      },
      input: () => tf.zeros(input.shape),
    })),
  ];
}

/**
 * Ratio of the full window size to the number of values inside the input, by position; undefined if
 * all windows are inside.
 */
function missingShare(info: PoolInfo): tf.Tensor | undefined {
  const axes = [
    ...('inDepth' in info
      ? [
          shares(
            info.inDepth,
            info.outDepth,
            info.filterDepth,
            info.strideDepth,
            info.padInfo.front,
          ),
        ]
      : []),
    shares(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top),
    shares(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left),
  ];
  if (axes.every((axis) => axis.every((share) => share === 1))) return undefined;
  const product = axes.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]);
  return tf.tensor(product, [1, ...axes.map((axis) => axis.length), 1]);
}

function shares(inSize: number, outSize: number, window: number, stride: number, before: number) {
  return Array.from({ length: outSize }, (_, i) => {
    const start = i * stride - before;
    return window / (Math.min(inSize, start + window) - Math.max(0, start));
  });
}
