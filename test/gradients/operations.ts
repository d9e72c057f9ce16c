import * as tf from '@tensorflow/tfjs';
import golden from '../golden/second-order.json' with { type: 'json' };

/** Of the values of a hidden layer, and of weights of its own. */
export type Operation = (hidden: tf.Tensor, own: readonly tf.Tensor[]) => tf.Tensor;

/** A tensor as `test/golden/make_second_order.py` writes it. */
interface Stored {
  readonly shape: number[];
  readonly values: number[];
}

/** Numbers of one critic, from PyTorch in float64. */
export interface Golden {
  readonly x: Stored;
  readonly weights: Stored[];
  readonly penalty: number;
  readonly gradients: number[][];
}

/** What PyTorch computed, by the name of the operation. */
export const goldens: Readonly<Record<string, Golden>> = golden.cases;

const image = (h: tf.Tensor): tf.Tensor4D => h as tf.Tensor4D;
const volume = (h: tf.Tensor): tf.Tensor5D => h as tf.Tensor5D;
const resize =
  (kind: 'resizeNearestNeighbor' | 'resizeBilinear', corners: boolean, half: boolean): Operation =>
  (h) =>
    tf.image[kind](image(h), [9, 7], corners, half);
const activation =
  (name: 'hardSigmoid' | 'gelu' | 'gelu_new' | 'mish' | 'swish' | 'softsign'): Operation =>
  (h) => {
    // The one of tf.layers, which names of the newest have no type for.
    const layer = tf.layers.activation({ activation: name });
    return layer.apply(h) as tf.Tensor;
  };
/** [3, 6] as sequences of two steps of three values. */
const twoSteps = (h: tf.Tensor): tf.Tensor => tf.reshape(h, [3, 2, 3]);
const transposedShape = (h: tf.Tensor, channels: number): number[] => [
  h.shape[0],
  ...h.shape.slice(1, -1).map((size) => size * 2),
  channels,
];
const normalized = (
  h: tf.Tensor,
  axes: number[],
  scale?: tf.Tensor,
  offset?: tf.Tensor,
): tf.Tensor => {
  const { mean, variance } = tf.moments(h, axes);
  return tf.batchNorm(
    image(h),
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D | undefined,
    scale as tf.Tensor1D | undefined,
    1e-3,
  );
};
/** Of tf.layers, with the weights of the case in place of its own. */
export const withWeights = (
  layer: tf.layers.Layer,
  h: tf.Tensor,
  own: readonly tf.Tensor[],
  training = false,
): tf.Tensor => {
  // Its first call creates its weights.
  (layer.apply(tf.zeros(h.shape)) as tf.Tensor).dispose();
  const variables = layer.trainableWeights as unknown as { val: tf.Tensor }[];
  const kept = variables.map(({ val }) => val);
  variables.forEach((variable, i) => {
    variable.val = own[i]!;
  });
  const result = layer.apply(h, { training }) as tf.Tensor;
  tf.dispose(kept);
  return result;
};

/** Every operation of the goldens, of the values of a hidden layer and of weights of its own. */
export const operations: Readonly<Record<string, Operation>> = {
  relu: (h) => tf.relu(h),
  leakyRelu: (h) => tf.leakyRelu(h, 0.2),
  prelu: (h, [a]) => tf.prelu(h, a!),
  relu6: (h) => tf.relu6(tf.mul(h, 2)),
  elu: (h) => tf.elu(h),
  selu: (h) => tf.selu(h),
  softmax: (h) => tf.softmax(h),
  logSoftmax: (h) => tf.logSoftmax(h),
  tanh: (h) => tf.tanh(h),
  sigmoid: (h) => tf.sigmoid(h),
  logSigmoid: (h) => tf.logSigmoid(h),
  exp: (h) => tf.exp(h),
  swish: activation('swish'),
  gelu: activation('gelu'),
  geluNew: activation('gelu_new'),
  mish: activation('mish'),
  softplus: (h) => tf.softplus(h),
  softsign: activation('softsign'),
  hardSigmoid: activation('hardSigmoid'),
  abs: (h) => tf.abs(h),
  pow: (h) => tf.pow(tf.add(tf.square(h), 1), 1.7),
  powOfWeight: (h, [e]) => tf.pow(tf.add(tf.square(h), 1), e!),
  where: (h) => tf.where(tf.greater(h, 0.1), tf.square(h), tf.mul(h, 3)),
  maximum: (h, [a]) => tf.maximum(h, a!),
  minimum: (h, [a]) => tf.minimum(h, a!),
  clip: (h) => tf.clipByValue(h, -0.7, 0.9),
  max: (h) => tf.max(h, -1),
  min: (h) => tf.min(h, -1),
  logSumExp: (h) => tf.logSumExp(h, -1),
  squaredDifference: (h, [a]) => tf.squaredDifference(h, a!),
  layerNorm: (h, own) => withWeights(tf.layers.layerNormalization({ epsilon: 1e-3 }), h, own),
  batchNormOfRows: (h, [scale, offset]) => {
    const { mean, variance } = tf.moments(h, 0);
    return tf.batchNorm2d(
      h as tf.Tensor2D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      1e-3,
    );
  },
  gather: (h) => tf.gather(h, tf.tensor1d([2, 0, 2, 5], 'int32'), 1),
  embedding: (h, [e]) => tf.mul(h, tf.gather(e!, tf.tensor1d([1, 0, 2], 'int32'))),
  normalizedRows: (h) => tf.div(h, tf.norm(h, 2, 1, true)),
  cosine: (h) => tf.layers.dot({ axes: 1, normalize: true }).apply(tf.split(h, 2, 1)) as tf.Tensor,
  maximumOfRows: (h, [a]) => tf.maximum(h, a!),
  maxOfAll: (h) => tf.mul(h, tf.max(h)),
  logSumExpOfBatch: (h) => tf.mul(h, tf.logSumExp(h, 0, true)),
  cumsumBackwards: (h) => tf.square(tf.cumsum(h, 1, false, true)),
  prod: (h) => tf.prod(tf.add(h, 1), 1),
  prodOfTwoAxes: (h) => {
    const x = tf.reshape(tf.add(tf.mul(h, 0.3), 1), [3, 2, 3]);
    return tf.mul(x, tf.prod(x, [-1, 0], true));
  },
  powOfOne: (h) => tf.mul(tf.pow(tf.relu(h), 1), h),
  powOfNothing: (h) => tf.mul(tf.pow(tf.relu(h), 0), h),
  floorDiv: (h) => tf.mul(h, tf.floorDiv(h, 0.7)),
  crossEntropyOfLabels: (h) =>
    tf.losses.softmaxCrossEntropy(tf.softmax(h), tf.mul(h, 2), undefined, 0, tf.Reduction.NONE),
  cumsumOfBatch: (h) => tf.square(tf.cumsum(h, 0)),
  cumsumOfSquare: (h) => tf.square(tf.cumsum(tf.slice(h, [0, 1], [3, 3]), 0, false, true)),
  cumsumExclusive: (h) => tf.square(tf.cumsum(tf.reshape(h, [2, 3, 3]), 1, true)),
  cumsumExclusiveBackwards: (h) => tf.square(tf.cumsum(tf.reshape(h, [2, 3, 3]), 1, true, true)),
  thresholdedRelu: (h) =>
    tf.mul(tf.layers.thresholdedReLU({ theta: 0.3 }).apply(h) as tf.Tensor, h),
  crossEntropy: (h) => {
    const labels = tf.oneHot(tf.tensor1d([1, 0, 2], 'int32'), 6, 1, 0, 'float32');
    return tf.losses.softmaxCrossEntropy(labels, h, undefined, 0, tf.Reduction.NONE);
  },
  attention: (h, own) => {
    const x = twoSteps(h);
    const [query, key, value] = own.map((w) => tf.matMul(x, tf.expandDims(w, 0)));
    const weights = tf.softmax(tf.div(tf.matMul(query!, key!, false, true), Math.sqrt(3)));
    return tf.add(x, tf.matMul(weights, value!));
  },
  matMulBroadcast: (h, [w]) => tf.tanh(tf.matMul(twoSteps(h), w!)),
  batchDeviation: (h) => {
    const variance = tf.mean(tf.square(tf.sub(h, tf.mean(h, 0))), 0);
    const spread = tf.mean(tf.sqrt(tf.add(variance, 1e-8)));
    return tf.concat([h, tf.mul(tf.ones([h.shape[0], 1]), spread)], 1);
  },
  lstm: (h, own) => withWeights(tf.layers.lstm({ units: 2 }), twoSteps(h), own),
  gru: (h, own) => withWeights(tf.layers.gru({ units: 2 }), twoSteps(h), own),
  stridedSlice: (h) => tf.square(tf.stridedSlice(h, [0, 5], [3, -7], [1, -2])),
  topk: (h) => tf.square(tf.topk(h, 2).values),
  einsum: (h, [w]) => tf.transpose(tf.square(tf.einsum('bi,ij->jb', h, w!))),
  gatherND: (h) => {
    const places = tf.tensor2d([0, 1, 1, 2, 2, 5], [3, 2], 'int32');
    return tf.square(tf.gatherND(h, places));
  },
  tile: (h) => tf.tile(tf.reshape(tf.tanh(h), [-1, 1, 2, 1, 3, 1]), [1, 2, 1, 2, 3, 1]),
  conv2dStrided: (h, [w]) => tf.conv2d(image(h), w as tf.Tensor4D, 2, 'same'),
  conv2dDilated: (h, [w]) => tf.conv2d(image(h), w as tf.Tensor4D, 1, 'same', 'NHWC', 2),
  conv2dDilatedValid: (h, [w]) => tf.conv2d(image(h), w as tf.Tensor4D, 1, 'valid', 'NHWC', 2),
  conv2dTranspose: (h, [w]) =>
    tf.conv2dTranspose(
      image(h),
      w as tf.Tensor4D,
      transposedShape(h, 2) as [number, number, number, number],
      2,
      'same',
    ),
  depthwiseConv2d: (h, [w]) => tf.depthwiseConv2d(image(h), w as tf.Tensor4D, 2, 'same'),
  depthwiseConv2dDilated: (h, [w]) =>
    tf.depthwiseConv2d(image(h), w as tf.Tensor4D, 1, 'same', 'NHWC', 2),
  separableConv2d: (h, [w, p]) =>
    tf.separableConv2d(image(h), w as tf.Tensor4D, p as tf.Tensor4D, 1, 'same'),
  avgPool: (h) => tf.avgPool(image(h), 2, 2, 'valid'),
  avgPoolPadded: (h) => tf.avgPool(image(h), 3, 2, 'same'),
  maxPool: (h) => tf.maxPool(image(h), 2, 2, 'valid'),
  maxPoolPadded: (h) => tf.maxPool(image(h), 3, 2, 'same'),
  globalAveragePooling: (h) => tf.layers.globalAveragePooling2d({}).apply(h) as tf.Tensor,
  globalMaxPooling: (h) => tf.layers.globalMaxPooling2d({}).apply(h) as tf.Tensor,
  resizeNearest: resize('resizeNearestNeighbor', false, false),
  resizeNearestCorners: resize('resizeNearestNeighbor', true, false),
  resizeNearestHalfPixel: resize('resizeNearestNeighbor', false, true),
  resizeBilinear: resize('resizeBilinear', false, false),
  resizeBilinearCorners: resize('resizeBilinear', true, false),
  resizeBilinearHalfPixel: resize('resizeBilinear', false, true),
  resizeBilinearSmaller: (h) => tf.image.resizeBilinear(image(h), [3, 2], false, true),
  depthToSpace: (h) => tf.depthToSpace(image(h), 2),
  batchNorm: (h, [scale, offset]) => normalized(h, [0, 1, 2], scale, offset),
  batchNormWithoutScale: (h, [offset]) => normalized(h, [0, 1, 2], undefined, offset),
  batchNormWithoutOffset: (h, [scale]) => normalized(h, [0, 1, 2], scale),
  batchNormWithoutBoth: (h) => normalized(h, [0, 1, 2]),
  batchNormFixed: (h, own) => {
    const [mean, deviation, scale, offset] = own as tf.Tensor1D[];
    return tf.batchNorm(image(h), mean!, tf.square(deviation!), offset, scale, 1e-3);
  },
  instanceNorm: (h, [scale, offset]) => {
    const { mean, variance } = tf.moments(h, [1, 2], true);
    const inverse = tf.rsqrt(tf.add(variance, 1e-3));
    return tf.add(tf.mul(tf.mul(tf.sub(h, mean), inverse), scale!), offset!);
  },
  leakyReluLayerNormConv: (h, [g, b, w]) => {
    const layer = tf.layers.layerNormalization({ epsilon: 1e-3 });
    const between = withWeights(layer, tf.leakyRelu(h, 0.2), [g!, b!]);
    return tf.conv2d(image(between), w as tf.Tensor4D, 1, 'same');
  },
  preluShared: (h, own) => withWeights(tf.layers.prelu({ sharedAxes: [1, 2] }), h, own),
  softmaxOfChannels: (h) => tf.softmax(tf.mul(h, 3)),
  logSumExpOfPlaces: (h) => tf.mul(h, tf.logSumExp(h, [1, 2], true)),
  convPaddedByHand: (h, [w]) =>
    tf.conv2d(image(h), w as tf.Tensor4D, 1, [
      [0, 0],
      [1, 0],
      [2, 1],
      [0, 0],
    ]),
  depthwiseConv2dDilatedValid: (h, [w]) =>
    tf.depthwiseConv2d(image(h), w as tf.Tensor4D, 1, 'valid', 'NHWC', 2),
  separableConv2dStrided: (h, [w, p]) =>
    tf.separableConv2d(image(h), w as tf.Tensor4D, p as tf.Tensor4D, 2, 'same'),
  avgPoolRectangular: (h) => tf.avgPool(image(h), [2, 3], [2, 1], 'valid'),
  maxPoolOverlapping: (h) => tf.maxPool(image(h), 3, 1, 'same'),
  maxPoolPaddedByHand: (h) => tf.maxPool(image(h), 3, 2, 1, 'floor'),
  flipLeftRight: (h) => tf.mul(tf.image.flipLeftRight(image(h)), h),
  conv2dRoundedUp: (h, [w]) => tf.conv2d(image(h), w as tf.Tensor4D, 2, 1, 'NHWC', 1, 'ceil'),
  avgPoolRoundedUp: (h) => tf.avgPool(image(h), 3, 2, 1, 'ceil'),
  maxPoolRoundedUp: (h) => tf.maxPool(image(h), 3, 2, 1, 'ceil'),
  upSampling2dBilinear: (h) =>
    tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }).apply(h) as tf.Tensor,
  groupNorm: (h) => {
    const groups = tf.reshape(h, [2, 6, 5, 2, 2]);
    const { mean, variance } = tf.moments(groups, [1, 2, 4], true);
    return tf.div(tf.sub(groups, mean), tf.sqrt(tf.add(variance, 1e-3)));
  },
  mirrorPadReflect: (h) => mirrorPad(h, [2, 1], 'reflect'),
  mirrorPadSymmetric: (h) => mirrorPad(h, [1, 2], 'symmetric'),
  conv3d: (h, [w]) => tf.conv3d(volume(h), w as tf.Tensor5D, 2, 'same'),
  conv3dDilated: (h, [w]) => tf.conv3d(volume(h), w as tf.Tensor5D, 1, 'same', 'NDHWC', 2),
  conv3dTranspose: (h, [w]) =>
    tf.conv3dTranspose(
      volume(h),
      w as tf.Tensor5D,
      transposedShape(h, 2) as [number, number, number, number, number],
      2,
      'same',
    ),
  conv3dStrides: (h, [w]) => tf.conv3d(volume(h), w as tf.Tensor5D, [1, 2, 1], 'valid'),
  avgPool3dPadded: (h) => tf.avgPool3d(volume(h), 3, 2, 'same'),
  maxPool3d: (h) => tf.maxPool3d(volume(h), 2, 2, 'valid'),
  maxPool3dPadded: (h) => tf.maxPool3d(volume(h), 3, 2, 'same'),
  maxPool3dOverlapping: (h) => tf.maxPool3d(volume(h), 2, 1, 'valid'),
  maxPool3dBox: (h) => tf.maxPool3d(volume(h), [2, 1, 2], [1, 2, 1], 'valid'),
};

function mirrorPad(
  h: tf.Tensor,
  around: [number, number],
  mode: 'reflect' | 'symmetric',
): tf.Tensor {
  return tf.mirrorPad(h, [[0, 0], around, around, [0, 0]], mode);
}
