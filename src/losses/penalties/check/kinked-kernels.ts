import * as tf from '@tensorflow/tfjs';
import { readAtMaxima3d } from '../../../gradients/max-pooling.ts';
import { withRoundedPads } from '../../../gradients/rounded-pads.ts';

type Result = tf.Tensor | tf.Tensor[];

/**
 * A kernel with kinks: what to remember of a call, and the same kernel on the side of its kinks that was remembered.
 *
 * @internal
 */
export interface Kinked {
  remember(inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap, output: Result): tf.Tensor;
  replay(
    inputs: tf.NamedTensorMap,
    attributes: tf.NamedAttrMap,
    remembered: tf.Tensor,
    output: () => tf.Tensor,
  ): Result;
}

/** Answers by steps: whatever the input becomes, the answer stays. */
const stepped: Kinked = {
  remember: (_inputs, _attributes, output) => tf.clone(output as tf.Tensor),
  replay: (_inputs, _attributes, remembered) => tf.clone(remembered),
};

/** Linear in x on each side, up to a constant; the slopes at the kink itself are those of the gradients. */
function sloped(slope: (x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor): Kinked {
  return {
    remember: ({ x }, attributes, output) => {
      const factor = slope(x!, attributes);
      return tf.stack([factor, tf.sub(output as tf.Tensor, tf.mul(x!, factor))]);
    },
    replay: ({ x }, _attributes, remembered) => {
      const [factor, constant] = tf.unstack(remembered) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(x!, factor), constant);
    },
  };
}

/** Takes one of two. */
function choosing(
  isFirst: (inputs: tf.NamedTensorMap) => tf.Tensor,
  first: (inputs: tf.NamedTensorMap) => tf.Tensor,
  second: (inputs: tf.NamedTensorMap) => tf.Tensor,
): Kinked {
  return {
    remember: (inputs) => isFirst(inputs),
    replay: (inputs, _attributes, remembered) =>
      tf.where(remembered, first(inputs), second(inputs)),
  };
}

function extreme(axisAttribute: string): Kinked {
  const keptShape = (x: tf.Tensor, attributes: tf.NamedAttrMap): number[] => {
    const axes = tf.util.parseAxisParam(attributes[axisAttribute] as number[], x.shape);
    return x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  };
  return {
    remember: ({ x }, attributes, output) => {
      const isExtreme = tf.equal(x!, tf.reshape(output as tf.Tensor, keptShape(x!, attributes)));
      return tf.cast(isExtreme, 'float32');
    },
    replay: ({ x }, attributes, remembered, output) => {
      const axes = tf.util.parseAxisParam(attributes[axisAttribute] as number[], x!.shape);
      return tf.reshape(tf.sum(tf.mul(x!, remembered), axes), output().shape);
    },
  };
}

/** x − q·y, with q what x held of y. */
const remainder: Kinked = {
  remember: ({ a, b }, _attributes, output) =>
    tf.round(tf.div(tf.sub(a!, output as tf.Tensor), b!)),
  replay: ({ a, b }, _attributes, quotient) => tf.sub(a!, tf.mul(quotient, b!)),
};

const maxPool: Kinked = {
  remember: ({ x }) => tf.clone(x!),
  replay: ({ x }, attributes, remembered, output) => {
    const told = attributes as unknown as tf.MaxPoolAttrs;
    const padded = withRoundedPads(told, x!, output(), told.filterSize);
    return readMaxima(x!, { ...padded }, remembered);
  },
};

const maxPool3d: Kinked = {
  remember: ({ x }) => tf.clone(x!),
  replay: ({ x }, attributes, where) => {
    const output = tf.engine().runKernel<tf.Tensor>(tf.MaxPool3D, { x: where }, attributes);
    return readAtMaxima3d(x!, where, output, attributes as unknown as tf.MaxPool3DAttrs);
  },
};

/** Of the gradients of pooling, whose input says no more than where they go. */
function poolGradient(gradientKernel: string, poolKernel: string): Kinked {
  return {
    remember: ({ input }) => tf.clone(input!),
    replay: ({ dy }, attributes, input) => {
      const output = tf.engine().runKernel<tf.Tensor>(poolKernel, { x: input }, attributes);
      const inputs = { dy: dy!, input, output };
      return tf.engine().runKernel<tf.Tensor>(gradientKernel, inputs, attributes);
    },
  };
}

const topK: Kinked = {
  remember: (_inputs, _attributes, output) => tf.clone((output as tf.Tensor[])[1]!),
  replay: ({ x }, _attributes, places) => {
    const chosen = tf.oneHot(places, x!.shape.at(-1)!, 1, 0, 'float32');
    return [tf.sum(tf.mul(tf.expandDims(x!, -2), chosen), -1), tf.clone(places)];
  },
};

function kinkedKernels(): ReadonlyMap<string, Kinked> {
  const within = (x: tf.Tensor, low: tf.Tensor, high: number): tf.Tensor =>
    tf.cast(tf.logicalAnd(low, tf.lessEqual(x, high)), 'float32');
  const isPositive = ({ x }: tf.NamedTensorMap): tf.Tensor => tf.greater(x!, 0);
  return new Map([
    ...[tf.Step, tf.Sign, tf.Floor, tf.Ceil, tf.Round, tf.FloorDiv].map(
      (name) => [name, stepped] as const,
    ),
    [tf.Mod, remainder],
    [tf.Relu, sloped((x) => tf.step(x))],
    [tf.Abs, sloped((x) => tf.step(x, -1))],
    [tf.Relu6, sloped((x) => within(x, tf.greater(x, 0), 6))],
    [tf.LeakyRelu, sloped((x, { alpha }) => tf.step(x, alpha as number))],
    [
      tf.ClipByValue,
      sloped((x, { clipValueMin, clipValueMax }) =>
        within(x, tf.greaterEqual(x, clipValueMin as number), clipValueMax as number),
      ),
    ],
    [
      tf.Prelu,
      choosing(
        isPositive,
        ({ x }) => x!,
        ({ x, alpha }) => tf.mul(x!, alpha!),
      ),
    ],
    // Exponentials of what lies far on the other side would be infinite.
    [
      tf.Elu,
      choosing(
        isPositive,
        ({ x }) => x!,
        ({ x }) => tf.expm1(tf.minimum(x!, 1)),
      ),
    ],
    [
      tf.Selu,
      choosing(
        isPositive,
        ({ x }) => tf.mul(x!, tf.selu(1)),
        // λ·α·(eˣ − 1), which selu is on this side.
        ({ x }) => tf.mul(tf.expm1(tf.minimum(x!, 1)), tf.div(tf.selu(-1), Math.expm1(-1))),
      ),
    ],
    [
      tf.Maximum,
      choosing(
        ({ a, b }) => tf.greaterEqual(a!, b!),
        ({ a }) => a!,
        ({ b }) => b!,
      ),
    ],
    [
      tf.Minimum,
      choosing(
        ({ a, b }) => tf.lessEqual(a!, b!),
        ({ a }) => a!,
        ({ b }) => b!,
      ),
    ],
    [tf.Max, extreme('reductionIndices')],
    [tf.Min, extreme('axis')],
    [tf.MaxPool, maxPool],
    [tf.MaxPool3D, maxPool3d],
    [tf.MaxPoolGrad, poolGradient(tf.MaxPoolGrad, tf.MaxPool)],
    [tf.MaxPool3DGrad, poolGradient(tf.MaxPool3DGrad, tf.MaxPool3D)],
    [tf.TopK, topK],
  ]);
}

let kernels: ReadonlyMap<string, Kinked> | undefined;

/** The kinks of a call, by its kernel; what answers in whole numbers or verdicts answers by steps. @internal */
export function kinksOf(kernelName: string, output: Result): Kinked | undefined {
  kernels ??= kinkedKernels();
  const isDiscrete = !Array.isArray(output) && ['int32', 'bool'].includes(output.dtype);
  return isDiscrete ? stepped : kernels.get(kernelName);
}

/** Reads a tensor where the maxima of another one are. */
function readMaxima(x: tf.Tensor, attributes: tf.NamedAttrMap, where: tf.Tensor): tf.Tensor {
  const engine = tf.engine();
  return tf.customGrad((values) => {
    const [, places] = engine.runKernel<tf.Tensor[]>(
      tf.MaxPoolWithArgmax,
      { x: where },
      { ...attributes, includeBatchInIndex: true },
    ) as [tf.Tensor, tf.Tensor];
    const flat = tf.reshape(values as tf.Tensor, [-1]);
    return {
      value: tf.gather(flat, tf.cast(places, 'int32')),
      // Faster than what tfjs makes of the gradient of a gather.
      gradFunc: (dy) => {
        const output = engine.runKernel<tf.Tensor>(tf.MaxPool, { x: where }, attributes);
        return engine.runKernel<tf.Tensor>(
          tf.MaxPoolGrad,
          { dy, input: where, output },
          attributes,
        );
      },
    };
  })(x);
}
