import * as tf from '@tensorflow/tfjs';
import { mask } from './constant.ts';

/**
 * Gradients of maximum and minimum: each value that equals the result receives it, as in tfjs.
 *
 * @internal
 */
export function reductionGradients(): readonly tf.GradConfig[] {
  return [extreme(tf.Max, 'reductionIndices'), extreme(tf.Min, 'axis')];
}

function extreme(kernelName: string, axisAttribute: string): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attributes) => ({
      x: () => {
        const axes = tf.util.parseAxisParam(attributes[axisAttribute] as number[], x!.shape);
        const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
        return tf.mul(
          tf.reshape(dy as tf.Tensor, kept),
          mask(() => tf.equal(x!, tf.reshape(y!, kept))),
        );
      },
    }),
  };
}
