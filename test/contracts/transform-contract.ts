import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { R1Penalty, R2Penalty, Random, type Transform, useBackend } from 'tfjs-gan';
import { blobs, timeless, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';

const none = { generator: 'batch', discriminator: 'none' } as const;
const run = { batchSize: 4 };

/**
 * What every transform of images must keep, whatever it does: a new one is proven with one line.
 *
 * @param make - Makes the transform, one that changes images.
 */
export function transformContract(make: () => Transform): void {
  const { name } = make();
  const gan = (penalties = [new R1Penalty({ weight: 1 }), new R2Penalty({ weight: 1 })]) =>
    tinyDcgan({ transforms: [make()], penalties, normalization: none });

  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  describe(`keeps the contract of a transform: ${name}`, () => {
    test('leaves the samples and their shape as they are, and no tensors behind', async () => {
      const samples = tf.randomUniform([4, 8, 8, 1], -1, 1, 'float32', 3);
      const before = await samples.data();
      const slots = new Map<string, tf.Tensor>();
      const context = {
        random: new Random(3),
        progress: { step: 1, update: 1, samples: 0 },
        slot: (key: string, initial: () => tf.Tensor) => ({
          get: () => slots.get(key) ?? slots.set(key, tf.keep(initial())).get(key)!,
          set: (value: tf.Tensor) => slots.set(key, tf.keep(value)),
        }),
      };
      const transform = make();
      const shape = transform.outputShape?.([8, 8, 1]) ?? [8, 8, 1];
      const output = tf.tidy(() => transform.apply(samples, context));
      expect(output.shape).toEqual([4 / (transform.rows ?? 1), ...shape]);
      expect(await samples.data()).toEqual(before);
      const count = tf.memory().numTensors;
      tf.tidy(() => {
        transform.apply(samples, context);
      });
      expect(tf.memory().numTensors).toBe(count);
      tf.dispose([samples, output, ...slots.values()]);
    });

    test('lets a gradient through to the generator', async () => {
      using game = gan([]);
      const { steps } = await game.trainer.fit(blobs(), { ...run, steps: 2 });
      expect(steps[1]!.gradientNorms.generator).toBeGreaterThan(0);
    });

    test('is exact at second order: the penalty falls as its gradient says', () => {
      const kernel = tf.randomNormal([3, 3, 1, 4], 0, 0.5, 'float32', 7);
      const images = tf.randomUniform([4, 8, 8, 1], -1, 1, 'float32', 8);
      const slots = new Map<string, tf.Tensor>();
      const penalty = (weights: tf.Tensor): tf.Scalar => {
        const context = {
          random: new Random(9),
          progress: { step: 1, update: 1, samples: 0 },
          // At one half, so that an adaptive transform changes something.
          slot: (key: string) => ({
            get: () => slots.get(key) ?? slots.set(key, tf.keep(tf.scalar(0.5))).get(key)!,
            set: () => undefined,
          }),
        };
        const logits = (x: tf.Tensor): tf.Tensor => {
          const seen = make().apply(x, context) as tf.Tensor4D;
          return tf.sum(tf.square(tf.tanh(tf.conv2d(seen, weights as tf.Tensor4D, 2, 'same'))));
        };
        return tf.mean(tf.square(tf.grad(logits)(images))).asScalar();
      };
      tf.tidy(() => {
        const direction = tf.randomNormal(kernel.shape, 0, 1, 'float32', 10);
        const slope = tf.sum(tf.mul(tf.grad((w) => penalty(w))(kernel), direction)).dataSync()[0]!;
        const step = 1e-2;
        const change = (by: number): number => {
          const [ahead, behind] = [by, -by].map(
            (size) => penalty(tf.add(kernel, tf.mul(direction, size))).dataSync()[0]!,
          );
          return ahead! - behind!;
        };
        // Of fourth order in the step.
        const difference = (8 * change(step) - change(2 * step)) / (12 * step);
        expect(Math.abs(slope)).toBeGreaterThan(1e-3);
        expect(Math.abs(slope - difference) / Math.abs(slope)).toBeLessThan(2e-3);
      });
      tf.dispose([kernel, images, ...slots.values()]);
    });

    test('trains with no tensors left behind', async () => {
      using game = gan();
      await game.trainer.fit(blobs(), { ...run, steps: 1 });
      const before = tf.memory().numTensors;
      await game.trainer.fit(blobs(), { ...run, steps: 2 });
      expect(tf.memory().numTensors).toBe(before);
    });

    test.each(['cpu', 'wasm-train'] as const)(
      'continues bit-for-bit from a snapshot on %s',
      async (backend) => {
        await useBackend(backend);
        const play = async (stops: readonly number[]): Promise<unknown> => {
          let game = gan();
          for (const stop of stops) {
            await game.trainer.fit(blobs(), { ...run, until: { steps: stop } });
            const snapshot = structuredClone(await game.trainer.snapshot());
            game.dispose();
            game = gan();
            // The first time as in a new program, the second time as one that is already under way.
            if (stop > 1) await game.trainer.fit(blobs(), { ...run, steps: 1 });
            await game.trainer.restore(snapshot);
          }
          const { steps } = await game.trainer.fit(blobs(), { ...run, until: { steps: 6 } });
          const reached = [weightsOf(game), timeless(steps)];
          game.dispose();
          return reached;
        };
        expect(await play([1, 4])).toEqual(await play([]));
        await useBackend('cpu');
      },
    );
  });
}
