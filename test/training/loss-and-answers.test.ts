import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  Discriminator,
  type Loss,
  LeastSquaresLoss,
  mlpGenerator,
  RelativisticLoss,
  ring8,
  type StepInfo,
  Trainer,
  WassersteinLoss,
} from 'tfjs-gan';
import { linearLoss } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

/** Answers every sample with the same number, or numbers. */
function constantDiscriminator(answer: number, ...last: tf.layers.Layer[]): Discriminator {
  const { zeros, constant } = tf.initializers;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [2],
        units: last.length === 0 ? 1 : 4,
        kernelInitializer: zeros(),
        biasInitializer: constant({ value: answer }),
      }),
      ...last,
    ],
  });
  return new Discriminator({ model, ownsModel: true });
}

/** Answers the sum of a sample's two numbers, and a bias on top. */
function slopingDiscriminator(bias: number): Discriminator {
  const { ones, constant } = tf.initializers;
  const layer = tf.layers.dense({
    inputShape: [2],
    units: 1,
    kernelInitializer: ones(),
    biasInitializer: constant({ value: bias }),
  });
  return new Discriminator({ model: tf.sequential({ layers: [layer] }), ownsModel: true });
}

async function firstStep(discriminator: Discriminator, loss: Loss): Promise<StepInfo> {
  const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [4] });
  const trainer = new Trainer({ generator, discriminator, loss });
  const { steps } = await trainer.fit(ring8({ size: 16 }), { steps: 1, batchSize: 8 });
  trainer.dispose();
  generator.dispose();
  discriminator.dispose();
  return steps[0]!;
}

describe('accuracies', () => {
  test.each([
    [0.4, { real: 0, fake: 1 }],
    [0.6, { real: 1, fake: 0 }],
  ])(
    'count logits around the border of the loss: %d under least squares',
    async (answer, wanted) => {
      const step = await firstStep(constantDiscriminator(answer), new LeastSquaresLoss());
      expect(accuracyOf(step)).toEqual(wanted);
    },
  );

  test('count logits around 0 if the loss names no border', async () => {
    const step = await firstStep(constantDiscriminator(0.4), linearLoss);
    expect(accuracyOf(step)).toEqual({ real: 1, fake: 0 });
  });

  test.each([
    ['wasserstein', new WassersteinLoss()],
    ['relativistic', new RelativisticLoss()],
  ])('do not depend on where the critic puts its zero: %s', async (_, loss) => {
    const near = accuracyOf(await firstStep(slopingDiscriminator(0), loss));
    const far = accuracyOf(await firstStep(slopingDiscriminator(64), loss));
    expect(far).toEqual(near);
    // The generator's first samples lie about the middle of the ring.
    expect(near.real).toBeGreaterThan(0);
    expect(near.real).toBeLessThan(1);
    expect(near.fake).toBeGreaterThan(0);
  });
});

describe('a discriminator that does not fit the loss', () => {
  test('is refused if it returns several logits', async () => {
    using twoHeads = constantDiscriminator(0, tf.layers.dense({ units: 2 }));
    await expect(firstStep(twoHeads, new LeastSquaresLoss())).rejects.toThrow(
      'Cannot create a Trainer: discriminator must return one logit for each sample or patch, got a ' +
        'model with the output shape [null, 2]. Use units: 1 or filters: 1 in its last layer, without flatten after it; for a loss ' +
        'of several logits, set multiLogit: true',
    );
  });

  test('is taken if the loss reads several logits', async () => {
    const classes = constantDiscriminator(0, tf.layers.dense({ units: 10 }));
    const loss: Loss = {
      name: 'classes',
      multiLogit: true,
      discriminator: (real, fake) =>
        tf.tidy(() =>
          tf.sub(tf.mean(tf.logSumExp(fake, -1)), tf.mean(tf.logSumExp(real, -1))).asScalar(),
        ),
      generator: (fake) => tf.tidy(() => tf.neg(tf.mean(tf.logSumExp(fake, -1))).asScalar()),
    };
    const step = await firstStep(classes, loss);
    expect(step.losses.discriminator).toBeTypeOf('number');
  });

  test.each<[string, tf.layers.Layer[]]>([
    ['patches', [tf.layers.reshape({ targetShape: [2, 2, 1] })]],
    [
      'a logit without an axis of its own',
      [tf.layers.dense({ units: 1 }), tf.layers.reshape({ targetShape: [] })],
    ],
  ])('is not one that returns %s', async (_, last) => {
    const step = await firstStep(constantDiscriminator(0, ...last), new LeastSquaresLoss());
    expect(step.losses.discriminator).toBeCloseTo(0.5, 6);
  });

  test('nor is a border that is no number', async () => {
    const loss = { ...linearLoss, decisionBoundary: Number.NaN };
    await expect(firstStep(constantDiscriminator(0), loss)).rejects.toThrow(
      "Cannot create a Trainer: decisionBoundary of loss must be a finite number or 'midpoint', got NaN",
    );
  });
});

function accuracyOf({ metrics }: StepInfo): { real: number; fake: number } {
  return { real: metrics['accuracy/real'], fake: metrics['accuracy/fake'] };
}
