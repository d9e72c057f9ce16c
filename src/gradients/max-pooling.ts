import * as tf from '@tensorflow/tfjs';
import { constant } from './constant.ts';
import { gradientOf } from './gradient-of.ts';
import { withRoundedPads } from './rounded-pads.ts';

/**
 * Gradients of maximum pooling. The position of the maximum in a window is constant, so the second
 * order only reads where the first order wrote.
 *
 * @internal
 */
export function maxPoolingGradients(): readonly tf.GradConfig[] {
  return [
    ofPooling(tf.MaxPool, tf.MaxPoolGrad),
    gradientOf(tf.MaxPoolGrad, ['input', 'output'], (ddx, saved, attributes: tf.MaxPoolAttrs) => ({
      dy: () => readAtMaxima2d(ddx, saved.input, attributes),
      ...nothingFor(saved),
    })),
    ofPooling3d(),
    gradientOf(
      tf.MaxPool3DGrad,
      ['input', 'output'],
      (ddx, saved, attributes: tf.MaxPool3DAttrs) => ({
        dy: () => readAtMaxima3d(ddx, saved.input, saved.output, attributes),
        ...nothingFor(saved),
      }),
    ),
  ];
}

function ofPooling(poolKernel: string, gradientKernel: string): tf.GradConfig {
  return {
    kernelName: poolKernel,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attributes) => ({
      x: () => {
        const inputs = {
          dy: dy as tf.Tensor,
          input: constant(() => tf.clone(x!)),
          output: constant(() => tf.clone(y!)),
        };
        const told = attributes as unknown as tf.MaxPoolAttrs;
        const padded = x!.rank === 4 ? withRoundedPads(told, x!, y!, told.filterSize) : told;
        return tf.engine().runKernel<tf.Tensor>(gradientKernel, inputs, { ...padded });
      },
    }),
  };
}

/**
 * The gradient of `MaxPool3DGrad`, with a fallback for cpu's kernel, which uses the window's height
 * as its width.
 */
function ofPooling3d(): tf.GradConfig {
  const { gradFunc, ...config } = ofPooling(tf.MaxPool3D, tf.MaxPool3DGrad);
  return {
    ...config,
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved as [tf.Tensor5D];
      const { filterSize, strides, pad, dimRoundingMode } =
        attributes as unknown as tf.MaxPool3DAttrs;
      const rounding = [1, pad, dimRoundingMode] as const;
      const info = tf.backend_util.computePool3DInfo(x.shape, filterSize, strides, ...rounding);
      // wasm-train uses cpu's kernel.
      const isRight =
        info.filterHeight === info.filterWidth || !['cpu', 'wasm-train'].includes(tf.getBackend());
      if (isRight) return gradFunc(dy, saved, attributes);
      return { x: () => throughTwoPoolings(dy as tf.Tensor, x, info) };
    },
  };
}

/**
 * The maximum of a box is the maximum, over its depth, of the maxima of its planes; 2-D pooling
 * computes both.
 */
function throughTwoPoolings(
  dy: tf.Tensor,
  x: tf.Tensor,
  info: tf.backend_util.Conv3DInfo,
): tf.Tensor {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { front, back, top, bottom, left, right } = info.padInfo;
  const none: [number, number] = [0, 0];
  const planes = {
    filterSize: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pad: [none, [top, bottom], [left, right], none],
    dimRoundingMode: 'floor',
  };
  const depths = {
    filterSize: [info.filterDepth, 1],
    strides: [info.strideDepth, 1],
    pad: [none, [front, back], none, none],
    dimRoundingMode: 'floor',
  };
  const pool = (input: tf.Tensor, attributes: object): tf.Tensor =>
    constant(() =>
      tf.engine().runKernel<tf.Tensor>(tf.MaxPool, { x: input }, attributes as tf.NamedAttrMap),
    );
  const gradient = (dz: tf.Tensor, input: tf.Tensor, attributes: object): tf.Tensor => {
    const inputs = { dy: dz, input, output: pool(input, attributes) };
    const named = attributes as tf.NamedAttrMap;
    return tf.engine().runKernel<tf.Tensor>(tf.MaxPoolGrad, inputs, named);
  };
  const flat = constant(() => tf.reshape(x, [batchSize * inDepth, inHeight, inWidth, inChannels]));
  const stacked = constant(() =>
    tf.reshape(pool(flat, planes), [batchSize, inDepth, outHeight * outWidth, inChannels]),
  );
  const byDepth = gradient(
    tf.reshape(dy, [batchSize, info.outDepth, outHeight * outWidth, inChannels]),
    ...[stacked, depths],
  );
  const byPlane = tf.reshape(byDepth, [batchSize * inDepth, outHeight, outWidth, inChannels]);
  return tf.reshape(gradient(byPlane, flat, planes), x.shape);
}

function nothingFor({ input, output }: Readonly<Record<'input' | 'output', tf.Tensor>>): {
  input: () => tf.Tensor;
  output: () => tf.Tensor;
} {
  return { input: () => tf.zeros(input.shape), output: () => tf.zeros(output.shape) };
}

/**
 * Reads values at the positions of an input's maxima. The positions come from the backend itself,
 * because backends differ in which of two equal values they select.
 *
 * @internal
 */
export function readAtMaxima2d(
  values: tf.Tensor,
  input: tf.Tensor,
  { filterSize, strides, pad }: tf.MaxPoolAttrs,
): tf.Tensor {
  const [, places] = tf
    .engine()
    .runKernel<tf.Tensor[]>(
      tf.MaxPoolWithArgmax,
      { x: input },
      { filterSize, strides, pad, includeBatchInIndex: true },
    ) as [tf.Tensor, tf.Tensor];
  // A window of NaN has no maximum; some backends return −1 for it.
  const indices = tf.maximum(tf.cast(places, 'int32'), tf.scalar(0, 'int32'));
  return tf.gather(tf.reshape(values, [-1]), indices);
}

/**
 * Reads values at the positions of an input's maxima in three dimensions. It visits each position
 * of the window in turn; of equal values the last one counts, as in tfjs's kernels.
 *
 * @internal
 */
export function readAtMaxima3d(
  values: tf.Tensor,
  input: tf.Tensor,
  output: tf.Tensor,
  { filterSize, strides, pad, dimRoundingMode }: tf.MaxPool3DAttrs,
): tf.Tensor {
  const info = tf.backend_util.computePool3DInfo(
    input.shape as [number, number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const axes = [
    placesOf(info.inDepth, info.outDepth, info.filterDepth, info.strideDepth, info.padInfo.front),
    placesOf(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top),
    placesOf(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left),
  ] as const;
  let read = tf.zerosLike(output);
  for (const depth of axes[0]) {
    for (const height of axes[1]) {
      for (const width of axes[2]) {
        const at = (tensor: tf.Tensor): tf.Tensor =>
          [depth, height, width].reduce(
            (cut, places, axis) => tf.gather(cut, places.indices, axis + 1),
            tensor,
          );
        const inside = tf.mul(
          tf.reshape(depth.inside, [1, -1, 1, 1, 1]),
          tf.mul(
            tf.reshape(height.inside, [1, 1, -1, 1, 1]),
            tf.reshape(width.inside, [1, 1, 1, -1, 1]),
          ),
        );
        const isLargest = tf.mul(inside, tf.cast(tf.equal(at(input), output), 'float32'));
        // tf.where written out, because webgl supports it for at most four axes.
        read = tf.add(tf.mul(isLargest, at(values)), tf.mul(tf.sub(1, isLargest), read));
      }
    }
  }
  return read;
}

/**
 * For each position of the window along one axis: the covered index in each window, and whether it
 * is inside the input.
 */
function placesOf(
  inSize: number,
  outSize: number,
  window: number,
  stride: number,
  before: number,
): { indices: tf.Tensor1D; inside: tf.Tensor1D }[] {
  return Array.from({ length: window }, (_, place) => {
    const covered = Array.from({ length: outSize }, (__, i) => i * stride - before + place);
    const isInside = (index: number): boolean => index >= 0 && index < inSize;
    return {
      indices: tf.tensor1d(
        covered.map((index) => (isInside(index) ? index : 0)),
        'int32',
      ),
      inside: tf.tensor1d(covered.map((index) => (isInside(index) ? 1 : 0))),
    };
  });
}
