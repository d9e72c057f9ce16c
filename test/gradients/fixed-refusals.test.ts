import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Of TensorFlow.js, and of TensorFlow.js once more, written without the operation that it has no gradient of. */
const pairs: Readonly<
  Record<string, readonly [shapes: number[][], operation: Operation, plain: Operation]>
> = {
  'einsum of heads': [
    [
      [2, 3, 2, 4],
      [2, 5, 2, 4],
    ],
    (a, b) => tf.einsum('bqhd,bkhd->bhqk', a, b),
    (a, b) => tf.matMul(tf.transpose(a, [0, 2, 1, 3]), tf.transpose(b, [0, 2, 1, 3]), false, true),
  ],
  'einsum to a number': [
    [[4], [4]],
    (a, b) => tf.einsum('i,i->', a, b),
    (a, b) => tf.sum(tf.mul(a, b)),
  ],
  'einsum that sums a letter away': [
    [
      [2, 3, 4],
      [3, 2],
    ],
    (a, b) => tf.einsum('bjd, jk -> bk', a, b),
    (a, b) => tf.matMul(tf.sum(a, 2), b),
  ],
  'einsum of one factor': [[[3, 4]], (a) => tf.einsum('ij->j', a), (a) => tf.sum(a, 0)],
  'matMul of a matrix by a batch': [
    [
      [1, 3, 4],
      [5, 4, 2],
    ],
    (a, b) => tf.matMul(a, b),
    (a, b) => tf.matMul(tf.tile(a, [5, 1, 1]), b),
  ],
  'stridedSlice backwards': [
    [[5, 6]],
    (a) => tf.stridedSlice(a, [3, 5], [0, -7], [-2, -2]),
    (a) =>
      tf.gather(tf.gather(a, tf.tensor1d([3, 1], 'int32')), tf.tensor1d([5, 3, 1], 'int32'), 1),
  ],
  'stridedSlice that drops an axis': [
    [[5, 6, 3]],
    (a) => tf.stridedSlice(a, [1, 2], [3, 5], [1, 1], 0, 0, 0, 0, 1),
    (a) => tf.gather(tf.gather(a, tf.scalar(1, 'int32')), tf.tensor1d([2, 3, 4], 'int32')),
  ],
  'stridedSlice with a new axis and an open end': [
    [[5, 6]],
    (a) => tf.stridedSlice(a, [1, 0, 3], [0, 0, 0], [2, 1, 1], 0, 5, 0, 2),
    (a) => {
      const rows = tf.gather(a, tf.tensor1d([1, 3], 'int32'));
      return tf.expandDims(tf.gather(rows, tf.tensor1d([3, 4, 5], 'int32'), 1), 1);
    },
  ],
  'gatherND of one value twice': [
    [[5, 6]],
    (a) => tf.gatherND(a, tf.tensor2d([0, 1, 0, 1, 4, 5], [3, 2], 'int32')),
    (a) => tf.gather(tf.reshape(a, [-1]), tf.tensor1d([1, 1, 29], 'int32')),
  ],
  'scatterND to one place twice': [
    [[3, 2]],
    (a) => tf.scatterND(tf.tensor2d([0, 0, 3], [3, 1], 'int32'), a, [5, 2]),
    (a) => tf.unsortedSegmentSum(a, tf.tensor1d([0, 0, 3], 'int32'), 5),
  ],
  'values at places that were computed': [
    [[3, 5]],
    (a) => tf.gather(a, tf.argMax(a, 1), 1, 1),
    (a) => tf.max(a, 1),
  ],
  topk: [[[3, 5]], (a) => tf.topk(a, 5).values, (a) => tf.gather(a, tf.topk(a, 5).indices, 1, 1)],
};

/** Gradients of the first order, and of a sum of their squares. */
function slopes(operation: Operation, inputs: tf.Tensor[]): tf.Tensor[] {
  const loss: Operation = (...values) => {
    const made = operation(...values.map((value) => tf.add(value, tf.tanh(value))));
    return tf.sum(tf.mul(made, tf.sin(made)));
  };
  const penalty: Operation = (...values) =>
    tf.addN(
      tf
        .grads(loss)(values)
        .map((slope) => tf.sum(tf.square(slope))),
    );
  return [...tf.grads(loss)(inputs), ...tf.grads(penalty)(inputs)];
}

describe('what TensorFlow.js alone refuses', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    enableSecondOrderGradients();
  });

  test.each(Object.keys(pairs))('%s has the gradients of the same by other operations', (name) => {
    const [shapes, operation, plain] = pairs[name]!;
    tf.tidy(() => {
      const inputs = shapes.map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i + 1));
      const [got, wanted] = [slopes(operation, inputs), slopes(plain, inputs)];
      for (const [i, slope] of got.entries()) {
        expect(slope.shape).toEqual(wanted[i]!.shape);
        const apart = tf.div(tf.norm(tf.sub(slope, wanted[i]!)), tf.norm(wanted[i]!));
        expect(apart.arraySync()).toBeLessThan(1e-5);
      }
    });
  });

  test('a product of values has its second order if one or two of them are zero', () => {
    tf.tidy(() => {
      const slopeOf = (x: tf.Tensor): tf.Tensor => tf.grad((y) => tf.prod(y))(x);
      const rowOf = (x: number[]): unknown =>
        tf
          .grad((y) => tf.sum(tf.slice(slopeOf(y), [0], [1])))(tf.tensor1d(x))
          .arraySync();
      // The first row of the Hessian: the products of all values but the first and this one.
      expect(rowOf([0, 2, 3, 5])).toEqual([0, 15, 10, 6]);
      expect(rowOf([4, 0, 3, 5])).toEqual([0, 15, 0, 0]);
      expect(rowOf([0, 0, 3, 5])).toEqual([0, 15, 0, 0]);
      expect(rowOf([4, 0, 0, 5])).toEqual([0, 0, 0, 0]);
    });
  });

  test('batch norm along another axis than the last stays refused, by its name', () => {
    const layer = tf.layers.batchNormalization({ axis: 1 });
    const normalized = (x: tf.Tensor): tf.Tensor =>
      tf.sum(layer.apply(x, { training: true }) as tf.Tensor);
    expect(() => tf.grad(normalized)(tf.randomNormal([2, 6, 5, 4]))).toThrow(
      'Cannot compute the gradient of FusedBatchNorm: mean and variance must have the shape of the last axes, got the shape ' +
        '[1, 6, 1, 1] for an input of the shape [2, 6, 5, 4]. Normalize the last axis, or compute it',
    );
    layer.dispose();
  });
});

/** x·σ(x) with a gradient of its own, made of what it saves. */
const swishes: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  'a value made on the way': tf.customGrad((x, save) => {
    const sigmoid = tf.sigmoid(x as tf.Tensor);
    (save as tf.GradSaveFunc)([x as tf.Tensor, sigmoid]);
    return {
      value: tf.mul(x as tf.Tensor, sigmoid),
      gradFunc: (dy, [input, s]) =>
        tf.mul(dy, tf.mul(s!, tf.add(1, tf.mul(input!, tf.sub(1, s!))))),
    };
  }),
  'its output and a value made on the way': tf.customGrad((x, save) => {
    const sigmoid = tf.sigmoid(x as tf.Tensor);
    const value = tf.mul(x as tf.Tensor, sigmoid);
    (save as tf.GradSaveFunc)([value, sigmoid]);
    return {
      value,
      gradFunc: (dy, [output, s]) => tf.mul(dy, tf.add(s!, tf.mul(output!, tf.sub(1, s!)))),
    };
  }),
  'a copy of its input': tf.customGrad((x, save) => {
    const copy = tf.clone(x as tf.Tensor);
    (save as tf.GradSaveFunc)([copy]);
    return {
      value: tf.mul(x as tf.Tensor, tf.sigmoid(x as tf.Tensor)),
      gradFunc: (dy, [input]) => {
        const s = tf.sigmoid(input!);
        return tf.mul(dy, tf.mul(s, tf.add(1, tf.mul(input!, tf.sub(1, s)))));
      },
    };
  }),
};

describe('an operation with a gradient of its own', () => {
  beforeAll(() => {
    enableSecondOrderGradients();
  });

  test.each(Object.keys(swishes))('is right in second order if it saves %s', (name) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.randomNormal([3, 4], 0, 1, 'float32', 1);
      const got = slopes(swishes[name]!, [x]);
      const wanted = slopes((y) => tf.mul(y, tf.sigmoid(y)), [x]);
      for (const [i, slope] of got.entries()) {
        const apart = tf.div(tf.norm(tf.sub(slope, wanted[i]!)), tf.norm(wanted[i]!));
        expect(apart.arraySync()).toBeLessThan(1e-5);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('may draw random numbers and save them', () => {
    const noisy = tf.customGrad((x, save) => {
      const noise = tf.randomUniform((x as tf.Tensor).shape, 1, 2);
      (save as tf.GradSaveFunc)([noise]);
      return {
        value: tf.mul(x as tf.Tensor, noise),
        gradFunc: (dy, [saved]) => tf.mul(dy, saved!),
      };
    });
    const x = tf.ones([4]);
    // The slope is 2·noise·(noise·x), and that of its sum 2·noise².
    const { value, grad } = tf.valueAndGrad((y) =>
      tf.sum(tf.grad((z) => tf.sum(tf.square(noisy(z))))(y)),
    )(x);
    const apart = tf.sub(value, tf.sum(grad)).asScalar().arraySync();
    expect(Math.abs(apart)).toBeLessThan(1e-5);
  });
});
