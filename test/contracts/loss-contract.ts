import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMlpGan, ring8 } from 'tfjs-gan';
import type { Loss } from '../../src/losses/loss.ts';
import { weightsOf } from '../support/tiny-gan.ts';

const realLogits = [2.5, -0.3, 0.7, -4];
const fakeLogits = [-1.5, 0.4, 3.1, -0.2];

/**
 * What every loss must keep, whatever it computes: a new loss is proven with one line.
 *
 * @param make - Makes the loss.
 * @param backend - Where, by its name in TensorFlow.js.
 */
export function lossContract(make: () => Loss, backend = 'cpu'): void {
  const logits = (values: number[]): tf.Tensor => tf.tensor2d(values, [values.length, 1]);
  const discriminate = (loss: Loss) => loss.discriminator(logits(realLogits), logits(fakeLogits));
  const generate = (loss: Loss, fake = logits(fakeLogits), real = logits(realLogits)) =>
    loss.generator(fake, loss.usesRealLogits === true ? real : undefined);
  const about = JSON.stringify(make().settings ?? {});

  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe(`keeps the contract of a loss: ${make().name} ${about}`, () => {
    test('returns a finite scalar for both networks', () => {
      tf.tidy(() => {
        for (const value of [discriminate(make()), generate(make())]) {
          expect(value.shape).toEqual([]);
          expect(value.dtype).toBe('float32');
          expect(Number.isFinite(value.arraySync())).toBe(true);
        }
      });
    });

    test('takes the logits of a discriminator of patches', () => {
      tf.tidy(() => {
        const [real, fake] = [realLogits, fakeLogits].map((values) =>
          tf.tensor4d(values, [1, 2, 2, 1]),
        ) as [tf.Tensor, tf.Tensor];
        const onPatches = make().discriminator(real, fake);
        expect(onPatches.shape).toEqual([]);
        expect(onPatches.arraySync()).toBe(discriminate(make()).arraySync());
        expect(generate(make(), fake, real).arraySync()).toBe(generate(make()).arraySync());
      });
    });

    test('stays finite if the discriminator is sure, gradients too', () => {
      tf.tidy(() => {
        const sure = logits([1e4, -1e4]);
        const judged = tf.valueAndGrads((real, fake) => make().discriminator(real, fake));
        const { value, grads } = judged([sure, tf.neg(sure)]);
        const made = tf.valueAndGrad((fake) => generate(make(), fake, sure))(tf.neg(sure));
        for (const tensor of [value, ...grads, made.value, made.grad]) {
          expect([...tensor.dataSync()].every(Number.isFinite)).toBe(true);
        }
      });
    });

    test('pulls real logits up and fake ones down for the discriminator, fake ones up for the generator', () => {
      tf.tidy(() => {
        const low = logits([-3, -3]);
        const high = logits([3, 3]);
        const [onReal, onFake] = tf.grads((real, fake) => make().discriminator(real, fake))([
          low,
          high,
        ]) as [tf.Tensor, tf.Tensor];
        expect(Math.max(...onReal.dataSync())).toBeLessThan(0);
        expect(Math.min(...onFake.dataSync())).toBeGreaterThan(0);
        const onGenerated = tf.grad((fake) => generate(make(), fake, high))(low);
        expect(Math.max(...onGenerated.dataSync())).toBeLessThan(0);
      });
    });

    test('reads real logits in the generator’s turn only if it says so', () => {
      const loss = make();
      tf.tidy(() => {
        const fake = logits(fakeLogits);
        const withReal = (real: number[]) => loss.generator(fake, logits(real)).arraySync();
        const moved = withReal(realLogits) !== withReal([1, 2, 3, 4]);
        expect(moved).toBe(loss.usesRealLogits === true);
      });
    });

    test('returns the same twice, bit-for-bit', () => {
      tf.tidy(() => {
        const loss = make();
        expect(discriminate(loss).arraySync()).toBe(discriminate(loss).arraySync());
        expect(generate(loss).arraySync()).toBe(generate(loss).arraySync());
      });
    });

    test('leaves its inputs as they are and no tensors behind', () => {
      const loss = make();
      const [real, fake] = [logits(realLogits), logits(fakeLogits)];
      const before = tf.memory().numTensors;
      loss.discriminator(real, fake).dispose();
      loss.generator(fake, real).dispose();
      expect(tf.memory().numTensors).toBe(before);
      expect([...real.dataSync()]).toEqual([...Float32Array.from(realLogits)]);
      expect([...fake.dataSync()]).toEqual([...Float32Array.from(fakeLogits)]);
      tf.dispose([real, fake]);
    });

    test('trains: both networks move, the same way each time', async () => {
      const train = async (steps: number): Promise<number[][]> => {
        const sizes = { sampleShape: [2], latentSize: 2, hiddenUnits: [8] };
        const gan = createMlpGan({ ...sizes, loss: make() });
        await gan.trainer.fit(ring8({ size: 32 }), { steps, batchSize: 8 });
        const weights = weightsOf(gan);
        gan.dispose();
        return weights;
      };
      const [before, after, again] = [await train(0), await train(2), await train(2)];
      expect(after.flat().every(Number.isFinite)).toBe(true);
      expect(after).toEqual(again);
      // First and last kernel of each network: hidden, output, hidden, output, each with a bias.
      for (const kernel of [0, 2, 4, 6]) expect(after[kernel]).not.toEqual(before[kernel]);
    });
  });
}
