import type * as tf from '@tensorflow/tfjs';
import { stockName } from './layer-classes.ts';
import { fusedConv2DTranspose, runOptionalKernel } from './optional-kernels.ts';

/**
 * The fields that TensorFlow.js does not declare of its layers with a kernel, and of batch norm.
 */
interface Fields extends tf.layers.Layer {
  readonly kernel?: tf.LayerVariable | null;
  readonly depthwiseKernel?: tf.LayerVariable | null;
  readonly bias?: tf.LayerVariable | null;
  readonly activation?: LayerActivation;
  readonly dataFormat?: string;
  readonly strides?: number | [number, number];
  readonly padding?: 'same' | 'valid';
  readonly axis?: number;
  readonly alpha?: number;
  readonly maxValue?: number | null;
}

/** The activation of a layer. @internal */
export interface LayerActivation {
  getClassName(): string;
  apply(x: tf.Tensor): tf.Tensor;
  /** Slope of a leaky ReLU. */
  readonly alpha?: number;
}

/** The weights and activation of a layer that multiplies by a kernel. @internal */
export interface LinearLayer {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable | undefined;
  readonly activation: LayerActivation;
  /** The shape to which factors of its output channels are reshaped, to multiply the kernel. */
  readonly channels: readonly number[];
}

/**
 * The weights of a dense layer, a convolution, a transposed or a depthwise one, channels last;
 * `undefined` for another layer.
 *
 * @internal
 */
export function linearLayer(layer: tf.layers.Layer): LinearLayer | undefined {
  const name = stockName(layer) ?? '';
  const { kernel, depthwiseKernel, bias, activation, dataFormat } = layer as Fields;
  const weight = depthwiseKernel ?? kernel;
  const isKnown = ['Dense', 'Conv1D', 'Conv2D', 'Conv2DTranspose', 'DepthwiseConv2D'].includes(
    name,
  );
  if (!isKnown || !weight || !activation || dataFormat === 'channelsFirst') return undefined;
  // A derived activation has the name of its parent.
  if (stockName(activation) === undefined) return undefined;
  const [inputs = 1, outputs = 1] = weight.shape.slice(-2) as number[];
  const channels =
    name === 'Conv2DTranspose' ? [inputs, 1] : depthwiseKernel ? [inputs, outputs] : [outputs];
  return { kernel: weight, bias: bias ?? undefined, activation, channels };
}

/** Runs such a layer with other weights and another activation. @internal */
export function runLinearLayer(
  layer: tf.layers.Layer,
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  activation: LayerActivation,
): tf.Tensor {
  const { strides, padding } = layer as Fields;
  const name = activation.getClassName();
  const isFused = ['linear', 'relu', 'leakyrelu', 'tanh', 'sigmoid'].includes(name);
  if (layer.getClassName() === 'Conv2DTranspose') {
    const fused = runOptionalKernel(
      fusedConv2DTranspose,
      { x, filter: kernel, ...(bias && { bias }) },
      {
        strides: strides!,
        pad: padding!,
        inputShape: layer.computeOutputShape(x.shape) as number[],
        activation: isFused ? name : 'linear',
        leakyreluAlpha: activation.alpha ?? 0,
      },
    );
    if (fused !== undefined) return isFused ? fused : activation.apply(fused);
  }
  const weight = { read: () => kernel };
  const lent = Object.assign(Object.create(layer) as tf.layers.Layer, {
    kernel: weight,
    depthwiseKernel: weight,
    bias: bias && { read: () => bias },
    useBias: bias !== undefined,
    activation,
  });
  return lent.call(x, {}) as tf.Tensor;
}

/** The weights of a batch norm layer. @internal */
export interface BatchNormWeights {
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
  /** None without a scale. */
  readonly gamma?: tf.LayerVariable | null;
  /** None without an offset. */
  readonly beta?: tf.LayerVariable | null;
  readonly epsilon: number;
  /** The share of the moving statistics that an update keeps. */
  readonly momentum: number;
}

/**
 * The weights of a batch norm layer over the last axis; `undefined` for another layer.
 *
 * @internal
 */
export function batchNormWeights(
  layer: tf.layers.Layer,
  rank: number,
): BatchNormWeights | undefined {
  const { axis } = layer as Fields;
  const isFit = stockName(layer) === 'BatchNormalization' && [-1, rank - 1].includes(axis!);
  return isFit ? (layer as tf.layers.Layer & BatchNormWeights) : undefined;
}

/**
 * The activation that a layer is, value by value; `undefined` for another layer.
 *
 * @internal
 */
export function activationOf(layer: tf.layers.Layer): LayerActivation | undefined {
  const name = stockName(layer) ?? '';
  const { activation, alpha, maxValue } = layer as Fields;
  if (name === 'Activation') {
    const own = activation && stockName(activation);
    return own === undefined || /softmax/i.test(own) ? undefined : activation;
  }
  const kinds: Readonly<Record<string, string>> = { ReLU: 'relu', LeakyReLU: 'leakyrelu' };
  const kind = kinds[name];
  if (kind === undefined || (maxValue ?? undefined) !== undefined) return undefined;
  return {
    getClassName: () => kind,
    apply: (x) => layer.call(x, {}) as tf.Tensor,
    ...(alpha !== undefined && { alpha }),
  };
}

/**
 * Whether a layer only changes the shape, `'reshape'`, or nothing in inference, `'idle'`;
 * `undefined` for another layer.
 *
 * @internal
 */
export function arrangementOf(layer: tf.layers.Layer): 'reshape' | 'idle' | undefined {
  const name = stockName(layer);
  if (name === 'Dropout') return 'idle';
  // A flattening of channels-first images moves values.
  const isInOrder = (layer as Fields).dataFormat !== 'channelsFirst';
  return name === 'Reshape' || (name === 'Flatten' && isInOrder) ? 'reshape' : undefined;
}
