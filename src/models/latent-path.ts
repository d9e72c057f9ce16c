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
 * Opposite ends, between which every arc is as short, have half a circle through an axis.
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
    const [start, end] = [unit(from), unit(to)];
    const cosine = tf.sum(tf.mul(start, end));
    const angle = tf.acos(tf.clipByValue(cosine, -1, 1));
    const sine = tf.sin(angle);
    const arc = tf.div(
      tf.add(tf.mul(tf.sin(tf.mul(rest, angle)), from), tf.mul(tf.sin(tf.mul(t, angle)), to)),
      tf.maximum(sine, 1e-6),
    );
    // Parallel ends have no arc to divide by; the line is used.
    const usual = tf.where(tf.greater(sine, 1e-4), arc, line);
    // Nor have opposite ones: a line would go through 0, which no latent is like.
    const half = halfCircle(start, t);
    const radius = tf.add(tf.mul(rest, tf.norm(from)), tf.mul(t, tf.norm(to)));
    const bend = tf.mul(t, tf.mul(tf.norm(to), tf.add(start, end)));
    const opposite = tf.add(tf.mul(radius, half), bend);
    return tf.where(tf.less(cosine, -0.9999), opposite, usual).as2D(steps, from.size);
  });
}

function unit(vector: tf.Tensor): tf.Tensor {
  return tf.div(vector, tf.maximum(tf.norm(vector), 1e-12));
}

/** Half a circle from a direction to its opposite, through the first axis that is apart from it. */
function halfCircle(start: tf.Tensor, t: tf.Tensor): tf.Tensor {
  const [first, second] = tf.unstack(tf.eye(2, start.size));
  const axis = tf.where(tf.less(tf.abs(tf.slice(start, 0, 1)), 0.8), first!, second!);
  const across = unit(tf.sub(axis, tf.mul(tf.sum(tf.mul(axis, start)), start)));
  const angle = tf.mul(t, Math.PI);
  return tf.add(tf.mul(tf.cos(angle), start), tf.mul(tf.sin(angle), across));
}
