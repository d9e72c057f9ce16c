import * as tf from '@tensorflow/tfjs';
import { gradientOf } from './gradient-of.ts';

/**
 * Gradients of operations that copy values to other positions, or add them up there.
 *
 * @internal
 */
export function arrangementGradients(): tf.GradConfig[] {
  return [
    gradientOf(
      tf.DepthToSpace,
      ['x'],
      (dy, { x }, { blockSize, dataFormat }: tf.DepthToSpaceAttrs) => ({
        x: () => {
          if (dataFormat === 'NHWC') return spaceToDepth(dy, blockSize, x.shape);
          const [batch, depth, height, width] = x.shape as [number, number, number, number];
          const channelsLast = tf.transpose(dy, [0, 2, 3, 1]);
          const gathered = spaceToDepth(channelsLast, blockSize, [batch, height, width, depth]);
          return tf.transpose(gathered, [0, 3, 1, 2]);
        },
      }),
    ),
    gradientOf(tf.FlipLeftRight, [], (dy) => ({
      image: () => tf.image.flipLeftRight(dy as tf.Tensor4D),
    })),
    // tfjs's gradient permutes the axes of its result a second time.
    gradientOf(tf.Cumsum, ['x'], (dy, _, { axis, exclusive, reverse }: tf.CumsumAttrs) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    })),
    // tfjs's gradient omits the reflected values: it treats the padding as zeros.
    gradientOf(tf.MirrorPad, ['x'], (dy, { x }, { paddings, mode }: tf.MirrorPadAttrs) => ({
      x: () =>
        paddings.reduce(
          (gradient, [before, after], axis) =>
            unmirror(gradient, axis, before, x.shape[axis]!, after, mode === 'reflect' ? 1 : 0),
          dy,
        ),
    })),
    tile(),
  ];
}

/** [batch, height·block, width·block, depth] → [batch, height, width, block·block·depth] */
function spaceToDepth(x: tf.Tensor, block: number, shape: readonly number[]): tf.Tensor {
  const [batch, height, width, depth] = shape as [number, number, number, number];
  const split = tf.reshape(x, [batch * height, block, width, depth / block]);
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch, height, width, depth]);
}

/** Adds the values in the two mirrored parts of an axis to their sources. */
function unmirror(
  dy: tf.Tensor,
  axis: number,
  before: number,
  size: number,
  after: number,
  gap: number,
): tf.Tensor {
  const part = (start: number, length: number): tf.Tensor =>
    tf.slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? start : 0)),
      dy.shape.map((full, i) => (i === axis ? length : full)),
    );
  const mirrored = (start: number, length: number, at: number): tf.Tensor =>
    tf.pad(
      tf.reverse(part(start, length), axis),
      dy.shape.map((_, i): [number, number] => (i === axis ? [at, size - at - length] : [0, 0])),
    );
  let gradient = part(before, size);
  if (before > 0) gradient = tf.add(gradient, mirrored(0, before, gap));
  if (after > 0) {
    gradient = tf.add(gradient, mirrored(before + size, after, size - gap - after));
  }
  return gradient;
}

/**
 * The registered gradient, which supports up to four axes; for more, the sum over the repetitions
 * of each axis.
 */
function tile(): tf.GradConfig {
  const registered = tf.getGradient(tf.Tile);
  return {
    ...registered,
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved as [tf.Tensor];
      if (x.rank >= 1 && x.rank <= 4) return registered.gradFunc(dy, saved, attributes);
      return {
        x: () =>
          (attributes['reps'] as number[]).reduce((gradient, repetitions, axis) => {
            if (repetitions === 1) return gradient;
            const { shape } = gradient;
            const size = x.shape[axis]!;
            const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
            // [outer, repetitions, size·inner], summed over the repetitions
            const split = tf.reshape(gradient, [-1, repetitions, size * inner]);
            return tf.reshape(
              tf.sum(split, 1),
              shape.map((full, i) => (i === axis ? size : full)),
            );
          }, dy as tf.Tensor),
      };
    },
  };
}
