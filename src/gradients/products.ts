import * as tf from '@tensorflow/tfjs';
import { sumToShape } from './sum-to-shape.ts';

/**
 * Gradients of products: of matrices whose first axes broadcast, which tfjs refuses, and of `tf.einsum`, of which tfjs
 * has none.
 *
 * @internal
 */
export function productGradients(): readonly tf.GradConfig[] {
  return [batchMatMul(), einsum()];
}

/** The registered gradient, summed over the axes along which one of the two was repeated. */
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

/** The einsum of the output's gradient and the other factor, its letters those of the one that is asked for. */
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
        // A letter that only this factor has was summed over: its gradient is the same all along it.
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
