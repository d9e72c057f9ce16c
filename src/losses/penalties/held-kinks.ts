import * as tf from '@tensorflow/tfjs';
import { watchEngine } from './watched-engine.ts';

/** A kernel with kinks: what to remember of a call, and the same kernel on the side of its kinks that was remembered. */
interface Kinked {
  remember(inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap, output: tf.Tensor): tf.Tensor;
  replay(
    inputs: tf.NamedTensorMap,
    attributes: tf.NamedAttrMap,
    remembered: tf.Tensor,
    output: () => tf.Tensor,
  ): tf.Tensor;
}

/** Answers by steps: whatever the input becomes, the answer stays. */
const stepped: Kinked = {
  remember: (_inputs, _attributes, output) => tf.clone(output),
  replay: (_inputs, _attributes, remembered) => tf.clone(remembered),
};

/** Linear in x on each side, up to a constant. */
function sloped(slope: (x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor): Kinked {
  return {
    remember: ({ x }, attributes, output) => {
      const factor = slope(x!, attributes);
      return tf.stack([factor, tf.sub(output, tf.mul(x!, factor))]);
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
      const isExtreme = tf.equal(x!, tf.reshape(output, keptShape(x!, attributes)));
      return tf.cast(isExtreme, 'float32');
    },
    replay: ({ x }, attributes, remembered, output) => {
      const axes = tf.util.parseAxisParam(attributes[axisAttribute] as number[], x!.shape);
      return tf.reshape(tf.sum(tf.mul(x!, remembered), axes), output().shape);
    },
  };
}

const between = (x: tf.Tensor, low: number, high: number): tf.Tensor =>
  tf.cast(tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, high)), 'float32');

function kinkedKernels(): ReadonlyMap<string, Kinked> {
  return new Map([
    ...[tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual].map(
      (name) => [name, stepped] as const,
    ),
    [tf.Step, stepped],
    [tf.Sign, stepped],
    [tf.Relu, sloped((x) => tf.step(x))],
    [tf.Abs, sloped((x) => tf.sign(x))],
    [tf.Relu6, sloped((x) => between(x, 0, 6))],
    [
      tf.LeakyRelu,
      sloped((x, { alpha }) =>
        tf.where(tf.greater(x, 0), tf.onesLike(x), tf.fill(x.shape, alpha as number)),
      ),
    ],
    [
      tf.ClipByValue,
      sloped((x, { clipValueMin, clipValueMax }) =>
        between(x, clipValueMin as number, clipValueMax as number),
      ),
    ],
    [
      tf.Prelu,
      choosing(
        ({ x }) => tf.greater(x!, 0),
        ({ x }) => x!,
        ({ x, alpha }) => tf.mul(x!, alpha!),
      ),
    ],
    [
      tf.Selu,
      choosing(
        ({ x }) => tf.greater(x!, 0),
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
    [
      tf.MaxPool,
      {
        remember: ({ x }) => tf.clone(x!),
        replay: ({ x }, attributes, remembered) => readMaxima(x!, attributes, remembered),
      },
    ],
  ]);
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

/**
 * Lets a function be computed near a point as if it had no kinks: each operation that has some stays on the side where
 * it was at the point. There, value and slopes are the same; but central differences see no jump between two sides.
 *
 * In a wide network some unit always has its kink within a step, however small, and the jumps of many units add up.
 *
 * @internal
 */
export class HeldKinks {
  readonly #kinked = kinkedKernels();
  readonly #remembered: tf.Tensor[] = [];

  /** Runs the function at the point and remembers the sides. */
  remember<T>(run: () => T): T {
    return watchEngine(
      {
        kernel: (kernelName, inputs, attributes = {}, call) => {
          const output = call(inputs);
          const kernel = this.#kinked.get(kernelName);
          if (kernel === undefined) return output;
          const seen = tf.tidy(() => kernel.remember(inputs, attributes, output as tf.Tensor));
          this.#remembered.push(tf.keep(seen));
          return output;
        },
      },
      run,
    );
  }

  /** Runs the same function, nearby, on these sides. */
  hold<T>(run: () => T): T {
    let place = 0;
    return watchEngine(
      {
        kernel: (kernelName, inputs, attributes = {}, call) => {
          const kernel = this.#kinked.get(kernelName);
          if (kernel === undefined) return call(inputs);
          const remembered = this.#remembered[place]!;
          place += 1;
          return kernel.replay(inputs, attributes, remembered, () => call(inputs) as tf.Tensor);
        },
      },
      run,
    );
  }

  dispose(): void {
    tf.dispose(this.#remembered);
  }
}
