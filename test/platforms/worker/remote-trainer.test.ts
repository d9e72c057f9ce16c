import * as tf from '@tensorflow/tfjs';
import {
  CheckpointError,
  type Dataset,
  Generator,
  type Gan,
  sgd,
  type StepInfo,
  TrainingDivergedError,
} from 'tfjs-gan';
import { connectTrainer, WorkerEndedError } from 'tfjs-gan/worker';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { blobs, timeless, tinyDcgan } from '../../support/tiny-gan.ts';
import { connected as connect, type Make } from './connected.ts';
import { serveHere } from './in-process.ts';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const withBlobs: Make = () => ({ gan: tinyDcgan(), data: blobs() });
const connected = (make: Make = withBlobs): ReturnType<typeof connect> => connect(make);

describe('RemoteTrainer.fit', () => {
  test('trains bit-for-bit as a Trainer does, and tells each step and epoch in order', async () => {
    const { trainer } = await connected();
    const steps: StepInfo[] = [];
    const order: string[] = [];
    const end = await trainer.fit({
      epochs: 2,
      batchSize: 8,
      onStepEnd: (step) => {
        steps.push(step);
        order.push(`step ${step.number}`);
      },
      onEpochEnd: (epoch) => void order.push(`epoch ${epoch.number}`),
    });
    expect(end).toEqual({ reason: 'finished', step: 10, epoch: 2 });
    expect(order.slice(4, 7)).toEqual(['step 5', 'epoch 1', 'step 6']);
    expect(order).toHaveLength(12);

    using gan = tinyDcgan();
    const here = await gan.trainer.fit(blobs(), { epochs: 2, batchSize: 8 });
    expect(timeless(steps)).toEqual(timeless(here.steps));
    expect((await trainer.history()).steps).toEqual(steps);
    expect(await trainer.status()).toEqual({ step: 10, epoch: 2, running: false, paused: false });
  });

  test('refuses an endless dataset in a run that only epochs bound', async () => {
    const data = { ...blobs(), name: 'camera', size: Infinity };
    const { trainer } = await connected(() => ({ gan: tinyDcgan(), data }));
    await expect(trainer.fit({ epochs: 1, batchSize: 8 })).rejects.toThrow(
      "Cannot train: the dataset 'camera' must have a finite size for epochs to end the run, got Infinity",
    );
    expect((await trainer.fit({ steps: 2, batchSize: 8 })).step).toBe(2);
  });

  test('takes data as plain numbers, and continues with them', async () => {
    const { trainer } = await connected(() => tinyDcgan());
    const data = { values: new Uint8Array(16 * 64).fill(200), sampleShape: [8, 8, 1] };
    expect(await trainer.fit({ data, steps: 1, batchSize: 8 })).toMatchObject({ step: 1 });
    expect(await trainer.fit({ steps: 2, batchSize: 8 })).toMatchObject({ step: 3, epoch: 1 });
    expect(data.values).toHaveLength(16 * 64);
  });

  test('says how to bring data if there are none', async () => {
    const { trainer } = await connected(() => tinyDcgan());
    await expect(trainer.fit({ steps: 1 })).rejects.toThrow(
      new RangeError(
        'Cannot train: there must be data, got none. Pass fit({ data: { values, sampleShape } }), ' +
          'or return { gan, data } from the function given to serveTrainer',
      ),
    );
  });

  test('ends by its signal within a step, also one that was aborted before', async () => {
    const { trainer } = await connected();
    const controller = new AbortController();
    const seen: number[] = [];
    const end = await trainer.fit({
      batchSize: 8,
      signal: controller.signal,
      onStepEnd: (step) => {
        seen.push(step.number);
        if (step.number === 3) controller.abort();
      },
    });
    expect(end.reason).toBe('aborted');
    // Here both sides share a thread, so that the message takes its turn among the steps.
    expect(end.step - 3).toBeLessThanOrEqual(3);
    expect(seen.at(-1)).toBe(end.step);
    expect(await trainer.fit({ batchSize: 8, signal: AbortSignal.abort() })).toEqual({
      ...end,
      reason: 'aborted',
    });
  });

  test('throws what a listener throws, and ends the run', async () => {
    const { trainer } = await connected();
    const mine = new Error('mine');
    const run = trainer.fit({
      batchSize: 8,
      onStepEnd: async () => {
        throw mine;
      },
    });
    await expect(run).rejects.toBe(mine);
    expect((await trainer.status()).running).toBe(false);
    expect((await trainer.fit({ steps: 1, batchSize: 8 })).reason).toBe('finished');
  });

  test('refuses a second run beside the first', async () => {
    const { trainer } = await connected();
    const first = trainer.fit({ batchSize: 8 });
    await expect(trainer.fit({ steps: 1 })).rejects.toThrow(
      'Cannot train: this trainer is training already. Wait for the other run to end, or stop it',
    );
    await trainer.stop();
    expect((await first).reason).toBe('stopped');
  });

  test('throws the error of the run with its class, fields and message, after the steps before it', async () => {
    const { trainer } = await connected(() => ({
      gan: tinyDcgan({ optimizers: { generator: sgd({ learningRate: 1e30 }) } }),
      data: blobs(),
    }));
    let steps = 0;
    const error: unknown = await trainer
      .fit({ batchSize: 8, onStepEnd: () => void (steps += 1) })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TrainingDivergedError);
    const { name, message, step, term } = error as TrainingDivergedError;
    expect(name).toBe('TrainingDivergedError');
    expect(message).toContain(`at step ${step}`);
    expect(message).toContain(term);
    expect(steps).toBe(step - 1);
    expect(steps).toBeGreaterThan(0);
  });

  test('lets callbacks of the worker watch, and their errors end the run', async () => {
    const seen: number[] = [];
    const { trainer } = await connected(() => ({
      gan: tinyDcgan(),
      data: blobs(),
      callbacks: [
        {
          onStepEnd: (step) => {
            seen.push(step.number);
            if (step.number === 2) throw new RangeError('two is enough');
          },
        },
      ],
    }));
    await expect(trainer.fit({ batchSize: 8 })).rejects.toThrow(new RangeError('two is enough'));
    expect(seen).toEqual([1, 2]);
  });
});

describe('pause', () => {
  test('holds the run with everything in reach, until resume', async () => {
    const { trainer } = await connected();
    const run = trainer.fit({ steps: 8, batchSize: 8 });
    await trainer.pause();
    const held = await trainer.status();
    expect(held).toMatchObject({ running: true, paused: true, lastStep: 8 });
    const snapshot = await trainer.snapshot();
    await trainer.draw(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await trainer.status()).toEqual(held);
    expect(snapshot.step).toBe(held.step);
    await trainer.resume();
    expect(await run).toEqual({ reason: 'finished', step: 8, epoch: 1 });
  });

  test('does not use up the minutes of a run', async () => {
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * clock);
    onTestFinished(() => now.mockRestore());
    const data: Dataset = {
      ...blobs(),
      async *batches(options) {
        for await (const batch of blobs().batches(options)) {
          clock += 1;
          yield batch;
        }
      },
    };
    const { trainer } = await connected(() => ({ gan: tinyDcgan(), data }));
    const run = trainer.fit({ minutes: 0.5, batchSize: 8 });
    await trainer.pause();
    expect((await trainer.status()).step).toBeLessThan(20);
    clock += 10_000;
    await trainer.resume();
    const { reason, step } = await run;
    expect(reason).toBe('finished');
    expect(step).toBeGreaterThan(25);
    const { logged } = await trainer.history();
    expect(logged.at(-1)?.values).toEqual({ plannedSteps: step });
    expect((await trainer.status()).lastStep).toBeUndefined();
  });

  test('does not keep a run from being stopped', async () => {
    const { trainer } = await connected();
    const run = trainer.fit({ batchSize: 8 });
    await trainer.pause();
    const { step } = await trainer.status();
    await trainer.stop();
    expect(await run).toMatchObject({ reason: 'stopped', step });
  });

  test('and resume and stop do nothing if no run is under way', async () => {
    const { trainer } = await connected();
    await Promise.all([trainer.pause(), trainer.resume(), trainer.stop()]);
    expect((await trainer.fit({ steps: 1, batchSize: 8 })).reason).toBe('finished');
  });
});

describe('samples', () => {
  test('are those of the generator, and move instead of being copied', async () => {
    const { trainer, worker } = await connected();
    using gan = tinyDcgan();
    const here = gan.generator.sample(3, { seed: 5 });
    const samples = await trainer.sample(3, { seed: 5 });
    expect(samples.shape).toEqual([3, 8, 8, 1]);
    expect(samples.values).toEqual(await here.data());
    here.dispose();

    const latents = await trainer.latents(3, { seed: 5 });
    expect(latents.shape).toEqual([3, 4]);
    expect(await trainer.generate(latents.values)).toEqual(samples);

    const picture = await trainer.draw(latents.values, { columns: 3, padding: 0, scale: 2 });
    expect(picture).toMatchObject({ width: 48, height: 16 });
    expect(picture.data).toBeInstanceOf(Uint8ClampedArray);
    const first = Math.round((255 * ((samples.values[0] ?? 0) + 1)) / 2);
    expect([...picture.data.slice(0, 8)]).toEqual([
      first,
      first,
      first,
      255,
      first,
      first,
      first,
      255,
    ]);

    const artifacts = await trainer.generatorArtifacts();
    await trainer.snapshot();
    expect(worker.moved.length).toBeGreaterThan(10);
    // What was moved is gone from where it was.
    expect(worker.moved.map(({ byteLength }) => byteLength).filter(Boolean)).toEqual([]);

    using loaded = await Generator.load(tf.io.fromMemory(artifacts));
    const again = loaded.sample(3, { seed: 5 });
    expect(await again.data()).toEqual(samples.values);
    again.dispose();
  });

  test('leave no tensors behind', async () => {
    const { trainer } = await connected();
    await trainer.fit({ steps: 1, batchSize: 8 });
    // The generator keeps prepared weights from the second call on.
    await trainer.draw(4);
    await trainer.draw(4);
    const before = tf.memory().numTensors;
    await trainer.draw(4);
    await trainer.latents(2);
    await trainer.generate(new Float32Array(8));
    await expect(trainer.generate(new Float32Array(7))).rejects.toThrow(
      new RangeError(
        'Cannot generate: latents must be a Float32Array of 4 numbers for each sample, got 7 numbers',
      ),
    );
    await expect(trainer.sample(0)).rejects.toThrow('count must be a positive integer, got 0');
    await trainer.generatorArtifacts();
    await trainer.fit({ steps: 1, batchSize: 8 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('snapshots', () => {
  test('go back bit-for-bit, and into another trainer', async () => {
    const { trainer } = await connected();
    await trainer.fit({ steps: 2, batchSize: 8 });
    const snapshot = await trainer.snapshot();
    const losses = async (): Promise<number> => {
      let last = NaN;
      await trainer.fit({
        steps: 2,
        batchSize: 8,
        onStepEnd: (s) => void (last = s.losses.generator),
      });
      return last;
    };
    const once = await losses();
    await trainer.restore(snapshot);
    expect(await losses()).toBe(once);
    expect(await trainer.status()).toMatchObject({ step: 4 });

    const { trainer: other } = await connected(() => tinyDcgan({ baseFilters: 3 }));
    const error: unknown = await other.restore(snapshot).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).differences.length).toBeGreaterThan(0);
  });
});

describe('connectTrainer', () => {
  test('passes settings on, and tells what was made', async () => {
    const worker = serveHere((settings) => {
      const { baseFilters } = settings as { baseFilters: number };
      return {
        gan: tinyDcgan({ baseFilters }),
        backend: { name: 'wasm-train', detail: 'x', refused: [] },
      };
    });
    const trainer = await connectTrainer(worker, { settings: { baseFilters: 3 } });
    expect(trainer.backend).toEqual({ name: 'wasm-train', detail: 'x', refused: [] });
    expect(trainer).toMatchObject({
      latentSize: 4,
      latentDistribution: 'normal',
      sampleShape: [8, 8, 1],
      valueRange: [-1, 1],
    });
    await trainer.dispose();
    worker.terminate();
  });

  test('connects a second time to the same trainer; the last one to go frees it', async () => {
    const before = tf.memory().numTensors;
    let made = 0;
    const worker = serveHere(() => {
      made += 1;
      return { gan: tinyDcgan(), data: blobs() };
    });
    const first = await connectTrainer(worker);
    const second = await connectTrainer(worker);
    await expect(connectTrainer(worker, { settings: {} })).rejects.toThrow(
      'Cannot connect to the trainer: settings must be left out, because the first connection has created the trainer. ' +
        'To create another one, dispose that connection first',
    );
    const run = first.fit({ batchSize: 8 });
    await first.pause();
    expect((await second.status()).paused).toBe(true);
    await first.resume();
    const broken = expect(run).rejects.toThrow('Cannot train: this connection was disposed');
    await first.dispose();
    await broken;
    await expect(first.sample(1)).rejects.toThrow('Cannot sample: this connection was disposed');
    expect((await second.status()).running).toBe(true);
    await second.dispose();
    expect(made).toBe(1);
    expect(tf.memory().numTensors).toBe(before);

    const third = await connectTrainer(worker, { settings: {} });
    expect(made).toBe(2);
    expect((await third.status()).step).toBe(0);
    await third.dispose();
    worker.terminate();
  });

  test('throws what making the trainer throws, and may be tried again', async () => {
    let attempts = 0;
    const worker = serveHere((): Gan => {
      attempts += 1;
      if (attempts === 1) throw new RangeError('no luck', { cause: new TypeError('why') });
      return attempts === 2 ? (undefined as unknown as Gan) : tinyDcgan();
    });
    const error: unknown = await connectTrainer(worker).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: 'no luck',
      cause: { name: 'TypeError', message: 'why' },
    });
    await expect(connectTrainer(worker)).rejects.toThrow(
      new TypeError(
        'Cannot connect to the trainer: the function given to serveTrainer must return a Gan or a Trainer, or an object with one ' +
          'under the name gan, got undefined',
      ),
    );
    const trainer = await connectTrainer(worker);
    await trainer.dispose();
    worker.terminate();
  });

  test('refuses what is no worker, and says so if nobody serves', async () => {
    await expect(connectTrainer('worker.js' as never)).rejects.toThrow(
      new TypeError("Cannot connect to the trainer: worker must be a Worker, got 'worker.js'"),
    );
    const deaf = serveHere(withBlobs);
    deaf.postMessage = () => undefined;
    await expect(connectTrainer(deaf, { timeoutMs: 250 })).rejects.toThrow(
      new WorkerEndedError(
        'Cannot connect to the trainer: the worker did not respond within 250 ms. ' +
          'Call serveTrainer at the top of its file',
      ),
    );
    deaf.terminate();
  });

  test('gives up if the file of the worker cannot be loaded', async () => {
    const worker = serveHere(withBlobs);
    worker.postMessage = () => undefined;
    const connecting = connectTrainer(worker);
    worker.fail();
    await expect(connecting).rejects.toThrow(
      'Cannot connect to the trainer: the worker has ended: its file could not be loaded',
    );
    worker.terminate();
  });

  test('lives on if the worker throws what nobody catches', async () => {
    const { trainer, worker } = await connected();
    worker.fail('a timer of the user');
    expect((await trainer.status()).step).toBe(0);
  });
});

describe('terminate', () => {
  test('ends what waits for a response', async () => {
    const { trainer } = await connected();
    const run = trainer.fit({ batchSize: 8 });
    await trainer.pause();
    trainer.terminate();
    await expect(run).rejects.toThrow(
      new WorkerEndedError('Cannot train: the worker has ended: it was terminated'),
    );
    await expect(trainer.sample(1)).rejects.toBeInstanceOf(WorkerEndedError);
  });
});
