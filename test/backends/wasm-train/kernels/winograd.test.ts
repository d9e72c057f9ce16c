import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { convolutionOf } from '../../../../src/backends/wasm-train/kernels/convolution.ts';
import { planWinograd } from '../../../../src/backends/wasm-train/kernels/winograd-plan.ts';
import { expectAsOnCpu, noisy, startedBackend } from '../support.ts';

const tolerance = { relative: 1e-4, absolute: 2e-4 } as const;

interface Case {
  readonly x: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | tf.backend_util.ExplicitPadding;
}

/** Convolutions with all the special cases at the edges of tiles. */
const shapes = fc
  .record({
    batch: fc.integer({ min: 8, max: 9 }),
    size: fc.tuple(fc.integer({ min: 5, max: 13 }), fc.integer({ min: 5, max: 13 })),
    channels: fc.tuple(fc.constantFrom(32, 40), fc.constantFrom(32, 40)),
    kernel: fc.constantFrom<[number, number][]>([3, 1], [3, 2], [4, 2], [5, 2], [6, 2]),
    pad: fc.oneof(
      fc.constantFrom<Case['pad']>('same', 'valid'),
      fc.tuple(fc.nat(2), fc.nat(2)).map(([before, after]): Case['pad'] => [
        [0, 0],
        [before, after],
        [after, before],
        [0, 0],
      ]),
    ),
  })
  .map(({ batch, size, channels: [from, to], kernel: [taps, stride], pad }): Case => ({
    x: [batch, ...size, from],
    filter: [taps, taps, from, to],
    strides: [stride, stride],
    pad,
  }));

/**
 * The tile that a convolution is cut into, by axis, or `undefined` if it is done the direct way.
 */
function tileOf({ x, filter, strides, pad }: Case): readonly number[] | undefined {
  const sizes = convolutionOf(x, filter, { strides, pad, dataFormat: 'NHWC' });
  return sizes && planWinograd(sizes, 'forward')?.tile;
}

function isTaken(shape: Case): boolean {
  return tileOf(shape) !== undefined;
}

function outputShape({ x, filter, strides, pad }: Case): [number, number, number, number] {
  return tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad).outShape;
}

function everyDirection(
  shape: Case,
  x: tf.Tensor4D = noisy(shape.x, 1, 1) as tf.Tensor4D,
): tf.Tensor[] {
  const { strides, pad } = shape;
  const filter = noisy(shape.filter, 2, 1) as tf.Tensor4D;
  const gradient = noisy(outputShape(shape), 3, 1);
  const convolve = (image: tf.Tensor, taps: tf.Tensor): tf.Tensor =>
    tf.conv2d(image as tf.Tensor4D, taps as tf.Tensor4D, strides, pad);
  return [convolve(x, filter), ...tf.grads(convolve)([x, filter], gradient)];
}

beforeEach(async () => {
  await startedBackend();
});

describe('minimal filtering', () => {
  test.each([
    [2, 2],
    [2, 4],
    [4, 2],
    [4, 4],
  ])('by tiles of %i×%i matches cpu: the convolution and its gradients', async (y, x) => {
    const cases = shapes.filter((shape) => {
      const tile = tileOf(shape);
      return tile?.[0] === y && tile[1] === x;
    });
    await fc.assert(
      fc.asyncProperty(cases, async (shape) => {
        await expectAsOnCpu(() => everyDirection(shape), tolerance);
      }),
      { numRuns: 3 },
    );
  });

  test.each([
    [14, 64, 128],
    [14, 128, 128],
    [28, 64, 128],
  ])(
    "takes the convolutions of the tutorial's DCGAN, %i pixels and %i to %i channels",
    (size, from, to) => {
      const tiles = [8, 32, 64].map((batch) =>
        tileOf({
          x: [batch, size, size, from],
          filter: [5, 5, from, to],
          strides: [2, 2],
          pad: 'same',
        }),
      );
      expect(tiles).toEqual([
        [2, 4],
        [4, 4],
        [4, 4],
      ]);
    },
  );

  test('declines convolutions that it cannot do or would slow down', () => {
    const shape: Case = {
      x: [8, 14, 14, 64],
      filter: [5, 5, 64, 64],
      strides: [2, 2],
      pad: 'same',
    };
    expect(isTaken(shape)).toBe(true);
    expect(isTaken({ ...shape, strides: [1, 1] }), 'five taps of stride 1').toBe(false);
    expect(isTaken({ ...shape, strides: [3, 3] }), 'stride 3').toBe(false);
    expect(isTaken({ ...shape, filter: [1, 1, 64, 64] }), 'a phase without taps').toBe(false);
    expect(isTaken({ ...shape, x: [8, 14, 14, 36], filter: [5, 5, 36, 64] }), '36 channels').toBe(
      false,
    );
    expect(isTaken({ ...shape, x: [1, 4, 4, 64] }), 'few places').toBe(false);
  });

  test('returns infinities and NaN as direct products do', async () => {
    const shape: Case = { x: [8, 8, 8, 32], filter: [5, 5, 32, 32], strides: [2, 2], pad: 'same' };
    expect(isTaken(shape)).toBe(true);
    for (const odd of [Infinity, -Infinity, NaN, 3e38]) {
      await expectAsOnCpu(() => {
        const x = noisy(shape.x, 1, 1);
        const values = x.dataSync().slice();
        values[1000] = odd;
        return everyDirection(shape, tf.tensor4d(values, shape.x)).slice(0, 1);
      }, tolerance);
    }
  });

  test.each([
    { tile: 2, batch: 8, size: 12, most: 5e-6 },
    { tile: 4, batch: 16, size: 16, most: 1e-5 },
  ])(
    'by tiles of $tile differs from cpu by at most $most of the largest value',
    async ({ tile, batch, size, most }) => {
      const shape: Case = {
        x: [batch, size, size, 64],
        filter: [5, 5, 64, 40],
        strides: [2, 2],
        pad: 'same',
      };
      expect(tileOf(shape)).toEqual([tile, tile]);
      const values = (): ArrayLike<number>[] =>
        tf.tidy(() => everyDirection(shape).map((tensor) => tensor.dataSync().slice()));
      const got = values();
      await tf.setBackend('cpu');
      const wanted = values();
      for (const [direction, exact] of wanted.entries()) {
        let largest = 0;
        let error = 0;
        for (const [at, value] of Array.from(exact).entries()) {
          largest = Math.max(largest, Math.abs(value));
          error = Math.max(error, Math.abs(value - (got[direction]?.[at] ?? NaN)));
        }
        expect(error / largest).toBeLessThan(most);
      }
    },
  );

  test('returns the same bits each time', () => {
    const shape: Case = {
      x: [9, 12, 11, 40],
      filter: [5, 5, 40, 32],
      strides: [2, 2],
      pad: 'same',
    };
    const [first, second] = [0, 1].map(() =>
      tf.tidy(() => tf.concat(everyDirection(shape).map((tensor) => tensor.flatten()))),
    ) as [tf.Tensor, tf.Tensor];
    expect(second.dataSync()).toEqual(first.dataSync());
    tf.dispose([first, second]);
  });
});
