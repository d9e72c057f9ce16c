import * as tf from '@tensorflow/tfjs';
import type { RunKernel } from './planned-layer.ts';

/** An activation and its gradient, which needs the output only. @internal */
export interface PlannedActivation {
  /** The name under which tfjs fuses it with the product before it; `undefined` if it does not. */
  readonly fused: 'linear' | 'relu' | undefined;
  forward(run: RunKernel, x: tf.TensorInfo): tf.TensorInfo;
  backward(run: RunKernel, dy: tf.TensorInfo, y: tf.TensorInfo): tf.TensorInfo;
}

/**
 * An activation of tfjs by its class name.
 *
 * @returns `undefined` for others, which are not planned.
 * @internal
 */
export function plannedActivation(name: string): PlannedActivation | undefined {
  switch (name) {
    case 'linear':
      return { fused: 'linear', forward: (_, x) => x, backward: (_, dy) => dy };
    case 'relu':
      return { ...leakyRelu(0), fused: 'relu', forward: (run, x) => run(tf.Relu, { x }) };
    case 'tanh':
      return {
        fused: undefined,
        forward: (run, x) => run(tf.Tanh, { x }),
        backward: (run, dy, y) => product(run, complement(run, run(tf.Square, { x: y })), dy),
      };
    case 'sigmoid':
      return {
        fused: undefined,
        forward: (run, x) => run(tf.Sigmoid, { x }),
        backward: (run, dy, y) => product(run, dy, product(run, y, complement(run, y))),
      };
    default:
      return undefined;
  }
}

/**
 * Leaky ReLU. Its output has the sign of its input, of which the gradient depends.
 *
 * @param alpha - At least 0.
 * @internal
 */
export function leakyRelu(alpha: number): PlannedActivation {
  return {
    fused: undefined,
    forward: (run, x) => run(tf.LeakyRelu, { x }, { alpha }),
    backward: (run, dy, y) => product(run, dy, run(tf.Step, { x: y }, { alpha })),
  };
}

function product(run: RunKernel, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  return run(tf.Multiply, { a, b });
}

/** 1 − x. */
function complement(run: RunKernel, x: tf.TensorInfo): tf.TensorInfo {
  const one = run(tf.Fill, {}, { shape: [], value: 1, dtype: 'float32' });
  return run(tf.Sub, { a: one, b: x });
}
