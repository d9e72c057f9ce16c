import { setTimeout as pause } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Batch,
  BceLoss,
  type Callback,
  collapseAlarm,
  createMlpGan,
  type Dataset,
  datasetFromTfData,
  Discriminator,
  evaluateEvery,
  type Gan,
  Generator,
  type Loss,
  mlpGenerator,
  overfittingAlarm,
  Random,
  sgd,
  type StepInfo,
  Trainer,
  type TrainerOptions,
  type TrainOptions,
  useBackend,
} from 'tfjs-gan';
import { featureExtractor } from 'tfjs-gan/metrics';
import { deriveSeed } from '../../src/core/random.ts';
import { blobs, linearLoss, timeless, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** One weight each: G(z) = g·z, D(x) = d·x. */
function linearPlayers(
  g: number,
  d: number,
): { generator: Generator; discriminator: Discriminator } {
  const line = (value: number) =>
    tf.sequential({
      layers: [
        tf.layers.dense({
          units: 1,
          inputShape: [1],
          useBias: false,
          kernelInitializer: tf.initializers.constant({ value }),
        }),
      ],
    });
  return {
    generator: new Generator({ model: line(g), ownsModel: true }),
    discriminator: new Discriminator({ model: line(d), ownsModel: true }),
  };
}

/** A trainer of {@link linearPlayers} whose updates have a closed form. */
function linearTrainer(
  networks: ReturnType<typeof linearPlayers>,
  more: Partial<TrainerOptions>,
): Trainer {
  return new Trainer({
    ...networks,
    loss: linearLoss,
    optimizers: {
      generator: sgd({ learningRate: 0.1 }),
      discriminator: sgd({ learningRate: 0.2 }),
    },
    seed: 5,
    ...more,
  });
}

/** The real samples of its first epoch, by batch. */
async function realBatches(data: Dataset, batchSize: number): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const { samples } of data.batches({ batchSize, seed: deriveSeed(5, 'data', 0) })) {
    batches.push([...samples.dataSync()]);
  }
  return batches;
}

/** Their weights. */
function weightsOfLines({ generator, discriminator }: ReturnType<typeof linearPlayers>): number[] {
  return [generator, discriminator].map(({ model }) => model.weights[0]!.read().dataSync()[0]!);
}

/** The latents a trainer of this seed draws, batch after batch. */
function latentsOf(seed: number, batchSize: number, size: number, batches: number): Float32Array[] {
  const random = new Random(deriveSeed(seed, 'latents'));
  return Array.from({ length: batches }, () => random.normalArray(batchSize * size));
}

describe('Trainer', () => {
  test('computes the step that the mathematics says, discriminator first', async () => {
    const networks = linearPlayers(0.5, 0.3);
    using trainer = linearTrainer(networks, { updatesPerStep: { discriminator: 2 } });
    const data = blobs(8, [1]);
    const real = (await realBatches(data, 4)).map(mean);
    const [z1, z2, z3] = latentsOf(5, 4, 1, 3).map(mean) as [number, number, number];
    const d1 = 0.3 - 0.2 * (0.5 * z1 - (real[0] ?? 0));
    const d2 = d1 - 0.2 * (0.5 * z2 - (real[1] ?? 0));
    const g1 = 0.5 + 0.1 * d2 * z3;

    const { steps } = await trainer.fit(data, { steps: 1, batchSize: 4 });

    const [g, d] = weightsOfLines(networks);
    expect(d).toBeCloseTo(d2, 6);
    expect(g).toBeCloseTo(g1, 6);
    expect(steps[0]?.losses.generator).toBeCloseTo(-d2 * 0.5 * z3, 6);
    expect(steps[0]?.gradientNorms.generator).toBeCloseTo(Math.abs(d2 * z3), 6);
    expect(steps[0]?.samples).toBe(8);
    networks.generator.dispose();
    networks.discriminator.dispose();
  });

  test('accumulates: updates follow the mean gradient over several batches', async () => {
    const networks = linearPlayers(0.5, 0.3);
    using trainer = linearTrainer(networks, { accumulate: 2 });
    const data = blobs(8, [1]);
    const [real = []] = await realBatches(data, 8);
    const latents = latentsOf(5, 4, 1, 4).map(mean) as [number, number, number, number];

    const { steps } = await trainer.fit(data, { steps: 1, batchSize: 4 });

    // The step sees all eight real samples, as a batch of eight would.
    const d1 = 0.3 - 0.2 * (0.5 * mean(latents.slice(0, 2)) - mean(real));
    const g1 = 0.5 + 0.1 * d1 * mean(latents.slice(2));
    const [g, d] = weightsOfLines(networks);
    expect(d).toBeCloseTo(d1, 6);
    expect(g).toBeCloseTo(g1, 6);
    expect(steps[0]?.samples).toBe(8);
    networks.generator.dispose();
    networks.discriminator.dispose();
  });

  test("moves batch norm's statistics once per update of their own network", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.batchNormalization({ inputShape: [3], momentum: 0.5 }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const judge = tf.sequential({
      layers: [
        tf.layers.batchNormalization({ inputShape: [2], momentum: 0.5 }),
        tf.layers.dense({ units: 1 }),
      ],
    });
    using generator = new Generator({ model, ownsModel: true });
    using discriminator = new Discriminator({ model: judge, ownsModel: true });
    const updatesPerStep = { discriminator: 3 };
    using trainer = new Trainer({ generator, discriminator, updatesPerStep, seed: 9 });
    const seen: number[][] = [];
    const data: Dataset = {
      ...blobs(12, [2]),
      async *batches(options) {
        for await (const batch of blobs(12, [2]).batches(options)) {
          seen.push([...batch.samples.dataSync()]);
          yield batch;
        }
      },
    };
    await trainer.fit(data, { steps: 1, batchSize: 4 });

    // Latents of three discriminator updates are drawn first; only the fourth batch is the generator's own.
    const own = latentsOf(9, 4, 3, 4)[3]!;
    const moving = model.layers[0]?.getWeights()[2]?.dataSync() as Float32Array;
    for (let feature = 0; feature < 3; feature += 1) {
      const batchMean = mean([0, 1, 2, 3].map((row) => own[row * 3 + feature] ?? 0));
      expect(moving[feature]).toBeCloseTo(0.5 * batchMean, 6);
    }

    // The discriminator passes a real batch and then a fake one, whose mean is 0 behind batch norm, in each of its own
    // updates. What it passes in the generator's turn would halve its means once more.
    const judged = judge.layers[0]?.getWeights()[2]?.dataSync() as Float32Array;
    for (const feature of [0, 1]) {
      const means = seen.map((values) => mean(values.filter((_, i) => i % 2 === feature)));
      expect(means).toHaveLength(3);
      const wanted = means.reduce((held, batchMean) => 0.5 * (0.5 * held + 0.5 * batchMean), 0);
      expect(judged[feature]).toBeCloseTo(wanted, 6);
    }
  });

  test.each(['cpu', 'wasm-train'] as const)('leaves no tensors behind on %s', async (backend) => {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    const gan = tinyDcgan({ updatesPerStep: { discriminator: 2, generator: 2 } });
    const made = tf.memory().numTensors;
    const counts: number[] = [];
    for await (const step of gan.trainer.steps(blobs(), { batchSize: 4, steps: 6 })) {
      if (step.number > 1) counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(made);
    gan.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await useBackend('cpu');
  });

  test.each(['cpu', 'wasm-train'] as const)('repeats a run bit-for-bit on %s', async (backend) => {
    await useBackend(backend);
    const run = async (seed: number): Promise<unknown[]> => {
      const gan = tinyDcgan({ seed });
      const { steps } = await gan.trainer.fit(blobs(), { epochs: 2, batchSize: 8 });
      const reached = [weightsOf(gan), timeless(steps)];
      gan.dispose();
      return reached;
    };
    const first = await run(3);
    expect(await run(3)).toEqual(first);
    expect(await run(4)).not.toEqual(first);
    await useBackend('cpu');
  });

  test('repeats a run bit-for-bit through dropout and noise layers, with a fresh mask each time', async () => {
    const masks: string[] = [];
    const run = async (): Promise<number[][]> => {
      const judge = tf.sequential({
        layers: [
          tf.layers.gaussianNoise({ stddev: 0.3, inputShape: [4] }),
          tf.layers.dense({
            units: 8,
            kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
          }),
          tf.layers.dropout({ rate: 0.5 }),
          tf.layers.dense({
            units: 1,
            kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
          }),
        ],
      });
      const model = tf.sequential({
        layers: [
          tf.layers.dense({
            units: 4,
            inputShape: [2],
            kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
          }),
        ],
      });
      const networks = {
        generator: new Generator({ model, ownsModel: true }),
        discriminator: new Discriminator({ model: judge, ownsModel: true }),
      };
      const trainer = new Trainer({
        ...networks,
        loss: {
          ...linearLoss,
          discriminator: (real, fake) => {
            masks.push([...real.dataSync()].join());
            return linearLoss.discriminator(real, fake);
          },
        },
        optimizers: {
          discriminator: sgd({ learningRate: 1e-9 }),
          generator: sgd({ learningRate: 1e-9 }),
        },
      });
      // Batches of one dataset order, so that only masks tell the steps apart.
      await trainer.fit(blobs(4, [4]), { epochs: 3, batchSize: 4 });
      const reached = weightsOf(networks);
      trainer.dispose();
      networks.generator.dispose();
      networks.discriminator.dispose();
      return reached;
    };
    const random = Math.random;
    expect(await run()).toEqual(await run());
    expect(Math.random).toBe(random);
    expect(masks.slice(0, 3)).toEqual(masks.slice(3));
    expect(new Set(masks).size).toBe(3);
  });

  test('computes real logits in the turn of the generator only if the loss requires them', async () => {
    const given: (number[] | undefined)[] = [];
    const loss = (needs: boolean): Loss => ({
      ...linearLoss,
      ...(needs ? { usesRealLogits: true } : {}),
      generator: (fake, ...[real]) => {
        given.push(real?.shape);
        return linearLoss.generator(fake);
      },
    });
    for (const needs of [false, true]) {
      using gan = tinyDcgan({ loss: loss(needs) });
      await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    }
    expect(given).toEqual([undefined, [4, 1]]);
  });

  test("keeps to a model's own regularizers, constraints and frozen layers", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, inputShape: [2], trainable: false, name: 'frozen' }),
        tf.layers.dense({ units: 2, kernelConstraint: 'nonNeg', kernelInitializer: 'zeros' }),
      ],
    });
    const judge = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 1,
          inputShape: [2],
          kernelInitializer: tf.initializers.constant({ value: 2 }),
          kernelRegularizer: tf.regularizers.l2({ l2: 0.25 }),
        }),
      ],
    });
    const networks = {
      generator: new Generator({ model, ownsModel: true }),
      discriminator: new Discriminator({ model: judge, ownsModel: true }),
    };
    // A game of nothing: all that is left to move the discriminator is its regularizer.
    const still: Loss = {
      name: 'still',
      discriminator: (real) => tf.tidy(() => tf.mul(tf.mean(real), 0).asScalar()),
      generator: (fake) => linearLoss.generator(fake),
    };
    using trainer = new Trainer({
      ...networks,
      loss: still,
      optimizers: {
        generator: sgd({ learningRate: 1 }),
        discriminator: sgd({ learningRate: 0.1 }),
      },
    });
    const frozen = [...(model.layers[0]?.getWeights()[0]?.dataSync() ?? [])];
    const { steps } = await trainer.fit(blobs(8, [2]), { steps: 1, batchSize: 8 });
    expect(steps[0]?.losses.discriminator).toBeCloseTo(0.25 * (4 + 4), 5);
    expect([...(judge.layers[0]?.getWeights()[0]?.dataSync() ?? [])]).toEqual([
      Math.fround(1.9),
      Math.fround(1.9),
    ]);
    expect([...(model.layers[0]?.getWeights()[0]?.dataSync() ?? [])]).toEqual(frozen);
    expect(
      Math.min(...(model.layers[1]?.getWeights()[0]?.dataSync() ?? [-1])),
    ).toBeGreaterThanOrEqual(0);
    networks.generator.dispose();
    networks.discriminator.dispose();
  });

  test('counts the regularizers of models inside a model, once each', async () => {
    const regularized = (): tf.layers.Layer =>
      tf.layers.dense({
        units: 1,
        inputShape: [2],
        kernelInitializer: tf.initializers.constant({ value: 2 }),
        kernelRegularizer: tf.regularizers.l2({ l2: 0.25 }),
      });
    for (const layers of [[regularized()], [tf.sequential({ layers: [regularized()] })]]) {
      const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
      const discriminator = new Discriminator({ model: tf.sequential({ layers }) });
      const loss: Loss = {
        ...linearLoss,
        discriminator: (real) => tf.tidy(() => tf.mul(tf.mean(real), 0).asScalar()),
      };
      const trainer = new Trainer({ generator, discriminator, loss });
      const { steps } = await trainer.fit(blobs(8, [2]), { steps: 1, batchSize: 8 });
      expect(steps[0]?.losses.discriminator).toBeCloseTo(0.25 * (4 + 4), 5);
    }
  });

  test('trains a critic that uses a convolution twice, on cpu as well', async () => {
    const shared = tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same' });
    const input = tf.input({ shape: [8, 8, 1] });
    const seen = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    const flat = tf.layers.flatten().apply(seen) as tf.SymbolicTensor;
    const logit = tf.layers.dense({ units: 1 }).apply(flat) as tf.SymbolicTensor;
    const discriminator = new Discriminator({ model: tf.model({ inputs: input, outputs: logit }) });
    const { generator } = tinyDcgan();
    const trainer = new Trainer({ generator, discriminator });
    await trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    expect(trainer.step).toBe(1);
  });

  test('learns: a line of points is found', async () => {
    const networks = linearPlayers(1, 0.1);
    const shift = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const generator = new Generator({ model: shift, ownsModel: true });
    using trainer = new Trainer({
      generator,
      discriminator: networks.discriminator,
      loss: new BceLoss(),
      optimizers: {
        generator: sgd({ learningRate: 0.1 }),
        discriminator: sgd({ learningRate: 0.1 }),
      },
    });
    const before = tf.tidy(() => generator.sample(256, { seed: 1 }).mean().dataSync()[0] ?? 0);
    const target = 3;
    const data = {
      ...blobs(64, [1]),
      async *batches({ batchSize }: { batchSize: number }) {
        yield await Promise.resolve({ samples: tf.fill([batchSize, 1], target) });
      },
    };
    await trainer.fit(data, { epochs: 150, batchSize: 64 });
    const after = tf.tidy(() => generator.sample(256, { seed: 1 }).mean().dataSync()[0] ?? 0);
    expect(Math.abs(after - target)).toBeLessThan(0.5 * Math.abs(before - target));
    generator.dispose();
    networks.generator.dispose();
    networks.discriminator.dispose();
  });
});

describe('fit and steps', () => {
  test('tell the duration of each part', async () => {
    const gan = tinyDcgan();
    const slow: Dataset = {
      ...blobs(),
      batches: async function* (options) {
        for await (const batch of blobs().batches(options)) {
          await pause(30);
          yield batch;
        }
      },
    };
    const callbacks = [{ onStepEnd: () => pause(60) }];
    const began = performance.now();
    const { steps } = await gan.trainer.fit(slow, { steps: 3, batchSize: 4, callbacks });
    const whole = (performance.now() - began) / 1000;
    gan.dispose();
    expect(steps).toHaveLength(3);
    for (const { partSeconds } of steps.slice(1))
      expect(partSeconds.callbacks).toBeGreaterThan(0.058);
    for (const { partSeconds, seconds } of steps) {
      const { data, read } = partSeconds;
      const { discriminator, generator } = partSeconds.turns;
      expect(data).toBeGreaterThan(0.028);
      expect(Math.min(discriminator, generator, read)).toBeGreaterThan(0);
      expect(seconds).toBe(discriminator + generator + read);
    }
    const told = steps.flatMap(({ partSeconds }) => {
      const { turns, ...others } = partSeconds;
      return [...Object.values(turns), ...Object.values(others)];
    });
    const sum = told.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(whole);
  });

  test('log refuses what is no number', async () => {
    using gan = tinyDcgan();
    const callback: Callback = { onStepEnd: (_, run) => run.log({ score: '3' as never }) };
    await expect(
      gan.trainer.fit(blobs(), { steps: 1, batchSize: 4, callbacks: [callback] }),
    ).rejects.toThrow("Cannot log: 'score' must be a number, got '3'");
  });

  test('count steps and epochs over the life of the trainer', async () => {
    using gan = tinyDcgan();
    const seen: string[] = [];
    const watcher: Callback = {
      onTrainBegin: (run) => void seen.push(`begin ${run.stepsPerEpoch} ${run.lastStep}`),
      onEpochBegin: (epoch) => void seen.push(`epoch ${epoch}`),
      onStepEnd: (step) => void seen.push(`step ${step.number} ${step.epoch}.${step.stepInEpoch}`),
      onEpochEnd: (epoch) => void seen.push(`end of ${epoch.number}, ${epoch.steps} steps`),
      onTrainEnd: (reason) => void seen.push(reason),
    };
    const options = { batchSize: 16, callbacks: [watcher] };
    await gan.trainer.fit(blobs(), { ...options, epochs: 1 });
    await gan.trainer.fit(blobs(), { ...options, steps: 1 });
    await gan.trainer.fit(blobs(), { ...options, until: { epochs: 2 } });
    await gan.trainer.fit(blobs(), { ...options, until: { epochs: 2 } });
    expect(seen).toEqual([
      'begin 2 2',
      'epoch 1',
      'step 1 1.1',
      'step 2 1.2',
      'end of 1, 2 steps',
      'finished',
      'begin 2 3',
      'epoch 2',
      'step 3 2.1',
      'finished',
      'begin 2 4',
      'epoch 2',
      'step 4 2.2',
      'end of 2, 2 steps',
      'finished',
      'begin 2 4',
      'finished',
    ]);
    expect(gan.trainer.epoch).toBe(2);
    expect(gan.trainer.history.steps).toHaveLength(4);
    expect(gan.trainer.history.epochs.map((epoch) => epoch.steps)).toEqual([2, 2]);
  });

  test('an interrupted epoch continues in the same batches and begins anew in others', async () => {
    using gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8 });
    const places: string[] = [];
    const note = (step: StepInfo): void => void places.push(`${step.epoch}.${step.stepInEpoch}`);
    for await (const step of gan.trainer.steps(blobs(), { steps: 1, batchSize: 8 })) note(step);
    for await (const step of gan.trainer.steps(blobs(), { steps: 1, batchSize: 4 })) note(step);
    for await (const step of gan.trainer.steps(blobs(32), { steps: 1, batchSize: 4 })) note(step);
    expect(places).toEqual(['1.2', '1.1', '1.1']);
  });

  test('an epoch is over with its last step, however the run ended there', async () => {
    using gan = tinyDcgan();
    const ends: number[] = [];
    const callbacks: Callback[] = [{ onEpochEnd: (epoch) => void ends.push(epoch.number) }];
    for await (const step of gan.trainer.steps(blobs(), { batchSize: 8, callbacks })) {
      if (step.stepInEpoch === 5) break;
    }
    expect([gan.trainer.epoch, ends]).toEqual([1, [1]]);
    await gan.trainer.fit(blobs(), { epochs: 1, batchSize: 8 });
    expect([gan.trainer.step, gan.trainer.epoch]).toEqual([10, 2]);

    // A stream tells its end only by having no more: the rest of nothing does not count as an epoch.
    const stream = { ...blobs(), name: 'stream', size: undefined };
    await gan.trainer.fit(stream, { steps: 5, batchSize: 8 });
    await gan.trainer.fit(stream, { epochs: 1, batchSize: 8 });
    expect([gan.trainer.step, gan.trainer.epoch]).toEqual([20, 4]);
  });

  describe('an endless dataset', () => {
    const endless = (): Dataset => ({
      ...blobs(),
      size: Infinity,
      async *batches({ batchSize, seed = 0, firstBatch = 0 }) {
        for (let i = firstBatch; ; i += 1) {
          const samples = tf.randomUniform([batchSize, 8, 8, 1], -1, 1, 'float32', seed + i);
          yield await Promise.resolve({ samples });
        }
      },
    });

    test('trains for the requested steps, in one epoch that never ends', async () => {
      using gan = tinyDcgan();
      const lengths: unknown[] = [];
      const callbacks: Callback[] = [
        { onTrainBegin: (run) => void lengths.push(run.stepsPerEpoch, run.lastStep) },
      ];
      const before = tf.memory().numTensors;
      await gan.trainer.fit(endless(), { until: { steps: 3, epochs: 1 }, batchSize: 4, callbacks });
      await gan.trainer.fit(endless(), { epochs: 0, batchSize: 4 });
      for await (const step of gan.trainer.steps(endless(), { batchSize: 4 })) {
        if (step.stepInEpoch === 5) break;
      }
      expect(lengths).toEqual([undefined, 3]);
      expect([gan.trainer.step, gan.trainer.epoch]).toEqual([5, 0]);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('serves the callbacks that walk through the data', async () => {
      using gan = tinyDcgan();
      const features = featureExtractor(
        (samples) => tf.tidy(() => tf.reshape(samples, [samples.shape[0] ?? 0, -1])),
        { name: 'pixels', inputShape: [8, 8, 1] },
      );
      const metrics = { rows: async (real: tf.Tensor2D) => Promise.resolve(real.shape[0]) };
      const every = { steps: 2 };
      const judge = evaluateEvery(every, { features, samples: 260, seeds: 1, metrics });
      const alarm = overfittingAlarm(endless(), { every, samples: 16 });
      const callbacks = [judge, alarm, collapseAlarm()];
      await gan.trainer.fit(endless(), { steps: 2, batchSize: 4, callbacks });
      expect(judge.records.map(({ figures }) => figures['rows']?.mean)).toEqual([260]);
      expect(alarm.records).toHaveLength(1);
    });

    test('divided by a size becomes epochs', async () => {
      using gan = createMlpGan({ sampleShape: [1], latentSize: 2, hiddenUnits: [2] });
      const source = tf.data.array(Array.from({ length: 5 }, (_, i) => [i])).repeat();
      const data = await datasetFromTfData(source, { size: 12, inputRange: [0, 4] });
      await gan.trainer.fit(data, { epochs: 2, batchSize: 4 });
      expect([gan.trainer.step, gan.trainer.epoch]).toEqual([6, 2]);
    });
  });

  test.each<[string, number | undefined, TrainOptions, number]>([
    ['an unknown size and epochs', undefined, { epochs: 1 }, 1],
    ['an unknown size and a place in epochs', undefined, { until: { epochs: 1 } }, 1],
    ['an unknown size, epochs and steps', undefined, { until: { epochs: 1, steps: 2 } }, 0],
    ['an unknown size and steps', undefined, { steps: 2 }, 0],
    ['a known size and epochs', 40, { epochs: 1 }, 0],
  ])('tells what ends a run on %s', async (_name, size, options, notices) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    using gan = tinyDcgan();
    await gan.trainer.fit({ ...blobs(), size }, { ...options, batchSize: 8 });
    const notice =
      "tfjs-gan: the dataset 'blobs' does not know its size, and only epochs bound this run: it ends when that many " +
      "passes through the data have ended. If a pass is endless, as after tf.data's repeat(), pass steps. " +
      'To state the size: datasetFromTfData(source, { size: 10_000 })';
    expect(warn.mock.calls).toEqual(Array.from({ length: notices }, () => [notice]));
  });

  test('iterators made together are served one after the other', async () => {
    using gan = tinyDcgan();
    const [first, second] = [1, 2].map(() =>
      gan.trainer.steps(blobs(), { batchSize: 8, steps: 2 }),
    );
    for (const iterator of [first, second]) {
      while ((await iterator?.next())?.done === false);
    }
    expect(gan.trainer.step).toBe(4);
  });

  describe.each([
    ['before the first batch', 0],
    ['in the middle of an epoch', 2],
  ])('an abort while the data are silent %s', (_name, batches) => {
    /** Gives so many batches, and then whatever `after` comes to. */
    const silent = (after: Promise<Batch>): Dataset => ({
      ...blobs(),
      batches: async function* (options) {
        let given = 0;
        for await (const batch of blobs().batches(options)) {
          if (given === batches) {
            tf.dispose(batch);
            break;
          }
          given += 1;
          yield batch;
        }
        yield await after;
      },
    });

    const abortSoon = async (data: Dataset): Promise<Gan> => {
      const gan = tinyDcgan();
      const controller = new AbortController();
      const reasons: string[] = [];
      const callbacks: Callback[] = [{ onTrainEnd: (reason) => void reasons.push(reason) }];
      const { signal } = controller;
      const run = gan.trainer.fit(data, { steps: 9, batchSize: 8, signal, callbacks });
      await expect.poll(() => gan.trainer.step).toBe(batches);
      await pause(20);
      controller.abort();
      const { steps } = await run;
      expect(steps).toHaveLength(batches);
      expect(reasons).toEqual(['aborted']);
      return gan;
    };

    test('ends the run, though they never come', async () => {
      using gan = await abortSoon(silent(new Promise(() => undefined)));
      // The trainer is free for the next run.
      await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8 });
      expect(gan.trainer.step).toBe(batches + 1);
    });

    test('frees what comes afterwards', async () => {
      const before = tf.memory().numTensors;
      let give: (batch: Batch) => void = () => undefined;
      const gan = await abortSoon(silent(new Promise((resolve) => (give = resolve))));
      give({ samples: tf.zeros([8, 8, 8, 1]) });
      await pause(20);
      gan.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    test('says nothing of an error that comes afterwards', async () => {
      const heard: unknown[] = [];
      const hear = (error: unknown): void => void heard.push(error);
      process.on('unhandledRejection', hear);
      onTestFinished(() => void process.off('unhandledRejection', hear));
      let fail: (error: Error) => void = () => undefined;
      const gan = await abortSoon(silent(new Promise((_resolve, reject) => (fail = reject))));
      fail(new Error('the socket closed'));
      await pause(20);
      gan.dispose();
      expect(heard).toEqual([]);
    });
  });

  test('a stop while the data are silent ends the run', async () => {
    using gan = tinyDcgan();
    const silent: Dataset = {
      ...blobs(),
      batches: async function* (options) {
        for await (const batch of blobs().batches(options)) {
          yield batch;
          await new Promise(() => undefined);
        }
      },
    };
    const reasons: string[] = [];
    const callbacks: Callback[] = [
      {
        onStepEnd: (_, run) => {
          setTimeout(() => {
            run.stop();
          }, 20);
        },
        onTrainEnd: (reason) => void reasons.push(reason),
      },
    ];
    const { steps } = await gan.trainer.fit(silent, { steps: 9, batchSize: 8, callbacks });
    expect(steps).toHaveLength(1);
    expect(reasons).toEqual(['stopped']);
  });

  test('a dataset that aborts the run when it is asked may go silent with that', async () => {
    using gan = tinyDcgan();
    const controller = new AbortController();
    const never = new Promise<IteratorResult<Batch>>(() => undefined);
    const next = (): typeof never => {
      controller.abort();
      return never;
    };
    const data: Dataset = {
      ...blobs(),
      batches: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) as never,
    };
    const { signal } = controller;
    const { steps } = await gan.trainer.fit(data, { steps: 9, batchSize: 8, signal });
    expect(steps).toHaveLength(0);
  });

  test('an abort between two steps plays no other', async () => {
    using gan = tinyDcgan();
    const controller = new AbortController();
    const aborter: Callback = {
      onEpochBegin: () => {
        controller.abort();
      },
    };
    await gan.trainer.fit(blobs(), {
      epochs: 1,
      batchSize: 8,
      signal: controller.signal,
      callbacks: [aborter],
    });
    expect(gan.trainer.step).toBe(0);
  });

  test('every callback hears the end, and the first failure is the one thrown', async () => {
    using gan = tinyDcgan();
    const heard: string[] = [];
    const callbacks: Callback[] = [
      {
        onStepEnd: () => {
          throw new Error('first');
        },
        onTrainEnd: () => {
          throw new Error('second');
        },
      },
      { onTrainEnd: (reason) => void heard.push(reason) },
    ];
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks })).rejects.toThrow(
      'first',
    );
    expect(heard).toEqual(['failed']);
  });

  test('break ends a run properly', async () => {
    using gan = tinyDcgan();
    const before = tf.memory().numTensors;
    const reasons: string[] = [];
    const callbacks = [{ onTrainEnd: (reason: string) => void reasons.push(reason) }];
    for await (const step of gan.trainer.steps(blobs(), { batchSize: 4, callbacks })) {
      if (step.number === 13) break;
    }
    expect(reasons).toEqual(['stopped']);
    expect(gan.trainer.step).toBe(13);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a signal ends the run within one step, without an error', async () => {
    using gan = tinyDcgan();
    const controller = new AbortController();
    const reasons: string[] = [];
    const watcher: Callback = {
      onStepEnd: (step) => {
        if (step.number === 3) controller.abort();
      },
      onTrainEnd: (reason) => void reasons.push(reason),
    };
    const options = { batchSize: 4, signal: controller.signal, callbacks: [watcher] };
    await gan.trainer.fit(blobs(), options);
    expect(gan.trainer.step).toBe(3);
    await gan.trainer.fit(blobs(), { ...options, epochs: 5 });
    expect(gan.trainer.step).toBe(3);
    expect(reasons).toEqual(['aborted', 'aborted']);
  });

  test('the event loop gets a turn at every step', async () => {
    using gan = tinyDcgan();
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 0);
    await gan.trainer.fit(blobs(), { epochs: 1000, batchSize: 4, signal: controller.signal });
    expect(gan.trainer.step).toBeLessThan(50);
  });

  test('a callback can stop the run, and one that throws ends it', async () => {
    using gan = tinyDcgan();
    const stopper: Callback = { onStepEnd: (_step, run) => run.stop() };
    await gan.trainer.fit(blobs(), { epochs: 5, batchSize: 4, callbacks: [stopper] });
    expect(gan.trainer.step).toBe(1);
    const reasons: string[] = [];
    const thrower: Callback = {
      onStepEnd: () => {
        throw new Error('disk full');
      },
      onTrainEnd: (reason) => void reasons.push(reason),
    };
    const before = tf.memory().numTensors;
    const failing = gan.trainer.fit(blobs(), { epochs: 5, batchSize: 4, callbacks: [thrower] });
    await expect(failing).rejects.toThrow('disk full');
    expect(reasons).toEqual(['failed']);
    expect(tf.memory().numTensors).toBe(before);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
  });
});
