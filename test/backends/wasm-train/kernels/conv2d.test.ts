import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { expectAsOnCpu, isResident, noisy, startedBackend } from '../support.ts';

/** Sums of many terms, which cpu adds in double precision. */
const tolerance = { relative: 1e-4, absolute: 1e-4 } as const;

type Padding = 'same' | 'valid' | tf.backend_util.ExplicitPadding;

interface Case {
  readonly x: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: Padding;
}

/** Settings of a convolution at every pixel. */
const plain: Omit<Case, 'x' | 'filter'> = { strides: [1, 1], dilations: [1, 1], pad: 'same' };

const channels = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16, 17);
const paddings = fc.oneof(
  fc.constantFrom<Padding>('same', 'valid'),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
    .map(([top, bottom, left, right]): Padding => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]),
);

function outputShape({ x, filter, strides, dilations, pad }: Case): number[] {
  return tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad).outShape;
}

/** Convolutions of every kind that return at least one pixel. */
function cases(dilated: boolean): fc.Arbitrary<Case> {
  const size = fc.integer({ min: 1, max: 13 });
  const taps = fc.integer({ min: 1, max: 5 });
  const step = fc.integer({ min: 1, max: 3 });
  return fc
    .record({
      batch: fc.constantFrom(1, 2, 4, 5, 8, 11, 16),
      size: fc.tuple(size, size),
      channels: fc.tuple(channels, channels),
      taps: fc.tuple(taps, taps),
      steps: fc.tuple(step, step),
      pad: paddings,
    })
    .map(
      ({ batch, size: [height, width], channels: [from, to], taps: kernel, steps, pad }): Case => ({
        x: [batch, height, width, from],
        filter: [...kernel, from, to],
        strides: dilated ? [1, 1] : steps,
        dilations: dilated ? steps : [1, 1],
        pad,
      }),
    )
    .filter((shape) => outputShape(shape).every((side) => side > 0));
}

function run({ x, filter, strides, dilations, pad }: Case): tf.Tensor {
  return tf.conv2d(
    noisy(x, 1, 1) as tf.Tensor4D,
    noisy(filter, 2, 1) as tf.Tensor4D,
    strides,
    pad,
    'NHWC',
    dilations,
  );
}

beforeEach(async () => {
  await startedBackend();
});

describe('Conv2D', () => {
  test('matches cpu, for any size, stride, padding and channels', async () => {
    await fc.assert(
      fc.asyncProperty(cases(false), async (shape) => {
        await expectAsOnCpu(() => run(shape), tolerance);
      }),
      { numRuns: 75 },
    );
  });

  test('matches cpu when dilated', async () => {
    await fc.assert(
      fc.asyncProperty(cases(true), async (shape) => {
        await expectAsOnCpu(() => run(shape), tolerance);
      }),
      { numRuns: 80 },
    );
  });

  test('sums more channels than one block takes', async () => {
    for (const [from, to] of [
      [390, 9],
      [400, 1],
    ] as const) {
      const shape: Case = { ...plain, x: [2, 4, 5, from], filter: [3, 3, from, to] };
      await expectAsOnCpu(() => run(shape), { relative: 1e-4, absolute: 5e-4 });
    }
  });

  test('takes more positions than one block holds', async () => {
    await expectAsOnCpu(
      () => run({ ...plain, x: [3, 31, 33, 2], filter: [5, 5, 2, 3] }),
      tolerance,
    );
  });

  test('leaves channels-first images, empty ones and integers to cpu', async () => {
    const filter = (): tf.Tensor4D => noisy([3, 3, 2, 4], 2) as tf.Tensor4D;
    await expectAsOnCpu(
      () => tf.conv2d(noisy([1, 2, 6, 6], 1) as tf.Tensor4D, filter(), 1, 'same', 'NCHW'),
      { ours: false, ...tolerance },
    );
    await expectAsOnCpu(() => tf.conv2d(tf.zeros<tf.Rank.R4>([0, 6, 6, 2]), filter(), 1, 'same'), {
      ours: false,
    });
  });

  test('returns the same bits for an image in any batch', () => {
    tf.tidy(() => {
      const x = noisy([40, 9, 7, 6], 1) as tf.Tensor4D;
      const filter = noisy([3, 3, 6, 10], 2) as tf.Tensor4D;
      const whole = tf.conv2d(x, filter, 2, 'same').slice([11], [7]);
      const part = tf.conv2d(x.slice<tf.Tensor4D>([11], [7]), filter, 2, 'same');
      expect(part.dataSync()).toEqual(whole.dataSync());
    });
  });

  test('propagates NaN and infinity through zeros of the filter', () => {
    tf.tidy(() => {
      for (const special of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const x = tf.fill<tf.Rank.R4>([2, 4, 4, 3], special);
        for (const filters of [1, 9]) {
          const y = tf.conv2d(x, tf.zeros<tf.Rank.R4>([3, 3, 3, filters]), 1, 'same');
          expect([...y.dataSync()].every(Number.isNaN)).toBe(true);
        }
      }
    });
  });

  test('limits a NaN to the pixels that read it', async () => {
    const values = (): tf.Tensor4D => {
      const x = noisy([6, 7, 7, 2], 1).arraySync() as number[][][][];
      const pixel = x[3]?.[2]?.[4];
      if (pixel !== undefined) pixel[1] = Number.NaN;
      return tf.tensor4d(x);
    };
    await expectAsOnCpu(
      () => tf.conv2d(values(), noisy([3, 3, 2, 5], 2) as tf.Tensor4D, 1, 'same'),
      tolerance,
    );
  });
});

describe('convolutions of values that are not finite', () => {
  const special = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

  /** Noise with one special value in it. */
  function noisyBut(
    shape: readonly number[],
    seed: number,
    at: number,
    value: number,
  ): tf.Tensor4D {
    const values = noisy([...shape], seed, 1)
      .dataSync()
      .slice();
    values[Math.floor(at * values.length)] = value;
    return tf.tensor4d(values, shape as [number, number, number, number]);
  }

  // Whether a pixel at the border reads the value depends on the tap: on padding it does not.
  test('match cpu, pixel by pixel, and so do their gradients', async () => {
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        cases(false),
        special,
        place,
        fc.constantFrom(0, 1, 2),
        async (shape, value, at, where) => {
          const shapes = [shape.x, shape.filter, outputShape(shape)] as const;
          const make = (i: number): tf.Tensor4D =>
            i === where
              ? noisyBut(shapes[i], i + 1, at, value)
              : (noisy([...shapes[i]!], i + 1, 1) as tf.Tensor4D);
          await expectAsOnCpu(() => {
            const convolve = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
              tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, shape.strides, shape.pad);
            const [x, filter, dy] = [make(0), make(1), make(2)];
            return [convolve(x, filter), ...tf.grads(convolve)([x, filter], dy)];
          }, tolerance);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('Conv2DBackpropInput and Conv2DBackpropFilter', () => {
  function gradients({ x, filter, strides, pad }: Case, shape: number[]): tf.Tensor[] {
    const gradient = tf.grads((image, taps) =>
      tf.conv2d(image as tf.Tensor4D, taps as tf.Tensor4D, strides, pad),
    );
    return gradient([noisy(x, 1, 1), noisy(filter, 2, 1)], noisy(shape, 3, 1));
  }

  test('match the gradients of cpu, for any size, stride, padding and channels', async () => {
    await fc.assert(
      fc.asyncProperty(cases(false), async (shape) => {
        await expectAsOnCpu(() => gradients(shape, outputShape(shape)), tolerance);
      }),
      { numRuns: 75 },
    );
  });

  test('fill the pixels that no tap reaches with zeros', async () => {
    const shape: Case = {
      ...plain,
      x: [2, 8, 9, 9],
      filter: [1, 2, 9, 9],
      strides: [3, 3],
      pad: 'valid',
    };
    await expectAsOnCpu(() => gradients(shape, outputShape(shape)), tolerance);
  });

  test('sum more positions and channels than one block takes', async () => {
    const shape: Case = { ...plain, x: [9, 12, 11, 3], filter: [3, 3, 3, 390] };
    await expectAsOnCpu(() => gradients(shape, outputShape(shape)), {
      relative: 1e-4,
      absolute: 1e-3,
    });
  });

  test('run transposed and one-dimensional convolutions', async () => {
    await expectAsOnCpu(
      () =>
        tf.conv2dTranspose(
          noisy([3, 5, 4, 6], 1) as tf.Tensor4D,
          noisy([5, 5, 2, 6], 2) as tf.Tensor4D,
          [3, 10, 8, 2],
          2,
          'same',
        ),
      tolerance,
    );
    await expectAsOnCpu(
      () =>
        tf.grads((x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 2, 'same'))(
          [noisy([3, 9, 4], 1), noisy([3, 4, 5], 2)],
          noisy([3, 5, 5], 3),
        ),
      tolerance,
    );
  });

  test('leave no memory behind but their results', async () => {
    const backend = await startedBackend();
    const shape: Case = { ...plain, x: [8, 9, 8, 1], filter: [3, 3, 1, 6], strides: [2, 2] };
    const once = (): void => {
      tf.dispose(tf.tidy(() => gradients(shape, outputShape(shape))));
    };
    once();
    const before = backend.pool.bytesInUse;
    once();
    expect(backend.pool.bytesInUse).toBe(before);
  });
});

describe('FusedConv2D', () => {
  const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

  function fused(
    filters: number,
    biasShape: number[],
    activation: (typeof activations)[number],
    preluShape: number[],
  ): tf.Tensor {
    return tf.fused.conv2d({
      x: noisy([3, 6, 5, 16], 1, 1) as tf.Tensor4D,
      filter: noisy([3, 3, 16, filters], 2, 1) as tf.Tensor4D,
      strides: 1,
      pad: 'same',
      bias: noisy(biasShape, 3),
      activation,
      preluActivationWeights: noisy(preluShape, 4),
      leakyreluAlpha: 0.3,
    });
  }

  test.each(activations)('matches cpu with the activation %s', async (activation) => {
    for (const filters of [1, 2, 6, 11]) {
      await expectAsOnCpu(() => fused(filters, [filters], activation, [filters]), tolerance);
    }
  });

  test.each([[[]], [[1]], [[2]], [[5, 2]], [[6, 1, 1]], [[3, 6, 5, 2]]])(
    'adds a bias of shape %j',
    async (shape) => {
      await expectAsOnCpu(() => fused(2, shape, 'linear', []), tolerance);
    },
  );

  test.each([[[]], [[1]], [[10]], [[6, 5, 10]], [[6, 1, 1]]])(
    'takes slopes of shape %j',
    async (shape) => {
      await expectAsOnCpu(() => fused(10, [10], 'prelu', shape), tolerance);
    },
  );

  test('matches the gradients of cpu', async () => {
    await expectAsOnCpu(() => {
      const gradients = tf.grads((x, filter, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          bias: bias,
          strides: 2,
          pad: 'same',
        }),
      );
      const inputs = [noisy([2, 7, 6, 3], 1), noisy([5, 5, 3, 4], 2), noisy([4], 3)];
      return gradients(inputs, noisy([2, 4, 3, 4], 4));
    }, tolerance);
  });

  test('runs convolutional layers, also while they are trained', () => {
    tf.tidy(() => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 5, padding: 'same' }),
          tf.layers.conv2dTranspose({ filters: 2, kernelSize: 5, strides: 2, padding: 'same' }),
        ],
      });
      const { grads } = tf.variableGrads(() =>
        (model.apply(noisy([2, 8, 8, 1], 1)) as tf.Tensor).square().sum<tf.Scalar>(),
      );
      expect(Object.values(grads).every((gradient) => isResident(gradient))).toBe(true);
    });
  });
});
