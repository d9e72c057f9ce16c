import * as tf from '@tensorflow/tfjs';
import { isRecording } from '../tfjs-internals/tape.ts';
import { sumToShape } from './sum-to-shape.ts';

/**
 * Gradients of products: of matrices whose first axes are broadcast, which tfjs refuses; of
 * `tf.einsum`, which has no gradient in tfjs; and of `tf.prod`, which has only the first order.
 *
 * @internal
 */
export function productGradients(): readonly tf.GradConfig[] {
  return [batchMatMul(), einsum(), prod()];
}

/** The registered gradient, summed over the axes along which one of the two was broadcast. */
function batchMatMul(): tf.GradConfig {
  const registered = tf.getGradient(tf.BatchMatMul);
  return {
    ...registered,
    gradFunc: (dy, saved, attributes) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      const gradients = registered.gradFunc(dy, saved, attributes);
      return {
        a: () => sumToShape(gradients['a']!(), a.shape),
        b: () => sumToShape(gradients['b']!(), b.shape),
      };
    },
  };
}

/**
 * The einsum of the output's gradient and the other factor, with the letters of the requested
 * factor.
 */
function einsum(): tf.GradConfig {
  return {
    kernelName: tf.Einsum,
    saveAllInputs: true,
    gradFunc: (dy, factors, attributes) => {
      const { equation } = attributes as unknown as tf.EinsumAttrs;
      const [terms = '', output = ''] = equation.replace(/\s/g, '').split('->');
      const letters = terms.split(',');
      const gradientOf = (place: number): tf.Tensor => {
        const wanted = letters[place]!;
        const others = letters.filter((_, i) => i !== place);
        // A letter that only this factor has was summed over: its gradient is constant along it.
        const kept = wanted
          .split('')
          .filter((letter) => [output, ...others].join().includes(letter));
        const gradient =
          others.length === 0
            ? tf.transpose(
                dy as tf.Tensor,
                kept.map((letter) => output.indexOf(letter)),
              )
            : tf.einsum(
                `${[output, ...others].join()}->${kept.join('')}`,
                ...[dy as tf.Tensor, ...factors.filter((_, i) => i !== place)],
              );
        const { shape } = factors[place]!;
        const apart = shape.map((size, axis) => (kept.includes(wanted[axis]!) ? size : 1));
        return tf.broadcastTo(tf.reshape(gradient, apart), shape);
      };
      return Object.fromEntries(factors.map((_, place) => [place, () => gradientOf(place)]));
    },
  };
}

/**
 * The registered gradient uses a kernel without a gradient; under a gradient, it is the product of
 * all other values, computed by this operation itself, which is exact even if some are zero.
 */
function prod(): tf.GradConfig {
  const registered = tf.getGradient(tf.Prod);
  return {
    ...registered,
    gradFunc: (dy, [x], attributes) => {
      const { shape } = x!;
      const axes = tf.util.parseAxisParam(attributes['axis'] as number[], shape);
      if (!isRecording()) {
        return registered.gradFunc(dy, [x!], { ...attributes, axis: axes });
      }
      return {
        x: () => {
          const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
          const order = [...kept, ...axes];
          const moved = tf.transpose(x!, order);
          const values = axes.map((axis) => shape[axis]!).reduce((a, b) => a * b, 1);
          // [positions, values, values], with ones in place of each value in turn
          const rows = tf.reshape(moved, [-1, 1, values]);
          const own = tf.eye(values);
          const others = tf.prod(tf.add(tf.mul(rows, tf.sub(1, own)), own), -1);
          const gradient = tf.mul(tf.reshape(dy as tf.Tensor, [-1, 1]), others);
          return tf.transpose(
            tf.reshape(gradient, moved.shape),
            order.map((_, axis) => order.indexOf(axis)),
          );
        },
      };
    },
  };
}
