import * as tf from '@tensorflow/tfjs';
import { dilatedFilter, undilatedFilter } from './dilated-filter.ts';
import { gradientOf } from './gradient-of.ts';
import { withRoundedPads } from './rounded-pads.ts';

/** Names of the kernels of one kind of convolution, and its number of dimensions. */
interface Convolution {
  readonly kernel: string;
  readonly backpropInput: string;
  readonly backpropFilter: string;
  readonly dimensions: number;
}

function convolutions(): readonly Convolution[] {
  return [
    {
      kernel: tf.Conv2D,
      backpropInput: tf.Conv2DBackpropInput,
      backpropFilter: tf.Conv2DBackpropFilter,
      dimensions: 2,
    },
    {
      kernel: tf.DepthwiseConv2dNative,
      backpropInput: tf.DepthwiseConv2dNativeBackpropInput,
      backpropFilter: tf.DepthwiseConv2dNativeBackpropFilter,
      dimensions: 2,
    },
    {
      kernel: tf.Conv3D,
      backpropInput: tf.Conv3DBackpropInputV2,
      backpropFilter: tf.Conv3DBackpropFilterV2,
      dimensions: 3,
    },
  ];
}

/** Attributes of all these kernels; each ignores those it does not have. */
interface ConvolutionAttributes {
  readonly strides: number | number[];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: number | number[] | null | undefined;
  readonly dataFormat?: string | undefined;
  readonly dimRoundingMode?: string | null | undefined;
  readonly inputShape?: number[] | undefined;
  readonly filterShape?: number[] | undefined;
}

/**
 * Gradients of convolutions, and of their gradients.
 *
 * C(x, w) is the convolution, I(dy, w) its gradient with respect to the input and F(x, dy) that
 * with respect to the filter. All three are linear in both arguments and gradients of each other:
 * the gradients of I are C(·, w) and F(·, dy), those of F are I(dy, ·) and C(x, ·).
 *
 * @internal
 */
export function convolutionGradients(): tf.GradConfig[] {
  return convolutions().flatMap((convolution) => [
    dilatable(convolution),
    ofBackpropInput(convolution),
    ofBackpropFilter(convolution),
  ]);
}

/**
 * The registered gradient, which does not support dilation; a dilated filter is a larger one with
 * zeros in between.
 */
function dilatable({ kernel, dimensions }: Convolution): tf.GradConfig {
  const registered = tf.getGradient(kernel);
  return {
    ...registered,
    gradFunc: (dy, saved, attributes) => {
      const [x, filter] = saved as [tf.Tensor, tf.Tensor];
      const told = attributes as unknown as ConvolutionAttributes;
      const rates = ratesOf(told.dilations, dimensions);
      const window = rates.map((rate, axis) => (filter.shape[axis]! - 1) * rate + 1);
      const padded = withRoundedPads(told, x, dy as tf.Tensor, window);
      const named = padded as unknown as tf.NamedAttrMap;
      if (rates.every((rate) => rate === 1)) return registered.gradFunc(dy, saved, named);
      const gradients = registered.gradFunc(dy, [x, dilatedFilter(filter, rates)], {
        ...named,
        dilations: rates.map(() => 1),
      });
      return {
        x: gradients['x']!,
        filter: () => undilatedFilter(gradients['filter']!(), rates),
      };
    },
  };
}

function ofBackpropInput({ kernel, backpropInput, backpropFilter }: Convolution): tf.GradConfig {
  return gradientOf(
    backpropInput,
    ['dy', 'filter'],
    (ddx, { dy, filter }, attributes: ConvolutionAttributes) => ({
      dy: () => run(kernel, { x: ddx, filter }, attributes),
      filter: () =>
        run(backpropFilter, { x: ddx, dy }, { ...attributes, filterShape: filter.shape }),
    }),
  );
}

function ofBackpropFilter({ kernel, backpropInput, backpropFilter }: Convolution): tf.GradConfig {
  return gradientOf(
    backpropFilter,
    ['x', 'dy'],
    (ddw, { x, dy }, attributes: ConvolutionAttributes) => ({
      x: () => run(backpropInput, { dy, filter: ddw }, { ...attributes, inputShape: x.shape }),
      dy: () => run(kernel, { x, filter: ddw }, attributes),
    }),
  );
}

function run(
  kernelName: string,
  inputs: tf.NamedTensorMap,
  attributes: ConvolutionAttributes,
): tf.Tensor {
  // The gradients of a three-dimensional convolution pass their attributes on to the convolution
  // itself.
  const one = kernelName.startsWith(tf.Conv3D) ? [1, 1, 1] : [1, 1];
  return tf.engine().runKernel(kernelName, inputs, {
    ...(attributes as unknown as tf.NamedAttrMap),
    dilations: attributes.dilations ?? one,
  });
}

function ratesOf(dilations: ConvolutionAttributes['dilations'], dimensions: number): number[] {
  const rates = dilations ?? 1;
  return typeof rates === 'number' ? Array.from({ length: dimensions }, () => rates) : rates;
}
