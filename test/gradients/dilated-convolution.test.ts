import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D) => tf.Tensor;

/** The fused operation that a layer runs, and the same from operations that are not fused. */
const pairs: readonly (readonly [name: string, fused: Convolve, plain: Convolve])[] = [
  [
    'tf.layers.conv2d runs',
    (x, filter, bias) =>
      tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same', dilations: [2, 3] }),
    (x, filter, bias) => tf.add(tf.conv2d(x, dilated(filter), 1, 'same'), bias),
  ],
  [
    'is depthwise',
    (x, filter, bias) =>
      tf.fused.depthwiseConv2d({ x, filter, bias, strides: 1, pad: 'same', dilations: [2, 3] }),
    (x, filter, bias) => tf.add(tf.depthwiseConv2d(x, dilated(filter), 1, 'same'), bias),
  ],
];

/** The filter with the zeros written out by hand: [2, 2, in, out] → [3, 4, in, out]. */
function dilated(filter: tf.Tensor4D): tf.Tensor4D {
  const [, , inputs, outputs] = filter.shape;
  const row = (y: number): tf.Tensor => {
    const [left, right] = [0, 1].map((x) => tf.slice(filter, [y, x, 0, 0], [1, 1, -1, -1]));
    return tf.concat([left!, tf.zeros([1, 2, inputs, outputs]), right!], 1);
  };
  return tf.concat([row(0), tf.zeros([1, 4, inputs, outputs]), row(1)], 0) as tf.Tensor4D;
}

describe.each(pairs)('a dilated convolution that %s', (_name, fused, plain) => {
  const makeInputs = (): [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D] => [
    tf.randomNormal([2, 6, 7, 3], 0, 1, 'float32', 1),
    tf.randomNormal([2, 2, 3, 1], 0, 1, 'float32', 2),
    tf.randomNormal([1], 0, 1, 'float32', 3),
  ];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    enableSecondOrderGradients();
  });

  test('has the gradients of one with the zeros written out', async () => {
    const [x, filter] = makeInputs();
    // The depthwise one has as many offsets as channels.
    const bias = tf.randomNormal([(fused(x, filter, tf.tensor1d([0])) as tf.Tensor4D).shape[3]]);
    const of = (convolve: Convolve): tf.Tensor[] =>
      tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
        tf.sum(tf.square(convolve(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor1D))),
      )([x, filter, bias]);
    const [got, wanted] = [of(fused), of(plain)];
    for (const [i, gradient] of got.entries()) {
      expect(gradient.shape).toEqual(wanted[i]!.shape);
      await expectClose(gradient, wanted[i]!);
    }
  });

  test('has the second-order gradients of one with the zeros written out', async () => {
    const [x, filter, bias] = makeInputs();
    const of = (convolve: Convolve): tf.Tensor[] =>
      tf.grads((...weights: tf.Tensor[]) => {
        const slope = tf.grad((samples) =>
          tf.sum(
            tf.tanh(
              convolve(
                samples as tf.Tensor4D,
                weights[0] as tf.Tensor4D,
                weights[1] as tf.Tensor1D,
              ),
            ),
          ),
        )(x);
        return tf.sum(tf.square(slope));
      })([filter, bias]);
    const [got, wanted] = [of(fused), of(plain)];
    for (const [i, gradient] of got.entries()) await expectClose(gradient, wanted[i]!);
  });
});

test('a critic of dilated layers learns', async () => {
  enableSecondOrderGradients();
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, inputShape: [8, 8, 1] }),
      tf.layers.leakyReLU(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
  const x = tf.randomNormal([4, 8, 8, 1], 0, 1, 'float32', 4);
  const { grads } = tf.variableGrads(() =>
    tf.sum(model.apply(x, { training: true }) as tf.Tensor).asScalar(),
  );
  const sizes = await Promise.all(Object.values(grads).map((g) => tf.norm(g).data()));
  expect(sizes.length).toBe(4);
  for (const [size = 0] of sizes) expect(size).toBeGreaterThan(0);
});

async function expectClose(got: tf.Tensor, wanted: tf.Tensor): Promise<void> {
  const [error = Number.NaN] = await tf.div(tf.norm(tf.sub(got, wanted)), tf.norm(wanted)).data();
  expect(error).toBeLessThan(1e-5);
}
