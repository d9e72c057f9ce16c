import * as tf from '@tensorflow/tfjs';
import { stockName } from '../../../tfjs-internals/layer-classes.ts';
import { type PlannedActivation, plannedActivation } from './planned-activation.ts';
import type { PlannedLayer, RunKernel } from './planned-layer.ts';

/** A product of the input and a kernel, and its gradients. */
interface Product {
  /** Whether tfjs adds the bias in the product's kernel if it cannot fuse the activation. */
  readonly fusesBias: boolean;
  readonly multiply: (run: RunKernel, x: tf.TensorInfo, kernel: tf.TensorInfo) => tf.TensorInfo;
  /** The same with the bias, and ReLU, in one kernel; tfjs sums in another order then. */
  readonly fused?: (
    run: RunKernel,
    inputs: Readonly<Record<'x' | 'kernel', tf.TensorInfo>>,
    bias: tf.TensorInfo | undefined,
    activation: 'linear' | 'relu',
  ) => tf.TensorInfo;
  readonly dx: (
    run: RunKernel,
    dy: tf.TensorInfo,
    x: tf.TensorInfo,
    kernel: tf.TensorInfo,
  ) => tf.TensorInfo;
  readonly dKernel: (
    run: RunKernel,
    dy: tf.TensorInfo,
    x: tf.TensorInfo,
    kernel: tf.TensorInfo,
  ) => tf.TensorInfo;
}

/** The members of tfjs's layers with a kernel that are used here. */
interface ProductLayer extends tf.layers.Layer {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable | null | undefined;
  readonly activation: { getClassName(): string };
}

/** The members of tfjs's convolutions that are used here. */
interface ConvolutionLayer extends ProductLayer {
  readonly strides: [number, number];
  readonly padding: string;
  readonly dataFormat: string;
  readonly dilationRate: number | readonly number[];
}

/** A dense layer of vectors. @internal */
export function plannedDense(layer: tf.layers.Layer): PlannedLayer | undefined {
  const product = (
    run: RunKernel,
    a: tf.TensorInfo,
    b: tf.TensorInfo,
    transposeA: boolean,
    transposeB: boolean,
  ): tf.TensorInfo => run(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
  return planned(layer as ProductLayer, {
    fusesBias: false,
    multiply: (run, x, kernel) => product(run, x, kernel, false, false),
    fused: (run, { x, kernel }, bias, activation) =>
      run(
        tf._FusedMatMul,
        { a: x, b: kernel, ...(bias && { bias }) },
        { transposeA: false, transposeB: false, activation },
      ),
    dx: (run, dy, _, kernel) => product(run, dy, kernel, false, true),
    dKernel: (run, dy, x) => product(run, x, dy, true, false),
  });
}

/** A two-dimensional convolution of channels-last images, without dilation. @internal */
export function plannedConvolution(layer: tf.layers.Layer): PlannedLayer | undefined {
  const attributes = attributesOf(layer as ConvolutionLayer);
  if (attributes === undefined) return undefined;
  return planned(layer as ProductLayer, {
    fusesBias: true,
    multiply: (run, x, filter) => run(tf.Conv2D, { x, filter }, attributes),
    fused: (run, { x, kernel }, bias, activation) =>
      run(
        tf.FusedConv2D,
        { x, filter: kernel, ...(bias && { bias }) },
        { ...attributes, activation },
      ),
    dx: (run, dy, { shape }, filter) =>
      run(tf.Conv2DBackpropInput, { dy, filter }, { ...attributes, inputShape: shape }),
    dKernel: (run, dy, x, { shape }) =>
      run(tf.Conv2DBackpropFilter, { x, dy }, { ...attributes, filterShape: shape }),
  });
}

/** A transposed convolution of channels-last images. @internal */
export function plannedTransposedConvolution(layer: tf.layers.Layer): PlannedLayer | undefined {
  const attributes = attributesOf(layer as ConvolutionLayer);
  if (attributes === undefined) return undefined;
  return planned(layer as ProductLayer, {
    fusesBias: false,
    multiply: (run, dy, filter) => {
      const inputShape = layer.computeOutputShape(dy.shape);
      return run(tf.Conv2DBackpropInput, { dy, filter }, { ...attributes, inputShape });
    },
    dx: (run, x, _, filter) => run(tf.Conv2D, { x, filter }, attributes),
    dKernel: (run, x, dy, { shape }) =>
      run(tf.Conv2DBackpropFilter, { x, dy }, { ...attributes, filterShape: shape }),
  });
}

function attributesOf({
  strides,
  padding,
  dataFormat,
  dilationRate,
}: ConvolutionLayer): object | undefined {
  if (dataFormat !== 'channelsLast' || [dilationRate].flat().some((rate) => rate !== 1)) {
    return undefined;
  }
  return { strides, pad: padding, dataFormat: 'NHWC', dilations: [1, 1] };
}

function planned(layer: ProductLayer, product: Product): PlannedLayer | undefined {
  const activation = plannedActivation(stockName(layer.activation) ?? '');
  if (activation === undefined) return undefined;
  const { kernel, bias } = layer;
  return {
    weights: bias ? [kernel, bias] : [kernel],
    forward: (run, x, [filter, offset], { isRecorded }) => {
      const y = combine(run, product, activation, isRecorded)(x, filter!, offset);
      return { y, saved: activation.fused === 'linear' ? [x] : [x, y] };
    },
    backward: (run, dy, [x, y], [filter], wanted) => {
      const dSum = activation.fused === 'linear' ? dy : activation.backward(run, dy, y!);
      return {
        x: wanted.x ? product.dx(run, dSum, x!, filter!) : undefined,
        weights: [
          wanted.weights[0] === true ? product.dKernel(run, dSum, x!, filter!) : undefined,
          wanted.weights[1] === true ? sumOfChannels(run, dSum) : undefined,
        ],
      };
    },
  };
}

/** The product with its bias and activation, in the kernels that tfjs would run. */
function combine(
  run: RunKernel,
  { multiply, fused, fusesBias }: Product,
  activation: PlannedActivation,
  isRecorded: boolean,
): (x: tf.TensorInfo, kernel: tf.TensorInfo, bias: tf.TensorInfo | undefined) => tf.TensorInfo {
  return (x, kernel, bias) => {
    const name = activation.fused;
    if (fused !== undefined && name !== undefined && (!isRecorded || name === 'linear')) {
      return fused(run, { x, kernel }, bias, name);
    }
    if (fused !== undefined && name === undefined && fusesBias) {
      return activation.forward(run, fused(run, { x, kernel }, bias, 'linear'));
    }
    const sum = multiply(run, x, kernel);
    return activation.forward(run, bias === undefined ? sum : run(tf.Add, { a: sum, b: bias }));
  };
}

/** The gradient of a bias: the sum over all axes except the last. */
function sumOfChannels(run: RunKernel, dy: tf.TensorInfo): tf.TensorInfo {
  const axis = dy.shape.slice(0, -1).map((_, i) => i);
  return run(tf.Sum, { x: dy }, { axis, keepDims: false });
}
