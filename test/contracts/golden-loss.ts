import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { Loss } from '../../src/losses/loss.ts';
import golden from '../golden/losses.json' with { type: 'json' };

/** Numbers of one loss, made by `test/golden/make_losses.py`. */
export interface GoldenLoss {
  readonly discriminator: number;
  readonly generator: number;
  readonly realGradient: readonly number[];
  readonly fakeGradient: readonly number[];
  readonly generatorGradient: readonly number[];
}

/** Holds a loss and its gradients against PyTorch's in float64, to 1e-5 relative. */
export function expectGolden(loss: Loss, wanted: GoldenLoss): void {
  tf.tidy(() => {
    const real = tf.tensor2d(golden.real, [golden.real.length, 1]);
    const fake = tf.tensor2d(golden.fake, [golden.fake.length, 1]);
    const discriminate = tf.valueAndGrads((r: tf.Tensor, f: tf.Tensor) => loss.discriminator(r, f));
    const judged = discriminate([real, fake]);
    const made = tf.valueAndGrad((f: tf.Tensor) => loss.generator(f, real))(fake);
    expectClose([judged.value.arraySync()], [wanted.discriminator]);
    expectClose([made.value.arraySync()], [wanted.generator]);
    const [onReal, onFake] = judged.grads as [tf.Tensor, tf.Tensor];
    expectClose(onReal.dataSync(), wanted.realGradient);
    expectClose(onFake.dataSync(), wanted.fakeGradient);
    expectClose(made.grad.dataSync(), wanted.generatorGradient);
  });
}

function expectClose(actual: ArrayLike<number>, wanted: readonly number[]): void {
  expect(actual.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const error = Math.abs((actual[i] ?? Number.NaN) - value);
    expect(error).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-9);
  });
}
