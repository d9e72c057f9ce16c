import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, shapes, onWasmTrain, startedBackend } from '../support.ts';

const ranked = shapes.filter((shape) => shape.length > 0);

function permutations(rank: number): fc.Arbitrary<number[]> {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank });
}

const exactly = { relative: 0, absolute: 0 };

describe('kernels that move values', () => {
  onWasmTrain();

  test('transpose matches cpu for any order of the axes', async () => {
    // With one axis there is nothing to move, and tfjs runs no kernel.
    const cases = shapes
      .filter((shape) => shape.length > 1)
      .chain((shape) => fc.tuple(fc.constant(shape), permutations(shape.length)));
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ([shape, perm], seed) => {
        await expectAsOnCpu(() => tf.transpose(noisy(shape, seed), perm), exactly);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    { shape: [300, 517], perm: [1, 0] },
    { shape: [8, 14, 14, 32], perm: [0, 3, 1, 2] },
    { shape: [2, 3, 4, 5, 6, 3], perm: [5, 3, 1, 4, 2, 0] },
  ])('transpose is right at size: $shape by $perm', async ({ shape, perm }) => {
    await expectAsOnCpu(() => tf.transpose(noisy(shape, 1), perm), exactly);
  });

  test('slice matches cpu for any window', async () => {
    const cases = ranked.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(
          ...shape.map((side) =>
            fc
              .nat(side - 1)
              .chain((begin) =>
                fc.tuple(fc.constant(begin), fc.integer({ min: 1, max: side - begin })),
              ),
          ),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ([shape, windows], seed) => {
        const begin = windows.map(([first]) => first);
        const size = windows.map(([, count]) => count);
        await expectAsOnCpu(() => tf.slice(tf.neg(noisy(shape, seed)), begin, size), exactly);
        await expectAsOnCpu(() => tf.slice(noisy(shape, seed), begin, size), {
          ...exactly,
          ours: false,
        });
      }),
      { numRuns: 100 },
    );
  });

  test('pad matches cpu for any margins', async () => {
    const cases = ranked.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(...shape.map(() => fc.tuple(fc.nat(3), fc.nat(3)))),
        fc.constantFrom(0, -1.5),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ([shape, margins, value], seed) => {
        await expectAsOnCpu(() => tf.pad(noisy(shape, seed), margins, value), exactly);
      }),
      { numRuns: 100 },
    );
  });

  test('tile matches cpu for any repeats', async () => {
    const cases = ranked
      .filter((shape) => shape.length < 5)
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 })))),
      );
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ([shape, reps], seed) => {
        await expectAsOnCpu(() => tf.tile(noisy(shape, seed), reps), exactly);
      }),
      { numRuns: 60 },
    );
  });

  test('concat matches cpu along any axis', async () => {
    const cases = ranked.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.nat(shape.length - 1),
        fc.array(fc.nat(5), { minLength: 2, maxLength: 4 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ([shape, axis, lengths], seed) => {
        const compute = (): tf.Tensor =>
          tf.concat(
            lengths.map((length, part) => noisy(shape.with(axis, length), seed + part)),
            axis,
          );
        const ours = lengths.filter((length) => length > 0).length > 1;
        await expectAsOnCpu(compute, { ...exactly, ours });
      }),
      { numRuns: 100 },
    );
  });

  test('split matches cpu along any axis, into equal parts or given ones', async () => {
    const cases = ranked.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.nat(shape.length - 1),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, axis, sizes]) => {
        const whole = shape.with(
          axis,
          sizes.reduce((sum, size) => sum + size, 0),
        );
        await expectAsOnCpu(() => tf.split(noisy(whole, 1), sizes, axis), exactly);
        const even = shape.with(axis, 3 * (shape[axis] ?? 1));
        await expectAsOnCpu(() => tf.split(noisy(even, 2), 3, axis), exactly);
      }),
      { numRuns: 60, seed: 4 },
    );
    await expectAsOnCpu(() => tf.split(noisy([4, 3], 1), [4, 0], 0), { ...exactly, ours: false });
  });

  test('integers are moved as well, booleans and strings by cpu', async () => {
    const whole = (): tf.Tensor => tf.tensor([1, -2, 3, 4, 5, 2 ** 31 - 1], [2, 3], 'int32');
    await expectAsOnCpu(() => tf.transpose(whole()), exactly);
    await expectAsOnCpu(() => tf.concat([whole(), whole()], 1), exactly);
    await expectAsOnCpu(() => tf.slice(whole(), [0, 1], [2, 2]), exactly);
    const bits = (): tf.Tensor => tf.tensor([1, 0, 1, 1, 0, 0], [2, 3], 'bool');
    await expectAsOnCpu(() => tf.transpose(bits()), { ...exactly, ours: false });
    await startedBackend();
    const words = tf.tidy(() =>
      tf
        .tensor2d([
          ['a', 'b'],
          ['c', 'd'],
        ])
        .slice([0, 1], [2, 1])
        .arraySync(),
    );
    expect(words).toEqual([['b'], ['d']]);
  });
});
