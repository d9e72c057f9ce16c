import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  checkGradientPenalty,
  datasetFromArray,
  Discriminator,
  DraganPenalty,
  GradientPenalty,
  mlpGenerator,
  type Penalty,
  R1Penalty,
  R2Penalty,
  Random,
  Trainer,
} from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { tinyDcgan } from '../../support/tiny-gan.ts';
import { contextOf, firstUpdate, measure, variablesOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new GradientPenalty());
penaltyContract(() => new GradientPenalty({ oneSided: true, targetNorm: 0.1, every: 2 }));

/** A context whose critic is any function. */
function looking(
  discriminate: (samples: tf.Tensor) => tf.Tensor,
  real: tf.Tensor,
  fake: tf.Tensor = tf.zerosLike(real),
  random: Random = new Random(1),
): Parameters<Penalty['compute']>[0] {
  const features = (): never => {
    throw new Error('not requested');
  };
  return {
    ...firstUpdate,
    real,
    fake,
    weights: [],
    random,
    step: 1,
    update: 1,
    discriminate,
    features,
  };
}

/** Value of a penalty under a critic that is any function. */
function valueOf(penalty: Penalty, ...given: Parameters<typeof looking>): number {
  return penalty.compute(looking(...given)).arraySync();
}

/** D(x) = ½‖x‖², whose slope at x is ‖x‖. */
const bowl = (x: tf.Tensor): tf.Tensor =>
  tf.mul(tf.sum(tf.square(tf.reshape(x, [x.shape[0] ?? 0, -1])), 1, true), 0.5);

describe('GradientPenalty', () => {
  test.each([
    [1, 0, 0],
    [3, 4, 4],
    [0.5, 0.25, 0],
  ])('is the squared distance of the slope from one: slope %d', (slope, twoSided, oneSided) => {
    tf.tidy(() => {
      const direction = tf.tensor2d([[0.6 * slope], [0.8 * slope]]);
      const critic = (x: tf.Tensor): tf.Tensor => tf.matMul(x, direction);
      const real = tf.randomNormal([6, 2], 0, 1, 'float32', 1);
      expect(valueOf(new GradientPenalty(), critic, real)).toBeCloseTo(twoSided, 5);
      expect(valueOf(new GradientPenalty({ oneSided: true }), critic, real)).toBeCloseTo(
        oneSided,
        5,
      );
    });
  });

  test('takes the norm of each sample over all its numbers, not that of the batch', () => {
    tf.tidy(() => {
      // Two samples of shape [1, 2, 1] with the norms 1 and 3.
      const real = tf.tensor([0.6, 0.8, 0, 3], [2, 1, 2, 1]);
      expect(valueOf(new GradientPenalty({ at: 'real' }), bowl, real)).toBeCloseTo(2, 5);
      expect(valueOf(new GradientPenalty({ at: 'real', targetNorm: 3 }), bowl, real)).toBeCloseTo(
        2,
        5,
      );
    });
  });

  test('draws one share for each sample, between the fake and the real one beside it', () => {
    tf.tidy(() => {
      const action: tf.Tensor[] = [];
      const critic = (x: tf.Tensor): tf.Tensor => {
        action.push(tf.keep(x.clone()));
        return bowl(x);
      };
      const [real, fake] = [tf.fill([50, 2, 2, 1], 3), tf.fill([50, 2, 2, 1], -1)];
      valueOf(new GradientPenalty(), critic, real, fake);
      const samples = (action[0]!.reshape([50, 4]).arraySync() as number[][]).map((row) => {
        expect(new Set(row).size).toBe(1);
        return row[0]!;
      });
      tf.dispose(action);
      expect(new Set(samples).size).toBe(50);
      expect(Math.min(...samples)).toBeGreaterThanOrEqual(-1);
      expect(Math.max(...samples)).toBeLessThan(3);
      // Uniform between: half of them on either side of the middle, give or take three standard deviations.
      expect(Math.abs(samples.filter((sample) => sample > 1).length - 25)).toBeLessThan(11);
    });
  });

  test('repeats with its random numbers and takes none if it needs none', () => {
    tf.tidy(() => {
      const real = tf.randomNormal([4, 3], 0, 1, 'float32', 2);
      const between = (seed: number): number =>
        valueOf(new GradientPenalty(), bowl, real, undefined, new Random(seed));
      expect(between(5)).toBe(between(5));
      expect(between(5)).not.toBe(between(6));
      const random = new Random(5);
      valueOf(new GradientPenalty({ at: 'fake' }), bowl, real, real, random);
      expect(random.state).toEqual(new Random(5).state);
    });
  });

  test.each(['interpolated', 'fake'] as const)('takes fake samples as constants: at %s', (at) => {
    tf.tidy(() => {
      const generator = tf.variable(tf.tensor2d([[0.5, 2]]));
      const real = tf.ones([4, 2]);
      const { grads } = tf.variableGrads(() => {
        const fake = tf.mul(real, generator);
        return new GradientPenalty({ at }).compute(looking(bowl, real, fake));
      }, [generator]);
      const values: number[] = [...grads[generator.name]!.dataSync()];
      expect(values).toEqual([0, 0]);
    });
  });

  test('has a finite gradient if the critic is flat', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 4,
          activation: 'relu',
          inputShape: [2],
          kernelInitializer: 'zeros',
        }),
        tf.layers.dense({ units: 1, kernelInitializer: 'zeros' }),
      ],
    });
    tf.tidy(() => {
      const [real, fake] = [tf.ones([3, 2]), tf.zeros([3, 2])];
      const context = contextOf(model, { real, fake });
      const { value, gradients } = measure(new GradientPenalty(), context, variablesOf(model));
      expect(value.arraySync()).toBeCloseTo(1, 4);
      for (const gradient of gradients) {
        expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
      }
    });
    model.dispose();
  });

  test('takes batches of one', () => {
    tf.tidy(() => {
      const real = tf.tensor2d([[0, 2]]);
      expect(valueOf(new GradientPenalty({ at: 'real' }), bowl, real)).toBeCloseTo(1, 5);
      expect(valueOf(new GradientPenalty(), bowl, real, real)).toBeCloseTo(1, 5);
    });
  });

  test('takes a discriminator of patches by the sum of its logits', () => {
    tf.tidy(() => {
      const patches = (x: tf.Tensor): tf.Tensor => tf.mul(tf.reshape(x, [-1, 2, 2, 1]), 0.5);
      // Each of four numbers has the slope ½, so the norm is 1.
      expect(valueOf(new GradientPenalty(), patches, tf.ones([3, 4]))).toBeCloseTo(0, 5);
    });
  });

  test('refuses batches of unequal size, but for a place that needs only one of them', () => {
    tf.tidy(() => {
      const [real, fake] = [tf.ones([4, 2]), tf.ones([3, 2])];
      expect(() => valueOf(new GradientPenalty(), bowl, real, fake)).toThrow(
        "Cannot compute the penalty 'gradientPenalty': real and fake samples must have the same shape, got [4, 2] and [3, 2]",
      );
      expect(valueOf(new GradientPenalty({ at: 'real' }), bowl, real, fake)).toBeGreaterThan(0);
    });
  });

  test.each([
    [{ weight: -1 }, 'weight must be a number of at least 0, got -1'],
    [{ weight: Number.NaN }, 'weight must be a number of at least 0, got NaN'],
    [{ every: 0 }, 'every must be a positive integer, got 0'],
    [{ every: 1.5 }, 'every must be a positive integer, got 1.5'],
    [{ targetNorm: -1 }, 'targetNorm must be a number of at least 0, got -1'],
    [{ at: 'here' as 'real' }, "at must be one of 'interpolated', 'real', 'fake', got 'here'"],
    [{ oneSided: 1 as unknown as boolean }, 'oneSided must be one of true, false, got 1'],
  ])('refuses %o', (options, message) => {
    expect(() => new GradientPenalty(options)).toThrow(
      `Cannot create a GradientPenalty: ${message}`,
    );
  });
});

class LocalResponse extends tf.layers.Layer {
  static className = 'LocalResponse';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = Array.isArray(inputs) ? inputs : [inputs];
    return tf.localResponseNormalization(x as tf.Tensor4D);
  }
}

describe('a discriminator that cannot be differentiated', () => {
  const penalties = [new GradientPenalty(), new R1Penalty(), new R2Penalty(), new DraganPenalty()];

  test.each(penalties)('is named with the penalty: $name', (penalty) => {
    tf.tidy(() => {
      const critic = (x: tf.Tensor): tf.Tensor => tf.cumprod(x, 1);
      expect(() => valueOf(penalty, critic, tf.ones([2, 2]))).toThrow(
        `Cannot compute the penalty '${penalty.name}': the discriminator must be differentiable in its input, got the ` +
          'error: Cannot compute gradient',
      );
    });
  });

  test('is named if its output does not depend on the sample', () => {
    tf.tidy(() => {
      expect(() => valueOf(new R1Penalty(), () => tf.ones([2, 1]), tf.ones([2, 2]))).toThrow(
        "Cannot compute the penalty 'r1': the discriminator must be differentiable in its input, got the error: " +
          'Cannot compute gradient of y=f(x) with respect to x',
      );
    });
  });

  test('is named with the penalties of a trainer, if only the second gradient is missing', async () => {
    // Local response normalization has a gradient, which has none.
    const model = tf.sequential({
      layers: [
        new LocalResponse({ inputShape: [2, 2, 3] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1 }),
      ],
    });
    const discriminator = new Discriminator({ model, ownsModel: true });
    const generator = mlpGenerator({ sampleShape: [2, 2, 3], latentSize: 2, hiddenUnits: [3] });
    const trainer = new Trainer({ generator, discriminator, penalties: [new R1Penalty()] });
    const data = datasetFromArray(new Float32Array(96), { sampleShape: [2, 2, 3] });
    const before = tf.memory().numTensors;
    await expect(trainer.fit(data, { steps: 1, batchSize: 8 })).rejects.toThrow(
      /^Cannot train: the gradient of the discriminator loss must be computable, got the error: .* Its penalties are 'r1': checkGradientPenalty\(discriminator\) names the layer$/,
    );
    expect(tf.memory().numTensors).toBe(before);
    for (const part of [trainer, generator, discriminator]) part.dispose();
  });

  test('may say itself what is wrong', () => {
    const broken = (): never => {
      throw new Error('mine');
    };
    tf.tidy(() => {
      expect(() => valueOf(new R1Penalty(), broken, tf.ones([2, 2]))).toThrow(/^mine$/);
    });
  });
});

describe('batch norm under a penalty on slopes', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const critic = (normalization: tf.layers.Layer): Discriminator =>
    new Discriminator({
      ownsModel: true,
      model: tf.sequential({
        layers: [
          tf.layers.dense({ units: 3, inputShape: [2] }),
          normalization,
          tf.layers.dense({ units: 1 }),
        ],
      }),
    });

  function warningsOf(discriminator: Discriminator, penalties: readonly Penalty[]): string[] {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    // A spy of an earlier test keeps its calls.
    warn.mockClear();
    const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [3] });
    const trainer = new Trainer({ generator, discriminator, penalties });
    for (const part of [trainer, generator]) part.dispose();
    // TensorFlow.js greets with a warning of its own.
    const texts = warn.mock.calls.map(String).filter((text) => text.startsWith('tfjs-gan'));
    warn.mockRestore();
    return texts;
  }

  test('is warned of once, as the trainer is made, with the cure', () => {
    using discriminator = critic(tf.layers.batchNormalization({ name: 'blender' }));
    const penalties = [new GradientPenalty(), new R1Penalty()];
    const warnings = warningsOf(discriminator, penalties);
    expect(warnings).toEqual([
      expect.stringContaining(
        "tfjs-gan: the penalty 'gradientPenalty' limits the gradient norm of the discriminator at each sample, but its batch " +
          "norm ('blender') mixes the samples of a batch. Use tf.layers.layerNormalization() instead, or none",
      ),
    ]);
    expect(warningsOf(discriminator, penalties)).toEqual([]);
  });

  test.each([new R1Penalty(), new R2Penalty(), new DraganPenalty()])('by $name too', (penalty) => {
    using discriminator = critic(tf.layers.batchNormalization());
    expect(warningsOf(discriminator, [penalty])).toHaveLength(1);
  });

  test('is warned of inside a wrapper, and inside a model inside one', async () => {
    const inside = (): tf.layers.Layer =>
      tf.layers.batchNormalization({ name: 'blender', inputShape: [2] });
    const wrapped: readonly tf.layers.Layer[] = [inside(), tf.sequential({ layers: [inside()] })];
    for (const layer of wrapped) {
      const model = tf.sequential({
        layers: [
          tf.layers.timeDistributed({ layer, inputShape: [3, 2] }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 1 }),
        ],
      });
      const discriminator = new Discriminator({ model, ownsModel: true });
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      const generator = mlpGenerator({ sampleShape: [3, 2], latentSize: 2, hiddenUnits: [3] });
      const trainer = new Trainer({ generator, discriminator, penalties: [new R1Penalty()] });
      const texts = warn.mock.calls.map(String).filter((text) => text.startsWith('tfjs-gan'));
      warn.mockRestore();
      expect(texts).toEqual([expect.stringContaining("its batch norm ('blender')")]);
      const { mixesSamples } = await checkGradientPenalty(discriminator);
      expect(mixesSamples).toEqual(['blender']);
      for (const part of [trainer, generator, discriminator]) part.dispose();
    }
  });

  test('is not what layer norm does', () => {
    using discriminator = critic(tf.layers.layerNormalization());
    expect(warningsOf(discriminator, [new GradientPenalty()])).toEqual([]);
  });

  test('is found in the default DCGAN', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    tinyDcgan({ imageShape: [16, 16, 1], penalties: [new R1Penalty()] }).dispose();
    const ours = warn.mock.calls.map(String).filter((text) => text.startsWith('tfjs-gan'));
    expect(ours).toHaveLength(1);
  });
});
