import type * as tf from '@tensorflow/tfjs';
import type { RefusedBackend } from '../../backends/backend-report.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import type { ValueRange } from '../../core/value-range.ts';
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
  RemoteFitOptions,
  RemoteGenerateOptions,
  RemoteGeneratorOptions,
  RemoteInputs,
  RemoteInterpolateOptions,
  RemoteSampleOptions,
} from './remote-options.ts';
import type { WireError } from './wire-error.ts';

/** An answer, or what went wrong instead. @internal */
export type Answer<T> = { readonly value: T } | { readonly failure: WireError };

/** What a connection is told first. @internal */
export interface Greeting {
  /** Number of the connection, to end it by. */
  readonly connection: number;
  readonly backend: { name: string; detail: string; refused: readonly RefusedBackend[] };
  /** By name, the game's first one first. */
  readonly generators: Readonly<Record<string, RemoteGenerator>>;
}

/**
 * What is known of a generator in a worker.
 *
 * @example How many classes there are to choose from; 0 if it takes none
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const [first] = Object.values(trainer.generators) as [RemoteGenerator];
 * const input = first.inputs['labels'];
 * const classes = input?.kind === 'condition' ? (input.classes ?? 0) : 0;
 * ```
 */
export interface RemoteGenerator {
  /** What each of its inputs is for, by name. */
  readonly inputs: NetworkInputs;
  /** How many numbers one sample is made from, conditions not counted. */
  readonly latentSize: number;
  /** Where latents are drawn from. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one sample. */
  readonly sampleShape: readonly number[];
  /** The interval samples lie in, if its last activation tells. */
  readonly valueRange: ValueRange | undefined;
}

/** What of a run's settings goes to the worker. @internal */
export type WireFitOptions = Omit<
  RemoteFitOptions,
  'signal' | 'transfer' | 'onStepEnd' | 'onEpochEnd'
>;

/** Something a run tells. @internal */
export type RunEvent = { readonly step: StepInfo } | { readonly epoch: EpochInfo };

/**
 * How a run ended.
 *
 * @example Say whether there is more to train
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const { reason, step }: RunEnd = await trainer.fit({ steps: 1_000 });
 * console.log(reason === 'finished' ? 'trained to the end' : `stopped at step ${step}`);
 * ```
 */
export interface RunEnd {
  /** Why: its bound was reached, someone stopped it, or its signal was aborted. */
  readonly reason: Exclude<TrainEndReason, 'failed'>;
  /** How many steps the trainer has made over its life. */
  readonly step: number;
  /** How many epochs it has finished over its life. */
  readonly epoch: number;
}

/** What a run told since it was asked before, and how it ended, if it did. @internal */
export interface RunPart {
  readonly events: readonly RunEvent[];
  readonly end?: RunEnd;
}

/**
 * Where a trainer in a worker stands.
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
  /** How many steps it has made over its life. */
  readonly step: number;
  /** How many epochs it has finished over its life. */
  readonly epoch: number;
  /** Whether a run is under way; a paused one is. */
  readonly running: boolean;
  /** Whether the run under way is paused. */
  readonly paused: boolean;
  /** Number of the step that will be the last of the run under way, if it is known; in a run of `minutes` it is planned, and moves. */
  readonly lastStep?: number | undefined;
}

/** @internal */
export type LatentsOptions = Pick<RemoteSampleOptions, 'seed' | 'generator'>;

/** What `serveTrainer` answers and `connectTrainer` asks: plain data both ways. @internal */
export interface TrainerService {
  /** Tells that there is someone to answer. */
  hello(): true;
  connect(settings: unknown): Promise<Answer<Greeting>>;
  status(): Promise<Answer<RemoteStatus>>;
  /** Begins a run, or one that is aborted before its first step; the answer is its number. */
  start(options: WireFitOptions, aborted: boolean): Promise<Answer<number>>;
  /** What the run told since the last call; waits until there is something. */
  next(run: number): Promise<Answer<RunPart>>;
  pause(): Promise<Answer<void>>;
  resume(): Promise<Answer<void>>;
  /** Ends the run of a number, or whichever is under way. */
  stop(reason: 'stopped' | 'aborted', run?: number): Promise<Answer<void>>;
  latents(count: number, options: LatentsOptions): Promise<Answer<NamedArray>>;
  sample(count: number, options: RemoteSampleOptions): Promise<Answer<NamedArray>>;
  generate(inputs: RemoteInputs, options: RemoteGenerateOptions): Promise<Answer<NamedArray>>;
  interpolate(
    from: number | Float32Array,
    to: number | Float32Array,
    options: RemoteInterpolateOptions,
  ): Promise<Answer<NamedArray>>;
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
