import * as tf from '@tensorflow/tfjs';
import { constant } from './constant.ts';
import { dilatedFilter } from './dilated-filter.ts';
import { gradientOf } from './gradient-of.ts';

/**
 * Gradients of operations that select values, which tfjs lacks: strided slices, values at indices,
 * top k. tfjs refuses to differentiate with respect to indices that depend on the variable; they
 * are constants here.
 *
 * @internal
 */
export function selectionGradients(): readonly tf.GradConfig[] {
  return [
    gather(),
    gradientOf(tf.StridedSlice, ['x'], (dy, { x }, attributes: tf.StridedSliceAttrs) => ({
      x: () => spreadOut(dy, x.shape, attributes),
    })),
    gradientOf(tf.GatherNd, ['params', 'indices'], (dy, { params, indices }) => ({
      params: () => tf.scatterND(indices, dy, params.shape),
    })),
    gradientOf(tf.ScatterNd, ['indices'], (dy, { indices }) => ({
      updates: () => tf.gatherND(dy, indices),
    })),
    {
      kernelName: tf.TopK,
      inputsToSave: ['x'],
      outputsToSave: [false, true],
      gradFunc: (dys, [x, places]) => ({
        x: () => {
          const [dy] = dys as tf.Tensor[];
          const chosen = constant(() => tf.oneHot(places!, x!.shape.at(-1)!, 1, 0, 'float32'));
          return tf.sum(tf.mul(tf.expandDims(dy!, -1), chosen), -2);
        },
      }),
    },
  ];
}

/**
 * The registered gradient, which returns the indices themselves as their gradient; they are
 * constant.
 */
function gather(): tf.GradConfig {
  const registered = tf.getGradient(tf.GatherV2);
  return {
    ...registered,
    gradFunc: (dy, [x, indices], attributes) => ({
      ...registered.gradFunc(dy, [x!, constant(() => tf.clone(indices!))], attributes),
      indices: () => tf.zeros(indices!.shape),
    }),
  };
}

/** Writes the values of a strided slice back to their positions, among zeros. */
function spreadOut(
  dy: tf.Tensor,
  shape: readonly number[],
  attributes: tf.StridedSliceAttrs,
): tf.Tensor {
  const { begin, end, strides } = attributes;
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const slice = tf.slice_util.sliceInfo(
    [...shape],
    ...([begin, end, strides] as const),
    ...([beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const),
  );
  const steps = slice.strides;
  // The shape of the slice, with an axis of size one in place of each removed one, and without new
  // axes.
  const counts = steps.map((step, axis) =>
    Math.ceil((slice.end[axis]! - slice.begin[axis]!) / step),
  );
  const backwards = [...steps.keys()].filter((axis) => steps[axis]! < 0);
  const taken = tf.reverse(tf.reshape(dy, counts), backwards);
  const spread = dilatedFilter(taken, steps.map(Math.abs));
  return tf.pad(
    spread,
    shape.map((size, axis) => {
      const first = slice.begin[axis]! + Math.min(0, (counts[axis]! - 1) * steps[axis]!);
      return [first, size - first - spread.shape[axis]!];
    }),
  );
}
