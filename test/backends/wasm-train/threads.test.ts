import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { createDcgan, datasetFromArray } from 'tfjs-gan';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { currentBackend, noise, noisy } from './support.ts';

type Simd = 'plain' | 'relaxed';

/** The result of a backend with some threads, with work split as finely as possible. */
async function withThreads<Result>(
  threads: number,
  compute: () => Result | Promise<Result>,
  simd: Simd = 'plain',
): Promise<Result> {
  await removeBackend();
  await wasmTrain({ threads, simd }).activate();
  const { workers } = currentBackend();
  expect(workers?.alive ?? 1).toBe(threads);
  if (workers !== undefined) workers.leastOperations = 1;
  return await compute();
}

async function removeBackend(): Promise<void> {
  await tf.setBackend('cpu');
  if (tf.engine().registryFactory['wasm-train'] !== undefined) tf.removeBackend('wasm-train');
}

type Computation = () => tf.Tensor | tf.Tensor[];

/**
 * The bits of the results of several computations, each as a hash, so that a difference prints
 * short.
 */
function bitsOf(computations: readonly Computation[]): string[] {
  return computations.flatMap((compute) => {
    const results = [tf.tidy(compute)].flat();
    const bits = results.map((result) => {
      const values = result.dataSync();
      return createHash('sha256').update(values).digest('hex');
    });
    tf.dispose(results);
    return bits;
  });
}

async function expectSameBits(computations: readonly Computation[], simd: Simd): Promise<void> {
  const one = await withThreads(1, () => bitsOf(computations), simd);
  expect(one.length).toBeGreaterThanOrEqual(computations.length);
  expect(await withThreads(2, () => bitsOf(computations), simd)).toEqual(one);
  expect(await withThreads(3, () => bitsOf(computations), simd)).toEqual(one);
}

const side = fc.integer({ min: 1, max: 70 });
const few = fc.integer({ min: 1, max: 12 });

const products: fc.Arbitrary<Computation> = fc
  .record({ m: side, k: side, n: side, batch: few, a: fc.boolean(), b: fc.boolean() })
  .map(({ m, k, n, batch, a, b }) => () => {
    const left = noisy(a ? [batch, k, m] : [batch, m, k], m);
    const right = noisy(b ? [n, k] : [k, n], n).expandDims(0);
    return tf.matMul(left, right, a, b);
  });

const convolutions: fc.Arbitrary<Computation> = fc
  .record({
    batch: fc.integer({ min: 1, max: 33 }),
    size: fc.integer({ min: 5, max: 11 }),
    channelsIn: few,
    channelsOut: fc.integer({ min: 1, max: 40 }),
    taps: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .map(({ batch, size, channelsIn, channelsOut, taps, stride, pad }) => () => {
    const x = noisy([batch, size, size, channelsIn], size) as tf.Tensor4D;
    const filter = noisy([taps, taps, channelsIn, channelsOut], taps) as tf.Tensor4D;
    const y = tf.conv2d(x, filter, stride, pad);
    const dy = noisy(y.shape, channelsOut) as tf.Tensor4D;
    const gradients = tf.grads((image, weights) =>
      tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, stride, pad),
    )([x, filter], dy);
    return [y, ...gradients];
  });

const everythingElse: fc.Arbitrary<Computation> = fc
  .record({ rows: fc.integer({ min: 1, max: 300 }), columns: side, planes: few })
  .map(({ rows, columns, planes }) => () => {
    const x = noisy([planes, rows, columns], rows);
    const row = noisy([columns], columns);
    const column = noisy([rows, 1], planes);
    const positive = row.square().add(0.1);
    return [
      ...[x.add(row), x.mul(column), x.greater(row), row.sub(x), tf.minimum(column, row)],
      ...[x.tanh(), x.leakyRelu(0.2), x.sigmoid(), tf.where(x.greater(0), x, x.neg())],
      ...[x.sum([0, 1]), x.mean(2), x.max([0, 1]), x.min(1), x.sum()],
      ...[x.transpose([2, 0, 1]), x.slice([0, 0, 0], [planes, 1, columns]), tf.concat([x, x], 1)],
      ...[
        x.pad([
          [1, 0],
          [0, 2],
          [1, 1],
        ]),
        x.greater(row).cast('float32'),
        tf.zerosLike(x),
      ],
      tf.batchNorm(x.reshape<tf.Tensor4D>([-1, 1, 1, columns]), row, positive, row, positive),
      ...tf
        .engine()
        .runKernel<tf.Tensor[]>(
          'AdamUpdate',
          { value: x, gradient: x.square(), firstMoment: x, secondMoment: x.square() },
          { stepSize: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-7, secondCorrection: 0.3 },
        ),
    ];
  });

describe('threads', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await removeBackend();
  });

  test('use memory that has grown since they started', async () => {
    const kept: tf.Tensor[] = [];
    await withThreads(2, () => {
      const { pool } = currentBackend();
      const before = pool.bytesReserved;
      for (let round = 0; round < 60; round++) {
        // Copies of whole rows are the engine's own, which checks their bounds itself.
        const row = tf.fill([1, 1000], round);
        const [tiled, joined] = [row.tile([200, 1]), tf.concat([row, row.add(1)], 1)];
        kept.push(tiled, joined, tf.concat([tiled, tiled], 1).slice([0, 500], [200, 1000]));
        row.dispose();
        const sums = tf.tidy(() => kept.slice(-3).map((tensor) => tensor.mean().arraySync()));
        expect(sums).toEqual([round, round + 0.5, round]);
      }
      expect(pool.bytesReserved).toBeGreaterThan(50 * before);
    });
    tf.dispose(kept);
  });

  test('are not woken by small work', async () => {
    await withThreads(2, async () => {
      currentBackend().workers!.leastOperations = 2 ** 17;
      const [rows, weights] = [noise(32 * 64, 1), noise(64 * 64, 2)];
      const [image, filter] = [noise(4 * 7 * 7 * 32, 3), noise(5 * 5 * 32 * 32, 4)];
      const x = tf.tensor(rows, [32, 64]);
      const dense = (): tf.Tensor =>
        x
          .matMul(tf.tensor(weights, [64, 64]))
          .tanh()
          .sum(0);
      const dy = tf.tensor4d(image, [4, 7, 7, 32]);
      // Four products, one for each phase of the stride, with too few places for minimal filtering.
      const phases = (): tf.Tensor =>
        tf.conv2dTranspose(
          dy.slice([0, 0, 0, 0], [1, 2, 2, 32]),
          tf.tensor4d(filter, [5, 5, 32, 32]),
          [1, 4, 4, 32],
          2,
          'same',
        );
      const notify = vi.spyOn(Atomics, 'notify');
      for (let round = 0; round < 10; round += 1) {
        await setTimeout(5);
        tf.dispose(tf.tidy(() => [dense(), phases()]));
      }
      expect(notify).not.toHaveBeenCalled();
      await vi.waitFor(() => {
        tf.tidy(() => tf.ones([512, 512]).matMul(tf.ones([512, 512])));
        expect(notify).toHaveBeenCalled();
      }, 60_000);
      tf.dispose([x, dy]);
    });
  });
});

describe.each<Simd>(['plain', 'relaxed'])('with %s SIMD, the number of threads', (simd) => {
  afterEach(removeBackend);

  test.each([
    ['products of matrices', products, 60],
    ['convolutions and their gradients', convolutions, 60],
    ['everything else that is cut', everythingElse, 20],
  ])('does not change the bits of %s', async (_, computations, count) => {
    await expectSameBits(fc.sample(computations, count), simd);
  });

  test('does not change the bits of a training run', async () => {
    const train = async (): Promise<string[]> => {
      const gan = createDcgan({ imageShape: [28, 28, 1], baseFilters: 8, seed: 7 });
      const dataset = datasetFromArray(noise(24 * 784, 5, 1), { sampleShape: [28, 28, 1] });
      await gan.trainer.fit(dataset, { batchSize: 8, steps: 3 });
      const bits = bitsOf([
        () =>
          [gan.generator.model, gan.discriminator.model].flatMap((model) =>
            model.getWeights().map((weights) => weights.clone()),
          ),
      ]);
      gan.dispose();
      return bits;
    };
    const one = await withThreads(1, train, simd);
    expect(one.length).toBeGreaterThan(10);
    expect(await withThreads(2, train, simd)).toEqual(one);
    expect(await withThreads(3, train, simd)).toEqual(one);
  });
});
