import type * as tf from '@tensorflow/tfjs';
import { transfer } from 'comlink';
import type { RefusedBackend } from '../../backends/backend-report.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import type { ValueRange } from '../../core/value-range.ts';
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
 * A trainer that works in another thread: what {@link connectTrainer} gives.
 *
 * Everything is answered between two steps, so that an answer waits for one step at most. Samples and snapshots move over
 * without being copied. What the worker throws arrives with its name, message and fields, of this library's class where it is
 * one: `error instanceof TrainingDivergedError` holds. Where the worker is no more, everything throws a
 * {@link WorkerEndedError}.
 *
 * @example Train, look, pause, go on, stop
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
  /** What the numbers run on in the worker, and why others were refused, where the worker told. */
  readonly backend: {
    /** Its name. */
    readonly name: string;
    /** What it runs on; may be empty. */
    readonly detail: string;
    /** Those tried before it, and why each was refused. */
    readonly refused: readonly RefusedBackend[];
  };
  /** The generators of the game by name; the first is asked if `generator` names none. */
  readonly generators: Readonly<Record<string, RemoteGenerator>>;
  /** What each input of the first generator is for, by name: `labels` say how many classes there are. */
  readonly inputs: NetworkInputs;
  /** How many numbers one sample of the first generator is made from. */
  readonly latentSize: number;
  /** Where its latents are drawn from. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one sample of it. */
  readonly sampleShape: readonly number[];
  /** The interval its samples lie in, if its last activation tells. */
  readonly valueRange: ValueRange | undefined;
  readonly #worker: PageWorker | NodeWorker;
  readonly #calls: WorkerCalls;
  readonly #connection: number;

  /**
   * Made by {@link connectTrainer}.
   *
   * @param worker - The worker.
   * @param calls - How it is asked.
   * @param greeting - What it told of itself.
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
   * Trains until a bound is reached, the signal is aborted or someone calls {@link RemoteTrainer.stop}; endless where
   * nothing bounds it. An error thrown by `onStepEnd` or `onEpochEnd` ends the run and is thrown here.
   *
   * @param options - How long, in what batches, on which data, watched by whom.
   * @returns Why the run ended, and where the trainer then stood. {@link RemoteTrainer.history} has the rest.
   * @throws RangeError where there are no data, they do not fit the networks, or only epochs bound a run on endless data.
   * @throws TrainingDivergedError where a loss or gradient is not finite; the networks are put back first.
   */
  async fit(options: RemoteFitOptions = {}): Promise<RunEnd> {
    const { signal, onStepEnd, onEpochEnd, transfer: moves, ...settings } = options;
    checkPlain('train', settings);
    const aborted = signal?.aborted === true;
    const sent = moves === true ? transfer(settings, buffersOf(settings.data)) : settings;
    const run = await this.#calls.ask('train', (service) => service.start(sent, aborted));
    const abort = (): void => {
      // Where it fails, so does the question for what happened next.
      this.#stop('aborted', run).catch(() => undefined);
    };
    signal?.addEventListener('abort', abort);
    // It may have happened while the run began.
    if (signal?.aborted === true) abort();
    try {
      for (;;) {
        const part = await this.#calls.ask('train', (service) => service.next(run));
        await deliver(part, onStepEnd, onEpochEnd);
        if (part.end !== undefined) return part.end;
      }
    } catch (error) {
      // Where a listener threw, the run has not ended yet. Where the worker did, there is nothing to end.
      await this.#stop('stopped', run).catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Holds the run after the step under way, with everything as it is. Where none is under way, nothing happens.
   *
   * @returns When it holds.
   */
  async pause(): Promise<void> {
    return this.#calls.ask('pause', (service) => service.pause());
  }

  /**
   * Lets a paused run go on.
   *
   * @returns When it does.
   */
  async resume(): Promise<void> {
    return this.#calls.ask('resume', (service) => service.resume());
  }

  /**
   * Ends the run after the step under way; its `fit` then answers. Where none is under way, nothing happens.
   *
   * @returns When it has ended.
   */
  async stop(): Promise<void> {
    return this.#stop('stopped');
  }

  /**
   * Where the trainer stands.
   *
   * @returns Steps and epochs over its life, and whether a run is under way.
   */
  async status(): Promise<RemoteStatus> {
    return this.#calls.ask('tell where the trainer stands', (service) => service.status());
  }

  /**
   * What happened over the trainer's life. A long one takes a moment to come over: `onStepEnd` gives each step as it happens.
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
   * @param options - The seed, and for which generator.
   * @returns `[count, latentSize]`.
   */
  async latents(
    count: number,
    options: Pick<RemoteSampleOptions, 'seed' | 'generator'> = {},
  ): Promise<NamedArray> {
    return this.#calls.ask('draw latents', (service) => service.latents(count, options));
  }

  /**
   * Makes samples from fresh latents. Conditions that are left out are drawn, as `Generator.sample` does.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed, a value for each condition such as `{ labels: 3 }`, which generator and weights.
   * @returns The samples, `[count, ...sampleShape]`.
   * @throws RangeError if a class is unknown, there are not as many labels, or the game has no such generator.
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
   * Makes samples from given latents.
   *
   * @param inputs - Latents: `latentSize` numbers for each sample, one sample after another, or what {@link RemoteTrainer.latents}
   * gave; or a value for each input by name, `{ latents, labels }`.
   * @param options - Conditions, which generator and weights.
   * @returns The samples, `[count, ...sampleShape]`.
   * @throws RangeError if the latents do not fill whole samples, or a condition is missing.
   */
  async generate(inputs: RemoteInputs, options: RemoteGenerateOptions = {}): Promise<NamedArray> {
    checkPlain('generate', { latents: inputs, ...options });
    return this.#calls.ask('generate', (service) => service.generate(inputs, options));
  }

  /**
   * Makes the samples between two points of the latent space, both included.
   *
   * @param from - A seed, or `latentSize` numbers.
   * @param to - A seed, or `latentSize` numbers.
   * @param options - How many steps, along which path; conditions, one for all or a list of two, from which the way goes to the
   * other; which generator and weights.
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
   * Lays samples out in one picture, ready for a canvas; the worker does the drawing.
   *
   * @param from - How many samples, or what to make them from, as for {@link RemoteTrainer.generate}.
   * @param options - The layout, the seed, conditions, which generator and weights. `valueRange` is the generator's own if
   * nothing is said.
   * @returns The picture: `context.putImageData(new ImageData(data, width, height), 0, 0)`.
   * @throws RangeError if the samples are no images; points are drawn by {@link RemoteTrainer.drawPoints}.
   */
  async draw(from: number | RemoteInputs, options: DrawOptions = {}): Promise<DrawnPicture> {
    checkPlain('draw', { latents: from, ...options });
    return this.#calls.ask('draw', (service) => service.draw(from, options));
  }

  /**
   * Draws samples of two numbers as points in the plane, over points of the worker's data; the worker does the drawing.
   *
   * @param from - How many samples, or what to make them from, as for {@link RemoteTrainer.generate}.
   * @param options - How many real points, the part of the plane, size and colors, the seed, conditions, which generator and weights.
   * @returns The picture, ready for a canvas.
   * @throws RangeError if the samples are not of two numbers.
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
   * A generator as TensorFlow.js saves models, without any training state. `Generator.load(tf.io.fromMemory(artifacts))`
   * makes one of it.
   *
   * @param options - Which generator and weights.
   * @returns Network, weights, its inputs and how its latents are drawn.
   */
  async generatorArtifacts(options: RemoteGeneratorOptions = {}): Promise<tf.io.ModelArtifacts> {
    return this.#calls.ask('take the generator', (service) => service.generatorArtifacts(options));
  }

  /**
   * Copies out everything needed to go on exactly from here.
   *
   * @returns Plain data, as `Trainer.snapshot` gives it.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    return this.#calls.ask('take a snapshot', (service) => service.snapshot());
  }

  /**
   * Goes back, or forward, to where a snapshot was taken, by this trainer or one made by the same program.
   *
   * @param snapshot - What {@link RemoteTrainer.snapshot} or `Trainer.snapshot` gave; it stays as it is.
   * @param options - Which settings may differ.
   * @throws CheckpointError where settings or weights differ, with the list; nothing is changed then.
   */
  async restore(snapshot: TrainerSnapshot, options: RestoreOptions = {}): Promise<void> {
    return this.#calls.ask('restore', (service) => service.restore(snapshot, options));
  }

  /**
   * Ends this connection. With the last one the run ends after the step under way, and what the worker made is freed; the
   * worker itself lives on, is whoever's made it, and may be connected to again.
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

  /** Ends the worker at once, whatever it does. What waits for an answer throws a {@link WorkerEndedError}. */
  terminate(): void {
    this.#calls.end('the worker is no more: it was terminated');
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
