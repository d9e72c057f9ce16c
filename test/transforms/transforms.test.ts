import * as tf from '@tensorflow/tfjs';
import {
  createDcgan,
  createMlpGan,
  type CreateMlpGanOptions,
  type Gan,
  GradientPenalty,
  instanceNoise,
  linearDecay,
  packing,
  Random,
  ring8,
  type Transform,
  type TransformContext,
} from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { valuesOf } from '../games/small-games.ts';

const data = ring8({ size: 256, seed: 1 });
const context: TransformContext = {
  random: new Random(1),
  progress: { step: 1, update: 1, samples: 0 },
  slot: () => {
    throw new Error('no slots here');
  },
};

function make(options: Partial<CreateMlpGanOptions> = {}): Gan {
  return createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [8], seed: 3, ...options });
}

async function trained(options: Partial<CreateMlpGanOptions>, steps = 3): Promise<number[]> {
  const gan = make(options);
  await gan.trainer.fit(data, { steps, batchSize: 16 });
  const values = [...valuesOf(gan.generator), ...valuesOf(gan.discriminator)];
  gan.dispose();
  return values;
}

/** Adds a number to every value. */
const shift = (by: number): Transform => ({
  name: 'shift',
  stage: 'augment',
  settings: { by },
  apply: (samples) => tf.add(samples, by),
});

describe('transforms', () => {
  test('that are off give the same numbers as none, bit-for-bit', async () => {
    const none = await trained({});
    expect(await trained({ transforms: [] })).toEqual(none);
    expect(await trained({ transforms: [packing(1)] })).toEqual(none);
    expect(await trained({ transforms: [instanceNoise({ deviation: 0 })] })).toEqual(none);
    const penalties = [new GradientPenalty()];
    const off = [packing(1), instanceNoise({ deviation: 0 })];
    expect(await trained({ penalties, transforms: off })).toEqual(await trained({ penalties }));
  });

  test('are seen by the discriminator and the penalties, of both sides and in both turns', async () => {
    const seen: string[] = [];
    const spy: Transform = {
      name: 'spy',
      stage: 'augment',
      apply: (samples) => {
        seen.push(samples.shape.join());
        return samples;
      },
    };
    await trained({ transforms: [spy], penalties: [new GradientPenalty()] }, 1);
    // The discriminator's turn: real, fake, and the penalty's points; the generator's: fake.
    expect(seen).toEqual(['16,2', '16,2', '16,2', '16,2']);
  });

  test('change what is learned, the same way each time', async () => {
    const noisy = { transforms: [instanceNoise({ deviation: 0.5 })] };
    const once = await trained(noisy);
    expect(await trained(noisy)).toEqual(once);
    expect(once).not.toEqual(await trained({}));
  });

  test('belong to the configuration', () => {
    using gan = make({
      transforms: [shift(2), instanceNoise({ deviation: linearDecay({ from: 1 }) })],
    });
    expect(gan.trainer.configuration).toMatchObject({
      'transforms.shift.by': 2,
      'transforms.instanceNoise.deviation.from': 1,
      'transforms.order': 'shift, instanceNoise',
    });
  });

  test('continue bit-for-bit after a restore', async () => {
    const options = { transforms: [packing(2), instanceNoise({ deviation: 0.3 })] };
    const whole = make(options);
    await whole.trainer.fit(data, { steps: 5, batchSize: 16 });
    const [first, second] = [make(options), make(options)];
    await first.trainer.fit(data, { until: { steps: 2 }, batchSize: 16 });
    await second.trainer.restore(structuredClone(await first.trainer.snapshot()));
    await second.trainer.fit(data, { until: { steps: 5 }, batchSize: 16 });
    expect(valuesOf(second.discriminator)).toEqual(valuesOf(whole.discriminator));
    for (const gan of [whole, first, second]) gan.dispose();
  });

  test('leave no tensors behind', async () => {
    const transforms = [shift(1), packing(2), instanceNoise()];
    using gan = make({ transforms, penalties: [new GradientPenalty()] });
    await gan.trainer.fit(data, { steps: 1, batchSize: 16 });
    const before = tf.memory().numTensors;
    await gan.trainer.fit(data, { steps: 1, batchSize: 16 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [[instanceNoise(), packing(2)], "transforms must be in the order augment, pack, noise, got 'packing' (pack) after 'instanceNoise' (noise)"],
    [[{ name: 'a', stage: 'late', apply: () => tf.scalar(0) }], "stage of transforms[0] ('a') must be one of 'augment', 'pack', 'noise', got 'late'"],
    [[{ name: 'a' }], 'transforms[0] must be a Transform with a name, a stage and the function apply(samples, context)'],
    [packing(2), 'transforms must be an array'],
  ])('are refused: %#', (transforms, message) => {
    expect(() => make({ transforms: transforms as Transform[] })).toThrow(message);
  }); // prettier-ignore

  test('of packs are refused in conditional GANs', () => {
    const options = { sampleShape: [2], classes: 8, transforms: [packing(2)] };
    expect(() => createMlpGan(options)).toThrow(
      "the transform 'packing' must be left out of a conditional GAN",
    );
  });
});

describe('packing', () => {
  test('joins neighbors along the last axis, and takes them apart', () => {
    const pack = packing(2);
    const rows = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]); // prettier-ignore
    const packed = pack.apply(rows, context);
    expect(packed.arraySync()).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]); // prettier-ignore
    expect(pack.undo!(packed).arraySync()).toEqual(rows.arraySync());
    expect(pack.outputShape!([28, 28, 1])).toEqual([28, 28, 2]);
  });

  test('joins images as channels, and takes them apart', () => {
    const pack = packing(3);
    const images = tf.randomUniform([6, 2, 2, 2], -1, 1, 'float32', 1);
    const packed = pack.apply(images, context);
    expect(packed.shape).toEqual([2, 2, 2, 6]);
    expect(packed.slice([1, 0, 0, 2], [1, 2, 2, 2]).dataSync()).toEqual(
      images.slice([4, 0, 0, 0], [1, 2, 2, 2]).dataSync(),
    );
    expect(pack.undo!(packed).dataSync()).toEqual(images.dataSync());
  });

  test('gives presets a discriminator of packs, whose penalty is about packs', async () => {
    const gan = createDcgan({
      imageShape: [8, 8, 1],
      baseFilters: 2,
      latentSize: 4,
      normalization: { discriminator: 'none' },
      transforms: [packing(2)],
      penalties: [new GradientPenalty()],
    });
    expect(gan.discriminator.inputShape).toEqual([8, 8, 2]);
    gan.dispose();
    await expect(trained({ transforms: [packing(3)] })).rejects.toThrow(
      'batchSize must be a multiple of 3, because packing joins so many samples, got 16',
    );
  });
});

describe('instanceNoise', () => {
  test('is normal, of the deviation of the schedule', () => {
    const noise = instanceNoise({ deviation: { name: 'two', valueAt: () => 2 } });
    const values = [...noise.apply(tf.zeros([4000]), context).dataSync()];
    const mean = values.reduce((sum, value) => sum + value, 0) / 4000;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4000;
    expect(Math.abs(mean)).toBeLessThan(0.15);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
  });

  test('is refused with a negative deviation', () => {
    expect(() => instanceNoise({ deviation: -1 })).toThrow(
      'Cannot create instance noise: deviation must be a number of at least 0, got -1',
    );
  });
});
