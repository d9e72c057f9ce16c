import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

/** Values a seed stands for, in −2…2. */
function noisy(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  let state = seed * 2654435761;
  const values = Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return (((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1) * 2;
  });
  return tf.tensor(values, shape);
}

interface Operation {
  readonly shapes: readonly number[][];
  readonly compute: (...inputs: tf.Tensor[]) => tf.Tensor;
}

const image = [2, 7, 6, 3];
const conv = (strides: number, pad: 'same' | 'valid', size: number): Operation => ({
  shapes: [image, [size, size, 3, 5]],
  compute: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad),
});
const matMul = (a: boolean, b: boolean): Operation => ({
  shapes: [a ? [7, 5] : [5, 7], b ? [9, 7] : [7, 9]],
  compute: (x, y) => tf.matMul(x, y, a, b),
});
const ofOne = (compute: (x: tf.Tensor) => tf.Tensor, shape = image): Operation => ({
  shapes: [shape],
  compute,
});

/** What a GAN's step is made of. */
const operations: Readonly<Record<string, Operation>> = {
  'matMul a·b': matMul(false, false),
  'matMul aᵀ·b': matMul(true, false),
  'matMul a·bᵀ': matMul(false, true),
  'matMul aᵀ·bᵀ': matMul(true, true),
  'conv2d 3×3': conv(1, 'same', 3),
  'conv2d 5×5 by 2': conv(2, 'same', 5),
  'conv2d 4×4 by 2, valid': conv(2, 'valid', 4),
  'conv2d 1×1': conv(1, 'valid', 1),
  'conv2dTranspose 4×4 by 2': {
    shapes: [
      [2, 4, 3, 5],
      [4, 4, 3, 5],
    ],
    compute: (x, w) =>
      tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 8, 6, 3], 2, 'same'),
  },
  'depthwiseConv2d 3×3': {
    shapes: [image, [3, 3, 3, 2]],
    compute: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
  },
  'batch norm by the moments of the batch': {
    shapes: [image, [3], [3]],
    compute: (x, gain, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const [m, v] = [mean, variance] as tf.Tensor1D[];
      return tf.batchNorm(x, m!, v!, offset, gain, 1e-3);
    },
  },
  'batch norm of vectors': {
    shapes: [[6, 9], [9], [9]],
    compute: (x, gain, offset) => {
      const { mean, variance } = tf.moments(x, 0);
      const [m, v] = [mean, variance] as tf.Tensor1D[];
      return tf.batchNorm(x, m!, v!, offset, gain, 1e-3);
    },
  },
  bias: { shapes: [image, [3]], compute: (x, b) => tf.add(x, b) },
  product: { shapes: [image, [7, 1, 3]], compute: (x, y) => tf.mul(x, y) },
  quotient: { shapes: [image, [3]], compute: (x, y) => tf.div(x, tf.add(tf.square(y), 1)) },
  maximum: { shapes: [image, image], compute: (x, y) => tf.maximum(x, y) },
  relu: ofOne((x) => tf.relu(x)),
  leakyRelu: ofOne((x) => tf.leakyRelu(x, 0.2)),
  elu: ofOne((x) => tf.elu(x)),
  tanh: ofOne((x) => tf.tanh(x)),
  sigmoid: ofOne((x) => tf.sigmoid(x)),
  softplus: ofOne((x) => tf.softplus(tf.mul(x, 30))),
  softmax: ofOne((x) => tf.softmax(x)),
  abs: ofOne((x) => tf.abs(x)),
  'cross-entropy of logits': {
    shapes: [[16, 1]],
    compute: (x) => tf.losses.sigmoidCrossEntropy(tf.onesLike(x), tf.mul(x, 20)),
  },
  norm: ofOne((x) => tf.norm(x.reshape([2, -1]), 2, 1)),
  'mean over an axis': ofOne((x) => tf.mean(x, 2)),
  'transpose, pad, slice, concat': ofOne((x) => {
    const turned = tf.transpose(x, [0, 2, 1, 3]);
    const padded = tf.pad(turned, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]);
    const parts = [
      tf.slice(padded, [0, 1, 0, 1], [2, 5, 7, 2]),
      tf.slice(padded, [0, 2, 1, 0], [2, 5, 7, 1]),
    ];
    return tf.concat(parts, 3);
  }),
  'gather and stack': ofOne((x) => tf.stack([tf.gather(x, [1, 0, 1]), tf.gather(x, [0, 0, 1])])),
  // One image: the cpu backend's gradient is wrong for several.
  'nearest neighbor, twice the size': ofOne(
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [14, 12]),
    [1, 7, 6, 3],
  ),
  // Square: the cpu backend confuses height with width in this gradient.
  'bilinear, twice the size': ofOne(
    (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [12, 12]),
    [2, 6, 6, 3],
  ),
  'average pooling': ofOne((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same')),
  'maximum pooling': ofOne((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'same')),
};

/** Value and gradients of an operation on the current backend, read without blocking. */
async function outcomeOf({ shapes, compute }: Operation): Promise<number[][]> {
  const inputs = shapes.map((shape, i) => noisy(shape, i + 1));
  const results = tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const result = compute(...values);
      // Another weight for each number, or the gradient of much is 0.
      return tf.sum(tf.mul(result, noisy(result.shape, 9))).asScalar();
    })(inputs);
    return [compute(...inputs), value, ...grads];
  });
  const numbers = await Promise.all(results.map(async (tensor) => [...(await tensor.data())]));
  tf.dispose([...inputs, ...results]);
  return numbers;
}

/**
 * What every backend must keep to train on: values and gradients as the cpu backend has them, and no tensors left.
 *
 * @param name - Its name in TensorFlow.js.
 * @param activate - Makes it current.
 * @param tolerance - Length of the difference by length of cpu's.
 */
export function backendContract(
  name: string,
  activate: () => Promise<unknown>,
  tolerance = 1e-4,
): void {
  describe(`keeps the contract of a backend: ${name}`, () => {
    const wanted = new Map<string, number[][]>();

    beforeAll(async () => {
      await tf.setBackend('cpu');
      for (const [of, operation] of Object.entries(operations)) {
        wanted.set(of, await outcomeOf(operation));
      }
      await activate();
    });

    test.each(Object.entries(operations))(
      '%s is as on cpu, with its gradients',
      async (of, operation) => {
        expect(tf.getBackend()).toBe(name);
        const before = tf.memory().numTensors;
        const got = await outcomeOf(operation);
        expect(tf.memory().numTensors).toBe(before);
        for (const [index, reference] of wanted.get(of)!.entries()) {
          const values = got[index]!;
          expect(values).toHaveLength(reference.length);
          const off = Math.hypot(...values.map((value, i) => value - reference[i]!));
          expect(off / Math.hypot(...reference), `result ${index}`).toBeLessThan(tolerance);
        }
      },
    );
  });
}
