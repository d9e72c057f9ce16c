import type * as tf from '@tensorflow/tfjs';
import type { RefusedBackend } from '../../backends/backend-report.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import type { ValueRange } from '../../core/value-range.ts';
import type { Direction } from '../../latent/directions.ts';
import type { LatentDistribution } from '../../models/latents.ts';
import type { NetworkInputs } from '../../models/network.ts';
import type { TrainEndReason } from '../../training/callback.ts';
import type { HistoryData } from '../../training/history.ts';
import type { RestoreOptions } from '../../training/state/restore.ts';
import type { EpochInfo, StepInfo } from '../../training/step-info.ts';
import type { TrainerSnapshot } from '../../training/state/trainer-snapshot.ts';
import type {
  DrawOptions,
  DrawPointsOptions,
  DrawnPicture,
  RemoteDirectionsOptions,
  RemoteFitOptions,
  RemoteGenerateOptions,
  RemoteGeneratorOptions,
  RemoteInputs,
  RemoteInterpolateOptions,
  RemoteSampleOptions,
} from './remote-options.ts';
import type { WireError } from './wire-error.ts';

/** A response, or the error instead. @internal */
export type Answer<T> = { readonly value: T } | { readonly failure: WireError };

/** The first message to a connection. @internal */
export interface Greeting {
  /** Number of the connection, used to end it. */
  readonly connection: number;
  readonly backend: { name: string; detail: string; refused: readonly RefusedBackend[] };
  /** By name, the game's first one first. */
  readonly generators: Readonly<Record<string, RemoteGenerator>>;
}

/**
 * Description of a generator in a worker.
 *
 * @example Read the number of classes; 0 without labels
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const [first] = Object.values(trainer.generators) as [RemoteGenerator];
 * const input = first.inputs['labels'];
 * const classes = input?.kind === 'condition' ? (input.classes ?? 0) : 0;
 * ```
 */
export interface RemoteGenerator {
  /** The kind of each input, by name. */
  readonly inputs: NetworkInputs;
  /** Number of latents for one sample, without conditions. */
  readonly latentSize: number;
  /** Distribution of the latents. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one sample. */
  readonly sampleShape: readonly number[];
  /** The interval of samples, if the last activation determines it. */
  readonly valueRange: ValueRange | undefined;
}

/** The settings of a run that are sent to the worker. @internal */
export type WireFitOptions = Omit<
  RemoteFitOptions,
  'signal' | 'transfer' | 'onStepEnd' | 'onEpochEnd'
>;

/** An event of a run. @internal */
export type RunEvent = { readonly step: StepInfo } | { readonly epoch: EpochInfo };

/**
 * The end of a run.
 *
 * @example Show whether there is more to train
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const { reason, step }: RunEnd = await trainer.fit({ steps: 1_000 });
 * console.log(reason === 'finished' ? 'trained to the end' : `stopped at step ${step}`);
 * ```
 */
export interface RunEnd {
  /** The reason: it reached its bound, it was stopped, or its signal was aborted. */
  readonly reason: Exclude<TrainEndReason, 'failed'>;
  /** Number of steps over the trainer's life. */
  readonly step: number;
  /** Number of finished epochs over the trainer's life. */
  readonly epoch: number;
}

/** The events of a run since the last call, and its end, if it has ended. @internal */
export interface RunPart {
  readonly events: readonly RunEvent[];
  readonly end?: RunEnd;
}

/**
 * The position of a trainer in a worker.
 *
 * @example What a click on the button will do
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const { running, paused }: RemoteStatus = await trainer.status();
 * const label = paused ? 'Go on' : running ? 'Pause' : 'Train';
 * ```
 */
export interface RemoteStatus {
  /** Number of steps over its life. */
  readonly step: number;
  /** Number of finished epochs over its life. */
  readonly epoch: number;
  /** Whether a run is active; true for a paused one. */
  readonly running: boolean;
  /** Whether the active run is paused. */
  readonly paused: boolean;
  /**
   * Number of the step that will be the last of the run under way, if it is known; in a run of
   * `minutes` it is planned, and moves.
   */
  readonly lastStep?: number | undefined;
}

/** @internal */
export type LatentsOptions = Pick<RemoteSampleOptions, 'seed' | 'generator'>;

/**
 * The methods that `serveTrainer` handles and `connectTrainer` calls: plain data both ways.
 *
 * @internal
 */
export interface TrainerService {
  /** Confirms that the worker responds. */
  hello(): true;
  connect(settings: unknown): Promise<Answer<Greeting>>;
  status(): Promise<Answer<RemoteStatus>>;
  /** Begins a run, or one that is aborted before its first step; returns its number. */
  start(options: WireFitOptions, aborted: boolean): Promise<Answer<number>>;
  /** The events of the run since the last call; waits until there is one. */
  next(run: number): Promise<Answer<RunPart>>;
  pause(): Promise<Answer<void>>;
  resume(): Promise<Answer<void>>;
  /** Ends the run with a number, or the active one. */
  stop(reason: 'stopped' | 'aborted', run?: number): Promise<Answer<void>>;
  latents(count: number, options: LatentsOptions): Promise<Answer<NamedArray>>;
  sample(count: number, options: RemoteSampleOptions): Promise<Answer<NamedArray>>;
  generate(inputs: RemoteInputs, options: RemoteGenerateOptions): Promise<Answer<NamedArray>>;
  interpolate(
    from: number | Float32Array,
    to: number | Float32Array,
    options: RemoteInterpolateOptions,
  ): Promise<Answer<NamedArray>>;
  directions(options: RemoteDirectionsOptions): Promise<Answer<Direction[]>>;
  draw(from: number | RemoteInputs, options: DrawOptions): Promise<Answer<DrawnPicture>>;
  drawPoints(
    from: number | RemoteInputs,
    options: DrawPointsOptions,
  ): Promise<Answer<DrawnPicture>>;
  generatorArtifacts(options: RemoteGeneratorOptions): Promise<Answer<tf.io.ModelArtifacts>>;
  history(): Promise<Answer<HistoryData>>;
  snapshot(): Promise<Answer<TrainerSnapshot>>;
  restore(snapshot: TrainerSnapshot, options: RestoreOptions): Promise<Answer<void>>;
  disconnect(connection: number): Promise<Answer<void>>;
}
