import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger } from '../core/checks.ts';

/**
 * Settings of `Generator.interpolate`.
 *
 * @example A straight line of five points, and the default arc
 * ```ts
 * const line: LatentPathOptions = { steps: 5, path: 'linear' };
 * const straight = generator.interpolate(1, 2, line);
 * const arc = generator.interpolate(1, 2, { steps: 5 });
 * console.log(straight.shape, arc.shape); // [ 5, 8, 8, 1 ] [ 5, 8, 8, 1 ]
 * tf.dispose([straight, arc]);
 * ```
 */
export interface LatentPathOptions {
  /**
   * Number of points, both ends included; at least 2.
   *
   * @defaultValue `8`
   */
  readonly steps?: number | undefined;
  /**
   * A straight line, or an arc that stays near the sphere on which normal latents concentrate.
   *
   * @defaultValue `'spherical'` for normal latents, `'linear'` for uniform ones
   */
  readonly path?: 'linear' | 'spherical' | undefined;
}

/**
 * Points on a path between two latents, `[steps, latentSize]`; the caller disposes them.
 *
 * With ω the angle between the ends and t in 0…1, the arc is (sin((1 − t)ω)·a + sin(tω)·b) / sin ω.
 * Opposite ends, between which every arc is as short, have half a circle in a fixed plane.
 *
 * @internal
 */
export function latentPath(
  from: tf.Tensor1D,
  to: tf.Tensor1D,
  options: LatentPathOptions = {},
): tf.Tensor2D {
  const { steps = 8, path = 'spherical' } = options;
  checkPositiveInteger('interpolate', 'steps', steps);
  if (steps < 2) throw new RangeError('Cannot interpolate: steps must be at least 2, got 1');
  checkOneOf('interpolate', 'path', path, ['linear', 'spherical'] as const);
  return tf.tidy(() => {
    const t = tf.linspace(0, 1, steps).reshape([steps, 1]);
    const rest = tf.sub(1, t);
    const line = tf.add(tf.mul(rest, from), tf.mul(t, to));
    if (path === 'linear') return line.as2D(steps, from.size);
    const cosine = tf.div(
      tf.sum(tf.mul(from, to)),
      tf.maximum(tf.mul(tf.norm(from), tf.norm(to)), 1e-12),
    );
    const angle = tf.acos(tf.clipByValue(cosine, -1, 1));
    const sine = tf.sin(angle);
    const arc = tf.div(
      tf.add(tf.mul(tf.sin(tf.mul(rest, angle)), from), tf.mul(tf.sin(tf.mul(t, angle)), to)),
      tf.maximum(sine, 1e-6),
    );
    // Parallel ends have no arc to divide by; the line is used.
    const usual = tf.where(tf.greater(sine, 1e-4), arc, line);
    // Nor have opposite ones: the line would go through 0, which no latent is like.
    const share = tf.div(tf.add(tf.cos(tf.mul(t, Math.PI)), 1), 2);
    const ends = tf.add(tf.mul(share, from), tf.mul(tf.sub(1, share), to));
    const half = tf.add(ends, tf.mul(tf.sin(tf.mul(t, Math.PI)), across(from)));
    return tf.where(tf.less(cosine, -0.9999), half, usual).as2D(steps, from.size);
  });
}

/** A vector of the same length at a right angle; 0 for a single number, which has none. */
function across(vector: tf.Tensor): tf.Tensor {
  const other = tf.cos(tf.range(0, vector.size));
  const share = tf.div(tf.sum(tf.mul(other, vector)), tf.sum(tf.square(vector)));
  const rest = tf.sub(other, tf.mul(share, vector));
  return tf.mul(rest, tf.div(tf.norm(vector), tf.maximum(tf.norm(rest), 1e-3)));
}
