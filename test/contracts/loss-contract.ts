import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Loss } from '../../src/losses/loss.ts';

const realLogits = [2.5, -0.3, 0.7, -4];
const fakeLogits = [-1.5, 0.4, 3.1, -0.2];

/**
 * What every loss must keep, whatever it computes: a new loss is proven with one line.
 *
 * @param make - Makes the loss.
 */
export function lossContract(make: () => Loss): void {
  const logits = (values: number[]): tf.Tensor => tf.tensor2d(values, [values.length, 1]);
  const discriminate = (loss: Loss) => loss.discriminator(logits(realLogits), logits(fakeLogits));
  const generate = (loss: Loss, fake = logits(fakeLogits)) =>
    loss.generator(fake, loss.generatorNeedsReal === true ? logits(realLogits) : undefined);

  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  describe(`keeps the contract of a loss: ${make().name}`, () => {
    test('answers a finite scalar to both players', () => {
      tf.tidy(() => {
        for (const value of [discriminate(make()), generate(make())]) {
          expect(value.shape).toEqual([]);
          expect(value.dtype).toBe('float32');
          expect(Number.isFinite(value.arraySync())).toBe(true);
        }
      });
    });

    test('stays finite where the discriminator is sure', () => {
      tf.tidy(() => {
        const sure = logits([1e4, -1e4]);
        expect(Number.isFinite(make().discriminator(sure, sure).arraySync())).toBe(true);
        expect(Number.isFinite(generate(make(), sure).arraySync())).toBe(true);
      });
    });

    test('pulls real logits up and fake ones down for the discriminator, fake ones up for the generator', () => {
      tf.tidy(() => {
        const [onReal, onFake] = tf.grads((real, fake) => make().discriminator(real, fake))([
          logits([0, 0]),
          logits([0, 0]),
        ]) as [tf.Tensor, tf.Tensor];
        expect(Math.max(...onReal.dataSync())).toBeLessThan(0);
        expect(Math.min(...onFake.dataSync())).toBeGreaterThan(0);
        const onGenerated = tf.grad((fake) => generate(make(), fake))(logits([0, 0, 0, 0]));
        expect(Math.max(...onGenerated.dataSync())).toBeLessThan(0);
      });
    });

    test('answers the same twice', () => {
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
  });
}
