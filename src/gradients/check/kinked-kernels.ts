import * as tf from '@tensorflow/tfjs';
import type { KernelResult } from '../../tfjs-internals/kernel-calls.ts';
import { readAtMaxima2d, readAtMaxima3d } from '../max-pooling.ts';
import { withRoundedPads } from '../rounded-pads.ts';

/**
 * A kernel with kinks: what to record of a call, and the same kernel on the recorded branch.
 *
 * @internal
 */
export interface Kinked {
  remember(inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap, output: KernelResult): tf.Tensor;
  /** `call` is the kernel itself. */
  replay(
    inputs: tf.NamedTensorMap,
    attributes: tf.NamedAttrMap,
    remembered: tf.Tensor,
    call: (inputs: tf.NamedTensorMap) => tf.Tensor,
  ): KernelResult;
}

/** The output is piecewise constant: it stays the same whatever the input. */
const stepped: Kinked = {
  remember: (_inputs, _attributes, output) => tf.clone(output as tf.Tensor),
  replay: (_inputs, _attributes, remembered) => tf.clone(remembered),
};

/**
 * Linear on both sides of zero, with the derivative at 1 or at −1. At zero, gradients use that at
 * −1.
 */
const bentAtZero: Kinked = {
  remember: ({ x }) => tf.step(x!, -1),
  replay: ({ x, ...others }, _attributes, sign, call) =>
    tf.mul(x!, tf.mul(sign, call({ x: sign, ...others }))),
};

/** x above zero and eˣ − 1 below, each times a factor. */
const exponential: Kinked = {
  remember: ({ x }) => tf.greater(x!, 0),
  replay: ({ x }, _attributes, isAbove, call) => {
    const [above, below] = [1, -1].map((at) => call({ x: tf.scalar(at) })) as [
      tf.Tensor,
      tf.Tensor,
    ];
    // Exponentials of values far on the other side would overflow.
    const bend = tf.div(tf.expm1(tf.minimum(x!, 1)), Math.expm1(-1));
    return tf.where(isAbove, tf.mul(x!, above), tf.mul(bend, below));
  },
};

/** x within bounds, which `isWithin` may exclude, and constant outside. */
function bounded(isWithin: (x: tf.Tensor) => tf.Tensor): Kinked {
  return {
    remember: ({ x }, _attributes, output) => {
      const isFree = tf.mul(tf.cast(tf.equal(x!, output as tf.Tensor), 'float32'), isWithin(x!));
      return tf.stack([isFree, tf.sub(output as tf.Tensor, tf.mul(x!, isFree))]);
    },
    replay: ({ x }, _attributes, remembered) => {
      const [isFree, constant] = tf.unstack(remembered) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(x!, isFree), constant);
    },
  };
}

/** One of two values; the first if they are equal. */
const oneOfTwo: Kinked = {
  remember: ({ a }, _attributes, output) => tf.equal(a!, output as tf.Tensor),
  replay: ({ a, b }, _attributes, isFirst) => tf.where(isFirst, a!, b!),
};

/** The maximum or minimum along axes. */
const extreme: Kinked = {
  remember: ({ x }, attributes, output) => {
    const axes = axesOf(x!, attributes);
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return tf.cast(tf.equal(x!, tf.reshape(output as tf.Tensor, kept)), 'float32');
  },
  replay: ({ x }, attributes, isExtreme) =>
    tf.sum(tf.mul(x!, isExtreme), axesOf(x!, attributes), attributes['keepDims'] as boolean),
};

/** x − q·y, with q the recorded quotient. */
const remainder: Kinked = {
  remember: ({ a, b }, _attributes, output) =>
    tf.round(tf.div(tf.sub(a!, output as tf.Tensor), b!)),
  replay: ({ a, b }, _attributes, quotient) => tf.sub(a!, tf.mul(quotient, b!)),
};

const maxPool: Kinked = {
  remember: ({ x }) => tf.clone(x!),
  replay: ({ x }, attributes, input, call) => {
    const output = call({ x: input });
    const told = attributes as unknown as tf.MaxPoolAttrs;
    const padded = withRoundedPads(told, x!, output, told.filterSize);
    // Its gradient is much faster than that of a gather.
    return tf.customGrad((values) => ({
      value: readAtMaxima2d(values as tf.Tensor, input, padded),
      gradFunc: (dy) =>
        tf.engine().runKernel<tf.Tensor>(tf.MaxPoolGrad, { dy, input, output }, { ...padded }),
    }))(x!);
  },
};

const maxPool3d: Kinked = {
  remember: ({ x }) => tf.clone(x!),
  replay: ({ x }, attributes, input, call) =>
    readAtMaxima3d(x!, input, call({ x: input }), attributes as unknown as tf.MaxPool3DAttrs),
};

const topK: Kinked = {
  remember: (_inputs, _attributes, output) => tf.clone((output as tf.Tensor[])[1]!),
  replay: ({ x }, _attributes, places) => {
    const chosen = tf.oneHot(places, x!.shape.at(-1)!, 1, 0, 'float32');
    return [tf.sum(tf.mul(tf.expandDims(x!, -2), chosen), -1), tf.clone(places)];
  },
};

/**
 * Finds the kinks of a call by its kernel; outputs of integers or booleans are piecewise constant.
 *
 * @internal
 */
export function kinkFinder(): (kernelName: string, output: KernelResult) => Kinked | undefined {
  const kernels = new Map<string, Kinked>([
    [tf.Elu, exponential],
    [tf.Selu, exponential],
    // Its derivative at zero is zero.
    [tf.Relu6, bounded((x) => tf.step(x))],
    [tf.ClipByValue, bounded((x) => tf.onesLike(x))],
    [tf.Maximum, oneOfTwo],
    [tf.Minimum, oneOfTwo],
    [tf.Max, extreme],
    [tf.Min, extreme],
    [tf.Mod, remainder],
    [tf.MaxPool, maxPool],
    [tf.MaxPool3D, maxPool3d],
    [tf.TopK, topK],
  ]);
  for (const name of [tf.Relu, tf.Abs, tf.LeakyRelu, tf.Prelu]) kernels.set(name, bentAtZero);
  for (const name of [tf.Step, tf.Sign, tf.Floor, tf.Ceil, tf.Round, tf.FloorDiv]) {
    kernels.set(name, stepped);
  }
  return (kernelName, output) => {
    const isDiscrete = !Array.isArray(output) && ['int32', 'bool'].includes(output.dtype);
    return isDiscrete ? stepped : kernels.get(kernelName);
  };
}

function axesOf(x: tf.Tensor, { reductionIndices, axis }: tf.NamedAttrMap): number[] {
  return tf.util.parseAxisParam((reductionIndices ?? axis) as number[], x.shape);
}
