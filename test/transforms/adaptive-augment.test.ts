import * as tf from '@tensorflow/tfjs';
import {
  adam,
  adaptiveAugment,
  datasetFromArray,
  Random,
  RelativisticLoss,
  type TransformContext,
  useBackend,
} from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { transformContract } from '../contracts/transform-contract.ts';
import golden from '../golden/augmentations.json' with { type: 'json' };
import { blobs, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import { type GoldenAugmentation, expectPyTorch } from './golden-augmentations.ts';

type Policy = NonNullable<NonNullable<Parameters<typeof adaptiveAugment>[0]>['policy']>;
const cases = Object.entries(golden.adaptiveAugment) as [
  string,
  GoldenAugmentation & { policy: Policy; probability: number },
][];

transformContract(() => adaptiveAugment({ target: -1, rampSamples: 32 }));

describe('adaptiveAugment', () => {
  describe.each(['cpu', 'wasm-train'] as const)('on %s', (backend) => {
    test.each(cases)('is the formula of the paper: %s', async (_, one) => {
      await useBackend(backend);
      const { policy, probability } = one;
      tf.tidy(() => {
        expectPyTorch(adaptiveAugment({ policy, probability }), one);
      });
      await useBackend('cpu');
    });
  });

  test('gives the same bits as none while the probability is 0', async () => {
    const trained = async (transforms: ReturnType<typeof adaptiveAugment>[]): Promise<unknown> => {
      const gan = tinyDcgan({ transforms });
      await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
      const weights = weightsOf(gan);
      gan.dispose();
      return weights;
    };
    const none = await trained([]);
    const never = adaptiveAugment({ maximum: 0 });
    expect(await trained([never])).toEqual(none);
    expect(await trained([adaptiveAugment({ probability: 0 })])).toEqual(none);
    expect(await trained([adaptiveAugment({ probability: 0.9 })])).not.toEqual(none);
  });

  test('does not leak: samples look like real images, not like augmented ones', async () => {
    await useBackend('wasm-train');
    try {
      // Each is brighter at its top by 1.4; turned or flipped, it is not.
      const noise = new Random(1).uniformArray(64 * 64, -0.1, 0.1);
      const values = noise.map((value, i) => (i % 64 < 32 ? 0.7 : -0.7) + value);
      const data = datasetFromArray(values, { sampleShape: [8, 8, 1] });
      const uprightShare = (images: tf.Tensor): number =>
        tf.tidy(() => {
          const [top, bottom] = tf.split(tf.reshape(images, [-1, 64]), 2, 1) as [
            tf.Tensor,
            tf.Tensor,
          ];
          const isUpright = tf.greater(tf.sub(tf.mean(top, 1), tf.mean(bottom, 1)), 0.7);
          return tf.mean(tf.cast(isUpright, 'float32')).dataSync()[0]!;
        });
      const transform = adaptiveAugment({ probability: 0.6, policy: ['blit'] });
      const optimizer = adam({ learningRate: 5e-3, beta1: 0.5 });
      const optimizers = { generator: optimizer, discriminator: optimizer };
      using gan = tinyDcgan({ transforms: [transform], optimizers, seed: 1 });
      await gan.trainer.fit(data, { steps: 200, batchSize: 16 });
      const samples = gan.generator.sample(128, { seed: 3 });
      const progress = { step: 1, update: 1, samples: 0 };
      const slot = (): never => {
        throw new Error('no slots here');
      };
      const seen = tf.tidy(() =>
        transform.apply(tf.tensor(values, [64, 8, 8, 1]), {
          random: new Random(1),
          progress,
          slot,
        }),
      );
      expect(uprightShare(seen)).toBeLessThan(0.6);
      expect(uprightShare(samples)).toBeGreaterThan(0.9);
      tf.dispose([samples, seen]);
    } finally {
      await useBackend('cpu');
    }
  });

  /** The probabilities after each of some updates, given the logits on real samples. */
  const probabilitiesAfter = (
    updates: readonly (readonly number[])[],
    options: Parameters<typeof adaptiveAugment>[0],
  ): number[] => {
    const transform = adaptiveAugment(options);
    const slots = new Map<string, tf.Tensor>();
    const slot: TransformContext['slot'] = (name, initial) => {
      if (!slots.has(name)) slots.set(name, initial());
      return { get: () => slots.get(name)!, set: (value) => slots.set(name, value) };
    };
    return updates.map((logits, i) => {
      const progress = { step: i + 1, update: i + 1, samples: 0 };
      const feedback = { margins: tf.tensor2d([...logits], [logits.length, 1]), samples: 8 };
      return transform.observe!(feedback, { random: new Random(1), progress, slot })[
        'probability'
      ]!.dataSync()[0]!;
    });
  };
  const four = <T>(value: T): T[] => [value, value, value, value];
  const [sure, unsure] = [[3, 0.1, 2, 1], [3, -1, 2, -2]]; // prettier-ignore

  test('rises every four updates while the mean of signs is above the target, up to its limit', () => {
    // 4 updates of 8 samples at 128 to 1: a quarter each time.
    const options = { rampSamples: 128, maximum: 0.6 };
    const seen = probabilitiesAfter(
      Array.from({ length: 16 }, () => sure),
      options,
    );
    const expected = [0, 0, 0, ...four(0.25), ...four(0.5), ...four(0.6), 0.6];
    expect(seen).toEqual(expected.map(Math.fround));
  });

  test('falls while it is below, down to 0, and stays while it is equal', () => {
    const options = { target: 0.5, rampSamples: 128 };
    // The mean of signs of each four: 1, 0, 0, and ½ by half of each.
    const updates = [
      ...four(sure),
      ...four(sure),
      ...four(unsure),
      ...four(unsure),
      ...four(unsure),
    ];
    const seen = probabilitiesAfter([...updates, sure, unsure, sure, unsure], options);
    const last = [3, 7, 11, 15, 19, 23].map((i) => seen[i]);
    expect(last).toEqual([0.25, 0.5, 0.25, 0, 0, 0]);
  });

  test('is shown in the history, and measures from the middle under a loss of differences', async () => {
    const options = { target: -1, rampSamples: 16, policy: ['blit'] } as const;
    const transforms = [adaptiveAugment(options)];
    using gan = tinyDcgan({ loss: new RelativisticLoss(), transforms });
    const { steps } = await gan.trainer.fit(blobs(), { steps: 4, batchSize: 4 });
    const seen = steps.map(({ metrics }) => metrics['adaptiveAugment/probability']);
    expect(seen).toEqual([0, 0, 0, Math.fround(0.8)]);
  });

  test('is refused for points, and for images of two channels', () => {
    const transform = adaptiveAugment();
    expect(() => transform.outputShape!([2])).toThrow(
      "samples before the transform 'adaptiveAugment' must be images [height, width, channels] with 1 or 3 channels, " +
        'got the shape [2]. Leave it out for other data',
    );
    expect(() => transform.outputShape!([8, 8, 2])).toThrow(
      '1 or 3 channels, got the shape [8, 8, 2]',
    );
  });

  test.each([
    [{ target: 1 }, 'target must be at least -1 and less than 1, got 1'],
    [{ maximum: 1.5 }, 'maximum must be at least 0 and less than 1, got 1.5'],
    [{ probability: -1 }, 'probability must be a number of at least 0, got -1'],
    [{ rampSamples: 0 }, 'rampSamples must be a positive number, got 0'],
    [{ policy: ['flip'] }, "each entry of policy must be one of 'blit', 'geometric', 'color', got 'flip'"],
  ])('refuses %j', (options, message) => {
    expect(() => adaptiveAugment(options as Parameters<typeof adaptiveAugment>[0])).toThrow(message);
  }); // prettier-ignore
});
