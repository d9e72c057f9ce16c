import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import type { Batch, Dataset, Loss, TrainerOptions, TrainOptions } from 'tfjs-gan';
import {
  adam,
  datasetFromArray,
  datasetFromTfData,
  Generator,
  Discriminator,
  mlpDiscriminator,
  mlpGenerator,
  paired,
  sgd,
  Trainer,
  TrainingDivergedError,
  unpaired,
} from 'tfjs-gan';
import { blobs, linearLoss, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

const scalar = (value: number): tf.Scalar => tf.scalar(value);

/** Loss functions that fail, and how. */
const failures: [string, Partial<Loss>, string][] = [
  [
    'a generator loss that is not a scalar',
    { generator: (fake) => tf.neg(fake) as tf.Scalar },
    'Cannot train: the generator loss must return a scalar, got a tensor of shape [4, 1]. Compute the mean',
  ],
  [
    'a discriminator loss that returns a number',
    { discriminator: () => 1 as unknown as tf.Scalar },
    'Cannot train: the discriminator loss must return a scalar tensor, got 1',
  ],
  [
    'a loss that forgets its input',
    { generator: () => scalar(3) },
    'Cannot train: the generator loss must depend on the weights of the generator, got one that does not',
  ],
  [
    'a loss that throws',
    {
      generator: () => {
        throw new Error('mine');
      },
    },
    'mine',
  ],
  [
    'a loss of whole numbers',
    { generator: (fake) => tf.tidy(() => tf.sum(tf.cast(fake, 'int32')).asScalar()) },
    'Cannot train: the generator loss must be of dtype float32, got int32. Cast it: loss.toFloat()',
  ],
  [
    'a discriminator loss that is NaN',
    { discriminator: (real) => tf.tidy(() => tf.mul(tf.mean(real), Number.NaN).asScalar()) },
    'Cannot continue training: the discriminator loss became NaN at step 3 (learning rate 0.0002). All networks are ' +
      'back to what they were before the step. Lower the learning rate',
  ],
  [
    'a generator loss that is infinite',
    { generator: (fake) => tf.tidy(() => tf.div(tf.mean(fake), 0).asScalar()) },
    'Cannot continue training: the generator loss became',
  ],
];

describe('a loss that fails', () => {
  test.each(failures)('%s is named, and nothing is lost', async (_name, broken, message) => {
    let failing = false;
    const loss: Loss = {
      name: 'sometimes',
      discriminator: (real, fake) =>
        failing && broken.discriminator !== undefined
          ? broken.discriminator(real, fake)
          : linearLoss.discriminator(real, fake),
      generator: (fake) =>
        failing && broken.generator !== undefined
          ? broken.generator(fake)
          : linearLoss.generator(fake),
    };
    using gan = tinyDcgan({ loss });
    using undisturbed = tinyDcgan({ loss });
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const before = weightsOf(gan);
    const tensors = tf.memory().numTensors;

    failing = true;
    await expect(gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 })).rejects.toThrow(message);
    expect(weightsOf(gan)).toEqual(before);
    expect(gan.trainer.step).toBe(2);
    expect(tf.memory().numTensors).toBe(tensors);

    // Moments and random numbers were put back as well: continuing equals never having failed.
    failing = false;
    await gan.trainer.fit(blobs(), { until: { steps: 6 }, batchSize: 4 });
    await undisturbed.trainer.fit(blobs(), { until: { steps: 6 }, batchSize: 4 });
    expect(weightsOf(gan)).toEqual(weightsOf(undisturbed));
  });

  test('a network without a gradient is named, with what tfjs says, and leaves nothing behind', async () => {
    class Products extends tf.layers.Layer {
      static readonly className = 'Products';
      override call(input: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.cumprod([input].flat()[0]!, 1);
      }
    }
    const layers = [
      tf.layers.flatten({ inputShape: [8, 8, 1] }),
      tf.layers.dense({ units: 3 }),
      new Products({}),
      tf.layers.dense({ units: 1 }),
    ];
    const { generator } = tinyDcgan();
    const discriminator = new Discriminator({ model: tf.sequential({ layers }) });
    const trainer = new Trainer({ generator, discriminator });
    const before = tf.memory().numTensors;
    await expect(trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toThrow(
      'Cannot train: the gradient of the discriminator loss must be computable, got the error:',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names both learning rates if they differ, as either network may have leapt', async () => {
    using gan = tinyDcgan({
      loss: {
        ...linearLoss,
        generator: (fake) => tf.tidy(() => tf.div(tf.mean(fake), 0).asScalar()),
      },
      optimizers: {
        generator: sgd({ learningRate: 2 }),
        discriminator: adam({ learningRate: 1e-4 }),
      },
    });
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toThrow(
      'at step 1 (learning rates 0.0001 of the discriminator, 2 of the generator). All networks',
    );
  });

  test('says what diverged, and in which step, as fields', async () => {
    const loss: Loss = {
      ...linearLoss,
      generator: (fake) => tf.tidy(() => tf.sqrt(tf.mul(tf.mean(fake), 0)).asScalar()),
    };
    using gan = tinyDcgan({ loss });
    const error = await gan.trainer
      .fit(blobs(), { steps: 1, batchSize: 4 })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TrainingDivergedError);
    // The root of zero is zero, but its slope is infinite: only the gradient shows it.
    expect(error).toMatchObject({ term: 'generator gradient', step: 1 });
  });
});

test('a last update that ruins the weights ends the step that made it', async () => {
  const leap = sgd({ learningRate: 1e300 });
  using gan = tinyDcgan({ optimizers: { generator: leap }, ema: { decay: 0.5 } });
  const [before, tensors] = [weightsOf(gan), tf.memory().numTensors];
  const error = await gan.trainer
    .fit(blobs(), { steps: 1, batchSize: 4 })
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TrainingDivergedError);
  expect(error).toMatchObject({
    term: 'generator weights',
    step: 1,
    message:
      'Cannot continue training: the generator weights became NaN at step 1 (learning rate 1e+300). All networks are ' +
      'back to what they were before the step. Lower the learning rate',
  });
  expect(weightsOf(gan)).toEqual(before);
  expect(gan.generator.sample(4).dataSync().every(Number.isFinite)).toBe(true);
  expect(gan.trainer.step).toBe(0);
  expect(tf.memory().numTensors).toBe(tensors + 1);
});

describe('data that do not fit', () => {
  const fit = async (dataset: Dataset, options: TrainOptions = {}): Promise<string> => {
    using gan = tinyDcgan();
    const tensors = tf.memory().numTensors;
    try {
      await gan.trainer.fit(dataset, { steps: 1, batchSize: 4, ...options });
      return 'no error';
    } catch (error) {
      expect(tf.memory().numTensors).toBe(tensors);
      return (error as Error).message;
    }
  };
  const filled = (value: number, count = 4): Dataset => ({
    ...blobs(),
    name: 'mine',
    async *batches(): AsyncGenerator<Batch> {
      yield await Promise.resolve({ samples: tf.fill([count, 8, 8, 1], value) });
    },
  });

  test('samples of another shape', async () => {
    expect(await fit(blobs(40, [8, 8, 3]))).toBe(
      "Cannot train: samples of the dataset 'blobs' must have the shape the networks were created for, [8, 8, 1], " +
        'got [8, 8, 3]',
    );
  });

  test('a batch of another shape than the dataset says', async () => {
    const lying = { ...filled(0), batches: () => blobs(40, [8, 8, 2]).batches({ batchSize: 4 }) };
    expect(await fit(lying)).toContain(
      "a batch of the dataset 'mine' must have the shape [null, 8, 8, 1] and hold a sample, got [4, 8, 8, 2]",
    );
  });

  test('pixels of 0…255 under a tanh', async () => {
    expect(await fit(filled(255))).toBe(
      "Cannot train: samples of the dataset 'mine' must lie in -1…1, as the generator's do, got 255…255. " +
        'Are these pixels of 0…255? Pass them as a Uint8Array, or scale them to the range first',
    );
  });

  test('images of 0…1 under a tanh: they train, with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const gan = tinyDcgan();
      const data = filled(0.75);
      await gan.trainer.fit(data, { epochs: 2, batchSize: 4 });
      await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
      expect(warn.mock.calls).toEqual([
        [
          "tfjs-gan: images of the dataset 'mine' lie in 0.75…0.75, while the generator outputs -1…1: a discriminator can " +
            'tell them apart by that alone. Pass inputRange: [0, 1] to have them scaled, or use a sigmoid as the last activation of the generator',
        ],
      ]);
      warn.mockClear();
      await gan.trainer.fit(filled(0), { steps: 1, batchSize: 4 });
      await gan.trainer.fit(filled(-0.1), { steps: 1, batchSize: 4 });
      gan.dispose();
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  test('NaN among the samples', async () => {
    expect(await fit(filled(Number.NaN))).toBe(
      "Cannot train: samples of the dataset 'mine' must be finite numbers, got NaN or infinity",
    );
  });

  test('NaN that comes later', async () => {
    const later: Dataset = {
      ...filled(0),
      async *batches(): AsyncGenerator<Batch> {
        yield* filled(0).batches({ batchSize: 4 });
        yield* filled(Number.NaN).batches({ batchSize: 4 });
      },
    };
    expect(await fit(later, { steps: 2 })).toContain(
      'The batch of real samples holds NaN or infinity: fix the data',
    );
  });

  test.each<[string, () => unknown, string]>([
    [
      'a bare tensor',
      () => tf.zeros([4, 8, 8, 1]),
      'must be { samples: a tensor }, got an instance of Tensor',
    ],
    [
      'nothing',
      () => undefined,
      'must be { samples: a tensor }, got undefined with samples undefined',
    ],
    [
      'no samples',
      () => ({ samples: tf.zeros([0, 8, 8, 1]) }),
      'and hold a sample, got [0, 8, 8, 1]',
    ],
    [
      'a tensor that is gone',
      () => {
        const samples = tf.zeros([4, 8, 8, 1]);
        samples.dispose();
        return { samples };
      },
      'got one that was disposed. The trainer disposes each batch after its step',
    ],
  ])('a second batch that is %s', async (_name, make, message) => {
    const later: Dataset = {
      ...filled(0),
      async *batches(): AsyncGenerator<Batch> {
        yield* filled(0).batches({ batchSize: 4 });
        yield make() as Batch;
      },
    };
    expect(await fit(later, { steps: 2 })).toContain(message);
  });

  test('fewer samples than a batch', async () => {
    expect(await fit(blobs(3))).toBe(
      "Cannot train: the dataset 'blobs' must hold at least one batch of 4 samples, got 3 samples. Lower batchSize",
    );
  });

  test('a stream that ends before the first batch', async () => {
    const empty: Dataset = {
      ...blobs(),
      size: undefined,
      batches: () => blobs(2).batches({ batchSize: 4 }),
    };
    expect(await fit(empty)).toContain(
      'must return at least 1 full batch(es) of 4 samples, got fewer',
    );
  });

  const endless: Dataset = {
    ...blobs(),
    name: 'camera',
    size: Infinity,
    async *batches({ batchSize }) {
      for (;;) yield await Promise.resolve({ samples: tf.zeros([batchSize, 8, 8, 1]) });
    },
  };

  test.each<TrainOptions>([
    { epochs: 1 },
    { until: { epochs: 1 } },
    { epochs: 1, signal: new AbortController().signal },
  ])('an endless dataset in a run that only epochs bound: %o', async (options) => {
    using gan = tinyDcgan();
    const message =
      "Cannot train: the dataset 'camera' must have a finite size for epochs to end the run, got Infinity. " +
      'Pass steps, such as { steps: 1000 }, or give the dataset a finite size, such as ' +
      'datasetFromTfData(source, { size: 10_000 })';
    const error = new RangeError(message);
    await expect(gan.trainer.fit(endless, { batchSize: 4, ...options })).rejects.toThrow(error);
    expect(() => gan.trainer.steps(endless, { batchSize: 4, ...options })).toThrow(error);
    expect(gan.trainer.step).toBe(0);
  });

  describe('for a game that requires more than samples', () => {
    const pictures = (name: string, side = 8, labels?: number[]): Dataset =>
      datasetFromArray(new Float32Array(8 * side * side).fill(-0.5), {
        name,
        sampleShape: [side, side, 1],
        labels,
      });
    /** The game of two networks, which looks at `source` without a use for it. */
    const fitGame = async (
      dataset: Dataset,
      shape: readonly (number | null)[] | undefined,
    ): Promise<string> => {
      using gan = tinyDcgan();
      const { game } = gan.trainer;
      using trainer = new Trainer({
        game: { ...game, name: 'mine', batch: { ...game.batch, source: { shape } } },
      });
      const tensors = tf.memory().numTensors;
      try {
        await trainer.fit(dataset, { steps: 1, batchSize: 4 });
        return 'no error';
      } catch (error) {
        expect(tf.memory().numTensors).toBe(tensors);
        return (error as Error).message;
      }
    };
    const asks = "must return batches with 'source', which the game 'mine' requires, got";
    const cure = 'Join datasets with paired({ samples, source }) or unpaired({ a, b })';

    test.each<[what: string, make: () => Dataset | Promise<Dataset>, message: string]>([
      [
        'samples alone',
        () => pictures('photos'),
        `Cannot train: the dataset 'photos' ${asks} samples only. ${cure}`,
      ],
      [
        'samples with labels',
        () => pictures('photos', 8, Array<number>(8).fill(0)),
        `Cannot train: the dataset 'photos' ${asks} samples and labels only. ${cure}`,
      ],
      [
        'a stream',
        () =>
          datasetFromTfData(
            tf.data.generator(function* () {
              for (let i = 0; i < 8; i += 1) yield tf.zeros([8, 8, 1]);
            }),
          ),
        `Cannot train: the dataset 'tf.data' ${asks} samples only. ${cure}`,
      ],
      [
        'other names',
        () => unpaired({ a: pictures('horses'), b: pictures('zebras') }),
        `Cannot train: the dataset 'unpaired(a: horses, b: zebras)' ${asks} samples, a and b only. ${cure}`,
      ],
      [
        'another shape',
        () => paired({ samples: pictures('photos'), source: pictures('maps', 4) }),
        "Cannot train: source of the dataset 'paired(samples: photos, source: maps)' must have the shape the game 'mine' " +
          'requires, [null, 8, 1], got [4, 4, 1]',
      ],
    ])('%s', async (_, make, message) => {
      expect(await fitGame(await make(), [null, 8, 1])).toBe(message);
    });

    test('a dataset of one of which only a batch can tell', async () => {
      expect(await fitGame(filled(0), [null, 8, 1])).toContain(
        "a batch of the dataset 'mine' must be { source: a tensor }",
      );
    });

    test('but takes what fits, and any shape if the game names none', async () => {
      const same = paired({ samples: pictures('photos'), source: pictures('maps') });
      expect(await fitGame(same, [null, 8, 1])).toBe('no error');
      const small = paired({ samples: pictures('photos'), source: pictures('maps', 4) });
      expect(await fitGame(small, undefined)).toBe('no error');
    });
  });

  test('something that is no dataset', async () => {
    expect(await fit([1, 2] as unknown as Dataset)).toContain(
      'Cannot train: dataset must be a Dataset, got [1, 2]. Create one with datasetFromArray',
    );
  });
});

describe('settings out of range', () => {
  const networks = (): Pick<TrainerOptions, 'generator' | 'discriminator'> => ({
    generator: mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] }),
    discriminator: mlpDiscriminator({ sampleShape: [2], hiddenUnits: [2] }),
  });

  test.each<[TrainOptions, string]>([
    [{ batchSize: 0, steps: 1 }, 'Cannot train: batchSize must be a positive integer, got 0'],
    [{ batchSize: 2.5, steps: 1 }, 'Cannot train: batchSize must be a positive integer, got 2.5'],
    [{ epochs: -1 }, 'Cannot train: epochs must be an integer of at least 0, got -1'],
    [{ epochs: Number.NaN }, 'Cannot train: epochs must be an integer of at least 0, got NaN'],
    [
      { until: { steps: 0.5 } },
      'Cannot train: until.steps must be an integer of at least 0, got 0.5',
    ],
    [{}, 'Cannot train: fit must have a bound, got no epochs, steps, until, minutes or signal'],
  ])('fit refuses %o', async (options, message) => {
    using gan = tinyDcgan();
    await expect(gan.trainer.fit(blobs(), options)).rejects.toThrow(message);
  });

  test.each<[string, Partial<TrainerOptions>, string]>([
    [
      'a bare model',
      { generator: tf.sequential() as unknown as Generator },
      'generator must be a Generator',
    ],
    [
      'a tf.Optimizer',
      { optimizers: { generator: tf.train.adam(1e-4) as never } },
      'optimizers.generator must be an OptimizerSpec, got an instance of AdamOptimizer. A tf.Optimizer keeps its ' +
        'moments private and by position, so they could not be saved: pass adam()',
    ],
    [
      'no loss',
      { loss: {} as Loss },
      'loss must be a Loss with the functions discriminator(real, fake) and generator(fake)',
    ],
    [
      'no updates',
      { updatesPerStep: { discriminator: 0 } },
      'Cannot create a Trainer: updatesPerStep.discriminator must be a positive integer, got 0',
    ],
    [
      'no batch to accumulate',
      { accumulate: 0 },
      'Cannot create a Trainer: accumulate must be a positive integer, got 0',
    ],
    [
      'a wild seed',
      { seed: -1 },
      'Cannot create a Trainer: seed must be an integer of at least 0 and less than 2³², got -1',
    ],
    [
      'networks of different worlds',
      { discriminator: mlpDiscriminator({ sampleShape: [3], hiddenUnits: [2] }) },
      "the generator's samples and the discriminator's input must have the same shape, got [2] and [3]",
    ],
  ])('a Trainer refuses %s', (_name, options, message) => {
    expect(() => new Trainer({ ...networks(), ...options })).toThrow(message);
  });

  test('a model with nothing to train', () => {
    const model = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [2] })] });
    expect(() => new Trainer({ ...networks(), generator: new Generator({ model }) })).toThrow(
      'the generator must have weights to train, got a model with none',
    );
  });
});

describe('use at the wrong time', () => {
  test.each(['onTrainBegin', 'onEpochBegin', 'onStepEnd', 'onEpochEnd'] as const)(
    'dispose in %s',
    async (hook) => {
      for (const what of ['trainer', 'generator'] as const) {
        using gan = tinyDcgan();
        const disposer = {
          [hook]: () => {
            gan[what].dispose();
          },
        };
        await expect(
          gan.trainer.fit(blobs(), { epochs: 2, batchSize: 8, callbacks: [disposer] }),
        ).rejects.toThrow(/Cannot continue training: the (Trainer|generator) was disposed/);
      }
    },
  );

  test('a model that was disposed behind the back of its network', async () => {
    using gan = tinyDcgan();
    gan.generator.model.dispose();
    await expect(gan.trainer.fit(blobs(), { steps: 1 })).rejects.toThrow(
      'the generator was disposed',
    );
  });

  test('after dispose', async () => {
    const gan = tinyDcgan();
    gan.dispose();
    gan.dispose();
    await expect(gan.trainer.fit(blobs(), { steps: 1 })).rejects.toThrow(
      'Cannot train: the Trainer was disposed',
    );
    await expect(gan.trainer.snapshot()).rejects.toThrow(
      'Cannot take a snapshot: the Trainer was disposed',
    );
    expect(() => gan.generator.sample(1)).toThrow('Cannot sample: this Generator was disposed');
    expect(() => gan.discriminator.logits(tf.zeros([1, 8, 8, 1]))).toThrow(
      'Cannot score samples: this Discriminator was disposed',
    );
  });

  test('with a network that was disposed', async () => {
    using gan = tinyDcgan();
    gan.discriminator.dispose();
    await expect(gan.trainer.fit(blobs(), { steps: 1 })).rejects.toThrow(
      'Cannot train: the discriminator was disposed',
    );
  });

  test('two runs at once', async () => {
    using gan = tinyDcgan();
    const first = gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    await expect(gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 })).rejects.toThrow(
      'Cannot train: this Trainer is training already',
    );
    await first;
    expect(gan.trainer.step).toBe(2);
  });
});

test('a discriminator that is not the same kind is refused with the way to wrap it', () => {
  using generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  expect(
    () => new Trainer({ generator, discriminator: model as unknown as Discriminator }),
  ).toThrow('Wrap a model: new Discriminator({ model })');
});
