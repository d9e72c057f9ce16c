import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Loss } from '../../src/losses/loss.ts';
import { useBackend } from '../../src/backends/select-backend.ts';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import golden from '../golden/losses.json' with { type: 'json' };

/** Numbers of one loss on one pair of logits, made by `test/golden/make_losses.py`. */
interface GoldenLoss {
  readonly discriminator: number;
  readonly generator: number;
  readonly realGradient: readonly number[];
  readonly fakeGradient: readonly number[];
  readonly generatorGradient: readonly number[];
}

/**
 * Compares a loss and its gradients with PyTorch's in float64, to 1e-5 relative, on two backends: random logits, sure
 * and wrong ones up to ±100, patches, and batches of unequal size.
 *
 * @param name - Which of the golden losses it equals.
 * @param make - Makes the loss.
 */
export function equalsGoldenLoss(name: keyof typeof golden.losses, make: () => Loss): void {
  const wanted = Object.entries(golden.losses[name] as Record<string, GoldenLoss>);

  describe.each([
    ['cpu', 'cpu'],
    ['wasm-train', wasmTrain({ threads: 1 })],
  ] as const)(`equals PyTorch, value and gradient: ${name} on %s`, (_, backend) => {
    beforeAll(async () => {
      await useBackend(backend);
    });

    test.each(wanted)('on logits that are %s', (answers, numbers) => {
      expectNumbers(make(), golden.cases[answers as keyof typeof golden.cases], numbers);
    });
  });
}

type Answers = (typeof golden.cases)[keyof typeof golden.cases];

function expectNumbers(loss: Loss, answers: Answers, wanted: GoldenLoss): void {
  tf.tidy(() => {
    const real = tf.tensor(answers.real, answers.realShape);
    const fake = tf.tensor(answers.fake, answers.fakeShape);
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
