import {
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
  isRecord,
  withDefaults,
} from '../../core/checks.ts';
import { fitsShape } from '../../core/fits-shape.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { isPlainObject, isPromise } from '../../core/realms.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Game } from '../../games/game.ts';
import type { Callback } from '../callback.ts';
import type { DataCursor, TrainingPlan } from '../state/trainer-snapshot.ts';
import type { TrainBound } from '../train-bound.ts';

/**
 * Settings of `Trainer.fit` and `Trainer.steps`. At most one of `epochs`, `steps`, `until` and
 * `minutes` ends the run.
 *
 * @example Train for a limited time
 * ```ts
 * const options: TrainOptions = { steps: 1_000, batchSize: 8, signal: AbortSignal.timeout(50) };
 * const { steps } = await trainer.fit(dataset, options);
 * console.log(`${steps.length} steps`);
 * ```
 */
export interface TrainOptions {
  /**
   * Batch size; a positive integer. An incomplete last batch of an epoch is not used.
   *
   * @defaultValue `64`
   */
  readonly batchSize?: number | undefined;
  /**
   * How many more epochs to train. Finishing an interrupted epoch counts as the first.
   *
   * An endless dataset (`size: Infinity`) has no epochs: pass `steps`.
   */
  readonly epochs?: number | undefined;
  /** How many more steps to train. */
  readonly steps?: number | undefined;
  /**
   * The end of training, counted over the trainer's whole life, including steps before a restore.
   * With both `epochs` and `steps`, the first one reached ends the run.
   */
  readonly until?: TrainBound | undefined;
  /**
   * How many more minutes to train; a positive number.
   *
   * They are converted to a number of steps, so that schedules that end with the run reach their
   * end in its last step, on any machine. The number is planned from the first 20 steps (or a
   * quarter of the time, if that is less), and again if it no longer fits: a machine that becomes
   * slower takes fewer steps, one that becomes faster more. `fit` logs each plan as
   * `plannedSteps`, a snapshot has it in `plan`, and `checkpoint` writes one with it. A
   * schedule keeps its initial value until the first plan, and continues without a jump if the
   * plan changes.
   *
   * Time counts from the first requested step, including data, callbacks and the loop around
   * `steps()`; callbacks at the end of the run take additional time. At least one step is taken.
   * Only this option lets time affect the result: to repeat a run, restore a snapshot and train
   * with `{ until: { steps: snapshot.plan.lastStep } }`.
   */
  readonly minutes?: number | undefined;
  /**
   * Maximum number of further steps within `minutes`; an integer of at least 0. On a fast machine
   * the run then ends early.
   *
   * @defaultValue as many as the time allows
   */
  readonly maxSteps?: number | undefined;
  /** Ends the run after the current step, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Callbacks, called in this order. */
  readonly callbacks?: readonly Callback[] | undefined;
}

/** The checked options of a run, in the trainer's own counts. @internal */
export interface RunPlan {
  readonly batchSize: number;
  /** Identifies the pass through the data, to decide whether an interrupted epoch can continue. */
  readonly pass: string;
  /** `undefined` if the dataset does not know its size or is endless. */
  readonly stepsPerEpoch: number | undefined;
  /** Whether only a number of epochs bounds the run. */
  readonly boundedByEpochs: boolean;
  /** How many epochs to train in this run. */
  readonly moreEpochs: number;
  /** Finished epochs, over the trainer's life, at which the run ends. */
  readonly lastEpoch: number;
  /** Steps, over the trainer's life, at which the run ends. */
  readonly lastStep: number;
}

/** The trainer's position and the number of batches in a step. @internal */
export interface RunStart {
  readonly step: number;
  readonly cursor: DataCursor;
  readonly batchesPerStep: number;
}

const hooks: readonly (keyof Callback)[] = [
  ...(['onTrainBegin', 'onEpochBegin', 'onStepEnd'] as const),
  ...(['onLog', 'onEpochEnd', 'onTrainEnd'] as const),
];

/**
 * Refuses settings, callbacks and a signal that a run would silently ignore, or fail on later.
 * @internal
 */
export function checkTrainOptions(options: TrainOptions): void {
  const counts = { batchSize: undefined, epochs: undefined, steps: undefined, until: undefined };
  const time = { minutes: undefined, maxSteps: undefined };
  const defaults = { ...counts, ...time, signal: undefined, callbacks: [] };
  const { callbacks, signal } = withDefaults('train', options, defaults);
  checkBounds(options);
  if (!Array.isArray(callbacks)) {
    throw new TypeError(
      `Cannot train: callbacks must be an array, got ${formatValue(callbacks)}. Write [callback]`,
    );
  }
  callbacks.forEach((callback: unknown, i) => {
    const candidate = callback as Partial<Callback> | null | undefined;
    if (hooks.some((hook) => typeof candidate?.[hook] === 'function')) return;
    // An empty callback is valid: `isLoud ? progress() : {}`.
    if (isRecord(candidate) && isPlainObject(candidate) && Object.keys(candidate).length === 0)
      return;
    const cure =
      typeof callback === 'function' ? '. Is it a maker of one, such as progress()?' : '';
    throw new TypeError(
      `Cannot train: callbacks[${i}] must have one of the functions ${hooks.join(', ')}, ` +
        `got ${formatValue(callback)}${cure}`,
    );
  });
  if (signal === undefined || typeof (signal as Partial<AbortSignal> | null)?.aborted === 'boolean')
    return;
  throw new TypeError(
    `Cannot train: signal must be an AbortSignal, got ${formatValue(signal)}. Pass controller.signal`,
  );
}

/** Refuses more than one limit of a run. */
function checkBounds({ epochs, steps, until, minutes, maxSteps }: TrainOptions): void {
  const given = Object.entries({ epochs, steps, until, minutes }).filter(
    ([, bound]) => bound !== undefined,
  );
  if (given.length > 1) {
    const cure =
      minutes === undefined
        ? 'For whichever comes first, pass until: { epochs, steps }, which count over the life of the trainer'
        : 'To limit the steps of a run of minutes, pass maxSteps';
    throw new RangeError(
      `Cannot train: only one of epochs, steps, until and minutes must be given, got ` +
        `${inWords(given.map(([name]) => name))}. ${cure}`,
    );
  }
  if (minutes !== undefined) checkPositive('train', 'minutes', minutes);
  if (maxSteps === undefined) return;
  checkNonNegativeInteger('train', 'maxSteps', maxSteps);
  if (minutes !== undefined) return;
  throw new RangeError(
    `Cannot train: maxSteps must be used with minutes, got maxSteps ${maxSteps} without minutes. Pass steps`,
  );
}

/** @internal */
export function planRun(dataset: Dataset, options: TrainOptions, start: RunStart): RunPlan {
  const { batchSize = 64, epochs, steps = options.maxSteps, until = {} } = options;
  checkPositiveInteger('train', 'batchSize', batchSize);
  if (epochs !== undefined) checkNonNegativeInteger('train', 'epochs', epochs);
  if (steps !== undefined) checkNonNegativeInteger('train', 'steps', steps);
  if (until.epochs !== undefined) checkNonNegativeInteger('train', 'until.epochs', until.epochs);
  if (until.steps !== undefined) checkNonNegativeInteger('train', 'until.steps', until.steps);

  const stepsPerEpoch = countSteps(dataset, batchSize, start.batchesPerStep);
  const [moreEpochs, lastEpoch] = [epochs ?? Infinity, until.epochs ?? Infinity];
  const lastStep = Math.min(start.step + (steps ?? Infinity), until.steps ?? Infinity);
  const epochsLeft = Math.min(moreEpochs, lastEpoch - start.cursor.epoch);
  const boundedByEpochs = lastStep === Infinity && epochsLeft > 0 && epochsLeft < Infinity;
  if (boundedByEpochs && dataset.size === Infinity) {
    throw new RangeError(
      `Cannot train: the dataset '${dataset.name}' must have a finite size for epochs to end the run, got Infinity. ` +
        'Pass steps, such as { steps: 1000 }, or give the dataset a finite size, such as ' +
        'datasetFromTfData(source, { size: 10_000 })',
    );
  }
  const pass = `${dataset.name}, ${dataset.size ?? 'unknown'} samples, batches of ${batchSize}`;
  return { batchSize, pass, stepsPerEpoch, boundedByEpochs, moreEpochs, lastEpoch, lastStep };
}

/**
 * The planned end of a run, if it can be known. A run with the same end as the one before continues
 * its plan: in the middle of a dataset whose size is wrong, a new plan would differ.
 *
 * @internal
 */
export function planSteps(
  plan: RunPlan,
  start: RunStart,
  former: TrainingPlan | undefined,
): TrainingPlan | undefined {
  const { pass } = plan;
  const epochs = Math.min(start.cursor.epoch + plan.moreEpochs, plan.lastEpoch);
  const until: TrainBound = {
    ...(epochs < Infinity && { epochs }),
    ...(plan.lastStep < Infinity && { steps: plan.lastStep }),
  };
  const isSame = former?.until.epochs === until.epochs && former?.until.steps === until.steps;
  if (former?.pass === pass && isSame && former.lastStep !== undefined) return former;
  const lastStep = lastStepOf(plan, start);
  return lastStep === undefined ? undefined : { lastStep, until, pass };
}

function lastStepOf(plan: RunPlan, start: RunStart): number | undefined {
  const epochs = Math.min(plan.moreEpochs, plan.lastEpoch - start.cursor.epoch);
  if (plan.stepsPerEpoch === undefined || epochs === Infinity) {
    return plan.lastStep === Infinity ? undefined : plan.lastStep;
  }
  const goesOn = start.cursor.pass === plan.pass;
  const done = goesOn ? Math.floor(start.cursor.batch / start.batchesPerStep) : 0;
  const left = Math.max(0, epochs * plan.stepsPerEpoch - done);
  return Math.min(plan.lastStep, start.step + left);
}

/**
 * Warns of a run that may not end: only a pass can show whether a stream of unknown size is
 * endless.
 */
export function warnAboutUnknownSize(dataset: Dataset, plan: RunPlan): void {
  if (!plan.boundedByEpochs || dataset.size !== undefined) return;
  console.warn(
    `tfjs-gan: the dataset '${dataset.name}' does not know its size, and only epochs bound this run: it ends when ` +
      "that many passes through the data have ended. If a pass is endless, as after tf.data's repeat(), pass steps. " +
      'To state the size: datasetFromTfData(source, { size: 10_000 })',
  );
}

/** @internal */
export function checkDataset(dataset: Dataset, game: Game): void {
  if (typeof (dataset as Partial<Dataset> | null | undefined)?.batches !== 'function') {
    const cure = isPromise(dataset)
      ? 'Wait for it: await loadMnist()'
      : 'Create one with datasetFromArray, datasetFromTensor or datasetFromTfData';
    throw new TypeError(
      `Cannot train: dataset must be a Dataset, got ${formatValue(dataset)}. ${cure}`,
    );
  }
  const given = dataset.sampleShape;
  const { shape } = game.batch['samples'] ?? {};
  if (shape !== undefined && !fitsShape(given, shape)) {
    throw new RangeError(
      `Cannot train: samples of the dataset '${dataset.name}' must have the shape the networks were created for, ` +
        `${formatShape(shape)}, got ${formatShape(given)}${swapHint('samples', dataset, game)}`,
    );
  }
  // A custom dataset need not declare its other tensors: its first batch is checked instead.
  if (dataset.tensors !== undefined) checkFurther(dataset, dataset.tensors, game);
}

/** Checks the tensors that a game requires besides samples and labels. */
function checkFurther(
  dataset: Dataset,
  tensors: NonNullable<Dataset['tensors']>,
  { name: game, batch }: Game,
): void {
  for (const [name, { shape }] of Object.entries(batch)) {
    if (name === 'samples' || name === 'labels') continue;
    const given = tensors[name];
    if (given === undefined) {
      const others = [
        ...(dataset.classes === undefined ? [] : ['labels']),
        ...Object.keys(tensors),
      ];
      throw new RangeError(
        `Cannot train: the dataset '${dataset.name}' must return batches with '${name}', which the game '${game}' requires, ` +
          `got ${inWords(['samples', ...others])} only. ` +
          'Join datasets with paired({ samples, source }) or unpaired({ a, b })',
      );
    }
    if (shape === undefined || fitsShape(given, shape)) continue;
    throw new RangeError(
      `Cannot train: ${name} of the dataset '${dataset.name}' must have the shape the game '${game}' requires, ` +
        `${formatShape(shape)}, got ${formatShape(given)}${swapHint(name, dataset, { batch })}`,
    );
  }
}

/**
 * Asks whether two tensors of a batch were given each other's names, if each has the shape of the
 * other.
 */
function swapHint(
  name: string,
  { sampleShape, tensors = {} }: Dataset,
  { batch }: Pick<Game, 'batch'>,
): string {
  const given: Dataset['tensors'] = { samples: sampleShape, ...tensors };
  const hasShapeOf = (one: string, other: string): boolean => {
    const [shape, wanted] = [given[one], batch[other]?.shape];
    return shape !== undefined && wanted !== undefined && fitsShape(shape, wanted);
  };
  const other = Object.keys(batch).find(
    (one) => one !== name && hasShapeOf(name, one) && hasShapeOf(one, name),
  );
  return other === undefined ? '' : `. Are ${name} and ${other} swapped?`;
}

function inWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' and ');
}

function countSteps(
  dataset: Dataset,
  batchSize: number,
  batchesPerStep: number,
): number | undefined {
  if (dataset.size === undefined || dataset.size === Infinity) return undefined;
  const steps = Math.floor(Math.floor(dataset.size / batchSize) / batchesPerStep);
  if (steps > 0) return steps;
  const wanted =
    batchesPerStep === 1
      ? `at least one batch of ${batchSize} samples`
      : `at least ${batchesPerStep} batches of ${batchSize} samples, which one step uses`;
  throw new RangeError(
    `Cannot train: the dataset '${dataset.name}' must hold ${wanted}, got ${dataset.size} samples. Lower batchSize`,
  );
}
