import { checkOptions } from '../../../core/checks.ts';
import { digits, duration, whole } from '../../../report/page/words.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { StepInfo } from '../../../training/step-info.ts';

/**
 * Settings of {@link progress}.
 *
 * @example Print to stderr, separate from the program's own output
 * ```ts
 * const options: ProgressOptions = { stream: process.stderr, every: { steps: 100 } };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [progress(options)] });
 * ```
 */
export interface ProgressOptions {
  /**
   * Where to print. A terminal shows one line that is rewritten; other streams receive plain lines.
   *
   * @defaultValue `process.stdout`
   */
  readonly stream?: ProgressStream | undefined;
  /**
   * How often to write a plain line; the last step always has one. On a terminal the line is
   * rewritten after each step.
   *
   * @defaultValue `{ steps: 50 }`
   */
  readonly every?: Every | undefined;
}

/**
 * The members of a stream that {@link progress} uses; `process.stdout` and `process.stderr` have
 * them.
 *
 * @example Collect the lines to show them elsewhere
 * ```ts
 * const lines: string[] = [];
 * const stream: ProgressStream = { write: (text) => lines.push(text) };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [progress({ stream, every: { steps: 1 } })] });
 * console.log(lines.length); // 2
 * ```
 */
export interface ProgressStream {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal, in characters. */
  readonly columns?: number | undefined;
  /** Writes text. */
  write(text: string): unknown;
}

/** Carriage return and "erase the line". */
const rewrite = '\r\u001b[K';

/** Weight of the past in the moving average of the step duration. */
const inertia = 0.9;

/**
 * Prints progress: epoch, step, losses, accuracy of the discriminator on real and fake samples,
 * images per second, and the remaining time; in a run of `minutes` also the planned number of
 * steps. Numbers that other callbacks log, such as `evaluateEvery`, have their own line.
 *
 * @param options - Stream, and how often.
 * @returns The callback.
 * @throws RangeError if `every` is not one positive number of steps, epochs or minutes.
 *
 * @example A live line on the terminal
 * ```ts
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [progress()] });
 * ```
 */
export function progress(options: ProgressOptions = {}): Callback {
  const action = 'print progress';
  checkOptions(action, options, ['stream', 'every']);
  const { stream = process.stdout, every = { steps: 50 } } = options;
  const due = rhythm(action, every);
  const live = stream.isTTY === true;
  let secondsPerStep = 0;
  let last = 0;
  let open = false;
  let printed = 0;

  const print = (step: StepInfo, run: TrainRun): void => {
    const text = line(step, run, secondsPerStep);
    // A line that wraps could not be rewritten.
    stream.write(live ? `${rewrite}${text.slice(0, (stream.columns ?? 200) - 1)}` : `${text}\n`);
    open = live;
    printed = step.number;
  };
  return {
    onTrainBegin: () => {
      last = performance.now();
      secondsPerStep = 0;
    },
    onStepEnd: (step, run) => {
      const now = performance.now();
      const seconds = (now - last) / 1000;
      last = now;
      const past = secondsPerStep === 0 ? 0 : inertia;
      secondsPerStep = past * secondsPerStep + (1 - past) * seconds;
      const isLast = step.number === run.lastStep;
      if (live || due.atStep(step.number) || isLast) print(step, run);
    },
    onLog: ({ step, values }) => {
      const numbers = Object.entries(values).map(([name, value]) => `${name} ${digits(value)}`);
      stream.write(`${open ? rewrite : ''}step ${step}  ${numbers.join('  ')}\n`);
      open = false;
    },
    onEpochEnd: (epoch, run) => {
      const step = run.trainer.history.steps.at(-1);
      if (step === undefined || step.number === printed) return;
      if (due.atEpoch(epoch.number)) print(step, run);
    },
    onTrainEnd: () => {
      if (open) stream.write('\n');
      open = false;
    },
  };
}

/** Short names of the turns of the adversarial game. */
const shortNames: Readonly<Record<string, string>> = { discriminator: 'D', generator: 'G' };

/** The metrics `accuracy/…` of a game; nothing if it has none. */
function accuracies(metrics: StepInfo['metrics']): string[] {
  const shown = Object.entries(metrics).filter(([name]) => name.startsWith('accuracy/'));
  if (shown.length === 0) return [];
  const each = shown.map(([name, value]) => `${name.slice('accuracy/'.length)} ${percent(value)}`);
  return [`accuracy ${each.join(' ')}`];
}

function line(step: StepInfo, run: TrainRun, secondsPerStep: number): string {
  const ofSteps = run.stepsPerEpoch === undefined ? '' : `/${run.stepsPerEpoch}`;
  const left = run.lastStep === undefined ? undefined : run.lastStep - step.number;
  return [
    ...(run.minutes === undefined ? [] : [placeInPlan(step.number, run.lastStep)]),
    `epoch ${step.epoch} step ${step.stepInEpoch}${ofSteps}`,
    `loss ${Object.entries(step.losses)
      .map(([turn, loss]) => `${shortNames[turn] ?? turn} ${loss.toFixed(3)}`)
      .join(' ')}`,
    ...accuracies(step.metrics),
    // No speed if the clock stands still, as in a test.
    ...(secondsPerStep > 0 ? [`${Math.round(step.samples / secondsPerStep)} images/s`] : []),
    ...(left === undefined ? [] : [`ETA ${duration(Math.round(left * secondsPerStep))}`]),
  ].join('  ');
}

/** Where a run of minutes is: its end is planned after the first steps, and moves. */
function placeInPlan(step: number, lastStep: number | undefined): string {
  const place = `step ${whole(step)}`;
  if (lastStep === undefined) return `${place}, not planned yet`;
  return `${place} of ${step === lastStep ? '' : 'about '}${whole(lastStep)}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
