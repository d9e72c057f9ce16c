import type * as tf from '@tensorflow/tfjs';
import { transfer } from 'comlink';
import type { RefusedBackend } from '../../backends/backend-report.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import type { ValueRange } from '../../core/value-range.ts';
import type { Direction } from '../../latent/directions.ts';
import type { LatentDistribution } from '../../models/latents.ts';
import type { NetworkInputs } from '../../models/network.ts';
import { History } from '../../training/history.ts';
import type { RestoreOptions } from '../../training/state/restore.ts';
import type { TrainerSnapshot } from '../../training/state/trainer-snapshot.ts';
import type { NodeWorker, PageWorker } from './endpoints.ts';
import { buffersOf, checkPlain } from './plain-data.ts';
import type {
  DrawnPicture,
  DrawOptions,
  DrawPointsOptions,
  RemoteDirectionsOptions,
  RemoteFitOptions,
  RemoteGenerateOptions,
  RemoteGeneratorOptions,
  RemoteInputs,
  RemoteInterpolateOptions,
  RemoteSampleOptions,
} from './remote-options.ts';
import type {
  Greeting,
  RemoteGenerator,
  RemoteStatus,
  RunEnd,
  RunPart,
} from './trainer-service.ts';
import type { WorkerCalls } from './worker-calls.ts';

/**
 * A trainer in another thread: the result of {@link connectTrainer}.
 *
 * Requests are handled between two steps, so a response waits for at most one step. Samples and
 * snapshots are transferred without copies. Errors of the worker arrive with their name, message
 * and fields, as instances of this library's classes if they are:
 * `error instanceof TrainingDivergedError` works. When the worker has ended, every call throws a
 * {@link WorkerEndedError}.
 *
 * @example Train, sample, pause, continue, stop
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const run = trainer.fit({ onStepEnd: (step) => console.log(step.number) });
 * await trainer.pause();
 * const samples = await trainer.sample(16, { seed: 1 });
 * console.log(samples.shape);
 * await trainer.resume();
 * await trainer.stop();
 * console.log((await run).reason); // stopped
 * ```
 */
export class RemoteTrainer {
  /** The backend in the worker, and why others were refused, if the worker reports it. */
  readonly backend: {
    /** Its name. */
    readonly name: string;
    /** The device it runs on; may be empty. */
    readonly detail: string;
    /** Backends tried before it, and why each was refused. */
    readonly refused: readonly RefusedBackend[];
  };
  /** The generators of the game by name; the first is used if `generator` is not set. */
  readonly generators: Readonly<Record<string, RemoteGenerator>>;
  /** The kind of each input of the first generator, by name: `labels` has the number of classes. */
  readonly inputs: NetworkInputs;
  /** Number of latents for one sample of the first generator. */
  readonly latentSize: number;
  /** Distribution of its latents. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one of its samples. */
  readonly sampleShape: readonly number[];
  /** The interval of its samples, if its last activation determines it. */
  readonly valueRange: ValueRange | undefined;
  readonly #worker: PageWorker | NodeWorker;
  readonly #calls: WorkerCalls;
  readonly #connection: number;

  /**
   * Created by {@link connectTrainer}.
   *
   * @param worker - The worker.
   * @param calls - Calls to the worker.
   * @param greeting - The worker's description of itself.
   *
   * @internal
   */
  constructor(worker: PageWorker | NodeWorker, calls: WorkerCalls, greeting: Greeting) {
    this.#worker = worker;
    this.#calls = calls;
    this.#connection = greeting.connection;
    this.backend = greeting.backend;
    this.generators = greeting.generators;
    const [first] = Object.values(greeting.generators) as [RemoteGenerator];
    this.inputs = first.inputs;
    this.latentSize = first.latentSize;
    this.latentDistribution = first.latentDistribution;
    this.sampleShape = first.sampleShape;
    this.valueRange = first.valueRange;
  }

  /**
   * Trains until a bound is reached, the signal is aborted or {@link RemoteTrainer.stop} is called;
   * endless if nothing bounds it. An error thrown by `onStepEnd` or `onEpochEnd` ends the run and
   * is thrown here.
   *
   * @param options - Duration, batch size, data and callbacks.
   * @returns Why the run ended, and the position of the trainer. {@link RemoteTrainer.history} has
   * the rest.
   * @throws RangeError if there are no data, they do not fit the networks, or only epochs bound a
   * run on endless data.
   * @throws TrainingDivergedError if a loss or gradient is not finite; the networks are restored
   * first.
   */
  async fit(options: RemoteFitOptions = {}): Promise<RunEnd> {
    const { signal, onStepEnd, onEpochEnd, transfer: moves, ...settings } = options;
    checkPlain('train', settings);
    const aborted = signal?.aborted === true;
    const sent = moves === true ? transfer(settings, buffersOf(settings.data)) : settings;
    const run = await this.#calls.ask('train', (service) => service.start(sent, aborted));
    const abort = (): void => {
      // If it fails, the request for events fails as well.
      this.#stop('aborted', run).catch(() => undefined);
    };
    signal?.addEventListener('abort', abort);
    // The abort may have happened while the run began.
    if (signal?.aborted === true) abort();
    try {
      for (;;) {
        const part = await this.#calls.ask('train', (service) => service.next(run));
        await deliver(part, onStepEnd, onEpochEnd);
        if (part.end !== undefined) return part.end;
      }
    } catch (error) {
      // If a listener threw, the run has not ended yet. If the worker failed, there is nothing to
      // end.
      await this.#stop('stopped', run).catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Pauses the run after the current step and keeps all state. Does nothing if no run is active.
   *
   * @returns When it is paused.
   */
  async pause(): Promise<void> {
    return this.#calls.ask('pause', (service) => service.pause());
  }

  /**
   * Continues a paused run.
   *
   * @returns When it continues.
   */
  async resume(): Promise<void> {
    return this.#calls.ask('resume', (service) => service.resume());
  }

  /**
   * Ends the run after the current step; its `fit` then resolves. Does nothing if no run is active.
   *
   * @returns When it has ended.
   */
  async stop(): Promise<void> {
    return this.#stop('stopped');
  }

  /**
   * The position of the trainer.
   *
   * @returns Steps and epochs over its life, and whether a run is active.
   */
  async status(): Promise<RemoteStatus> {
    return this.#calls.ask('read the status of the trainer', (service) => service.status());
  }

  /**
   * The history over the trainer's life. A long one takes a moment to transfer: `onStepEnd` reports
   * each step as it happens.
   *
   * @returns Every step and epoch.
   */
  async history(): Promise<History> {
    const data = await this.#calls.ask('read the history', (service) => service.history());
    return new History(data);
  }

  /**
   * Draws latents.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed, and the generator.
   * @returns `[count, latentSize]`.
   */
  async latents(
    count: number,
    options: Pick<RemoteSampleOptions, 'seed' | 'generator'> = {},
  ): Promise<NamedArray> {
    return this.#calls.ask('draw latents', (service) => service.latents(count, options));
  }

  /**
   * Generates samples from new latents. Conditions that are left out are drawn, as by
   * `Generator.sample`.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed, a value for each condition such as `{ labels: 3 }`, generator and
   * weights.
   * @returns The samples, `[count, ...sampleShape]`.
   * @throws RangeError if a class is unknown, the number of labels is wrong, or the game has no
   * such generator.
   *
   * @example Ten threes
   * ```ts no-run
   * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
   * const trainer = await connectTrainer(worker);
   * const { shape, values } = await trainer.sample(10, { labels: 3, seed: 7 });
   * ```
   */
  async sample(count: number, options: RemoteSampleOptions = {}): Promise<NamedArray> {
    checkPlain('sample', options);
    return this.#calls.ask('sample', (service) => service.sample(count, options));
  }

  /**
   * Generates samples from given latents.
   *
   * @param inputs - Latents: `latentSize` numbers for each sample, one sample after another, such
   * as the result of {@link RemoteTrainer.latents}; or a value for each input by name,
   * `{ latents, labels }`.
   * @param options - Conditions, generator and weights.
   * @returns The samples, `[count, ...sampleShape]`.
   * @throws RangeError if the number of latents is not a multiple of `latentSize`, or a condition
   * is missing.
   */
  async generate(inputs: RemoteInputs, options: RemoteGenerateOptions = {}): Promise<NamedArray> {
    checkPlain('generate', { latents: inputs, ...options });
    return this.#calls.ask('generate', (service) => service.generate(inputs, options));
  }

  /**
   * Generates samples along a path between two points of the latent space, both included.
   *
   * @param from - A seed, or `latentSize` numbers.
   * @param to - A seed, or `latentSize` numbers.
   * @param options - Number of steps, and path; conditions, one for all or a list of two to
   * interpolate between; generator and weights.
   * @returns `[steps, ...sampleShape]`.
   * @throws RangeError if an end has another length or there are fewer than two steps.
   */
  async interpolate(
    from: number | Float32Array,
    to: number | Float32Array,
    options: RemoteInterpolateOptions = {},
  ): Promise<NamedArray> {
    checkPlain('interpolate', { from, to, ...options });
    return this.#calls.ask('interpolate', (service) => service.interpolate(from, to, options));
  }

  /**
   * Finds directions in latent space that change samples most, as `directions` of `tfjs-gan/latent`
   * does. During training it sees the weights of several steps.
   *
   * @param options - Method, number, how to measure the effect; classes or codes; generator.
   * @returns The directions, the one with the largest effect first.
   * @throws RangeError if the latents do not go to a dense layer, or a value is out of range.
   *
   * @example Both ends of the strongest one
   * ```ts no-run
   * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
   * const trainer = await connectTrainer(worker);
   * const [first] = await trainer.directions({ count: 1 });
   * const { values } = await trainer.latents(1, { seed: 1 });
   * const [low, high] = [-3, 3].map((reach) => values.map((value, i) => value + reach * first!.vector[i]!));
   * ```
   */
  async directions(options: RemoteDirectionsOptions = {}): Promise<Direction[]> {
    checkPlain('find directions', options);
    return this.#calls.ask('find directions', (service) => service.directions(options));
  }

  /**
   * Draws samples into one image in the worker, ready for a canvas.
   *
   * @param from - Number of samples, or their inputs, as for {@link RemoteTrainer.generate}.
   * @param options - Layout, seed, conditions, generator and weights. `valueRange` is the
   * generator's own by default.
   * @returns The image: `context.putImageData(new ImageData(data, width, height), 0, 0)`.
   * @throws RangeError if the samples are not images; use {@link RemoteTrainer.drawPoints} for
   * points.
   */
  async draw(from: number | RemoteInputs, options: DrawOptions = {}): Promise<DrawnPicture> {
    checkPlain('draw', { latents: from, ...options });
    return this.#calls.ask('draw', (service) => service.draw(from, options));
  }

  /**
   * Draws samples of two numbers as points in the plane, over points of the worker's data, in the
   * worker.
   *
   * @param from - Number of samples, or their inputs, as for {@link RemoteTrainer.generate}.
   * @param options - Number of real points, the part of the plane, size and colors, seed,
   * conditions, generator and weights.
   * @returns The image, ready for a canvas.
   * @throws RangeError if a sample is not two numbers.
   *
   * @example A thousand points over a thousand of the data
   * ```ts no-run
   * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
   * const trainer = await connectTrainer(worker);
   * const { data, width, height } = await trainer.drawPoints(1000, { seed: 7 });
   * const canvas = document.querySelector('canvas')!;
   * [canvas.width, canvas.height] = [width, height];
   * canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
   * ```
   */
  async drawPoints(
    from: number | RemoteInputs,
    options: DrawPointsOptions = {},
  ): Promise<DrawnPicture> {
    checkPlain('draw points', { latents: from, ...options });
    return this.#calls.ask('draw points', (service) => service.drawPoints(from, options));
  }

  /**
   * A generator in the format of TensorFlow.js models, without training state. Load it with
   * `Generator.load(tf.io.fromMemory(artifacts))`.
   *
   * @param options - Generator and weights.
   * @returns Network, weights, its inputs and the distribution of its latents.
   */
  async generatorArtifacts(options: RemoteGeneratorOptions = {}): Promise<tf.io.ModelArtifacts> {
    return this.#calls.ask('take the generator', (service) => service.generatorArtifacts(options));
  }

  /**
   * Copies everything that is needed to resume exactly from here.
   *
   * @returns Plain data, as returned by `Trainer.snapshot`.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    return this.#calls.ask('take a snapshot', (service) => service.snapshot());
  }

  /**
   * Restores a snapshot of this trainer or of one created by the same program.
   *
   * @param snapshot - The result of {@link RemoteTrainer.snapshot} or `Trainer.snapshot`; it is not
   * modified.
   * @param options - Which settings may differ.
   * @throws CheckpointError if settings or weights differ, with the list; nothing is changed then.
   */
  async restore(snapshot: TrainerSnapshot, options: RestoreOptions = {}): Promise<void> {
    return this.#calls.ask('restore', (service) => service.restore(snapshot, options));
  }

  /**
   * Ends this connection. The last one to end also ends the run, after the current step, and frees
   * what the worker created; the worker itself continues to run, is not terminated, and accepts new
   * connections.
   *
   * @returns When all is freed.
   */
  async dispose(): Promise<void> {
    const done = this.#calls.ask('dispose', (service) => service.disconnect(this.#connection));
    try {
      await done;
    } finally {
      this.#calls.disconnect();
    }
  }

  /** Terminates the worker at once. Pending calls throw a {@link WorkerEndedError}. */
  terminate(): void {
    this.#calls.end('the worker has ended: it was terminated');
    this.#worker.terminate();
  }

  async #stop(reason: 'stopped' | 'aborted', run?: number): Promise<void> {
    return this.#calls.ask('stop', (service) => service.stop(reason, run));
  }
}

async function deliver(
  { events }: RunPart,
  onStepEnd: RemoteFitOptions['onStepEnd'],
  onEpochEnd: RemoteFitOptions['onEpochEnd'],
): Promise<void> {
  for (const event of events) {
    if ('step' in event) await onStepEnd?.(event.step);
    else await onEpochEnd?.(event.epoch);
  }
}
