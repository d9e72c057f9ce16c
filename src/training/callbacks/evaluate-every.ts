import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { evaluate, type EvaluateOptions, type Evaluation } from '../../metrics/evaluate.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm } from './every.ts';

/**
 * One evaluation during training: plain data.
 *
 * @example One line of a table for each evaluation
 * ```ts
 * const line = ({ step, figures }: EvaluationRecord): string => `${step} ${figures['frechet']?.mean.toFixed(3)}`;
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const judge = evaluateEvery({ steps: 1 }, { features, samples: 100, seeds: 1 });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 2, callbacks: [judge] });
 * console.log(judge.records.map(line).join('\n'));
 * ```
 */
export interface EvaluationRecord extends Evaluation {
  /** After which step, over the trainer's life. */
  readonly step: number;
}

/**
 * Which figure is to be as good as can be, and what to do when it has never been better.
 *
 * @example Save the most diverse generator, not the nearest
 * ```ts
 * const keepBest: KeepBest = {
 *   figure: 'prdc.coverage',
 *   mode: 'max',
 *   onBest: async ({ step }, { trainer }) => void (await trainer.generator.save(`file://best-${step}`)),
 * };
 * const judge = evaluateEvery({ epochs: 1 }, { features: mnistFeatures(), samples: 2_000, keepBest });
 * ```
 */
export interface KeepBest {
  /** Name of the figure: `frechet`, or `prdc.coverage` where a metric gives several. */
  readonly figure: string;
  /**
   * Which way is better.
   *
   * @defaultValue `'min'`
   */
  readonly mode?: 'min' | 'max' | undefined;
  /**
   * Called when the figure is better than ever, with the networks as they were judged: save the generator here.
   *
   * @param record - The evaluation.
   * @param run - The run, with its trainer.
   */
  readonly onBest: (record: EvaluationRecord, run: TrainRun) => void | Promise<void>;
}

/**
 * Settings of {@link evaluateEvery}.
 *
 * @example Compare with samples that are not trained on
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const unseen = ring8({ size: 200, seed: 2 });
 * const options: EvaluateEveryOptions = { features, dataset: unseen, samples: 200, seeds: 1 };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512, seed: 1 }), { steps: 2, callbacks: [evaluateEvery({ steps: 2 }, options)] });
 * ```
 */
export interface EvaluateEveryOptions extends EvaluateOptions {
  /**
   * The real samples to compare with; best ones that are not trained on.
   *
   * @defaultValue the data of the run
   */
  readonly dataset?: Dataset | undefined;
  /** Which figure decides what is best, and what to do then. */
  readonly keepBest?: KeepBest | undefined;
  /**
   * Evaluations of the run that this one goes on with, so that a worse generator does not pass for the best.
   *
   * @defaultValue none
   */
  readonly previous?: readonly EvaluationRecord[] | undefined;
}

/**
 * A callback that remembers what it measured.
 *
 * @example Where a run was best
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const keepBest: KeepBest = { figure: 'frechet', onBest: () => undefined };
 * const judge: EvaluateEvery = evaluateEvery({ steps: 1 }, { features, samples: 100, seeds: 1, keepBest });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 3, callbacks: [judge] });
 * console.log(`step ${judge.best?.step} of ${judge.records.length} that were judged`);
 * ```
 */
export interface EvaluateEvery extends Callback {
  /** Every evaluation, those of before included, in order. */
  readonly records: readonly EvaluationRecord[];
  /** The evaluation with the best figure so far; `undefined` before the first, and without `keepBest`. */
  readonly best: EvaluationRecord | undefined;
}

/**
 * Judges the generator as training goes on, and tells when it has never been better.
 *
 * GANs get worse again: many published runs end far above their best Fréchet distance. So keep the best generator, not the
 * last. Evaluating takes no random numbers of the trainer's and moves no weights: training goes on as it would have.
 *
 * The mean of each figure is logged with the run, as `evaluation/frechet`, for `historyFile` and `tensorBoard`.
 *
 * Each evaluation takes about as long as its samples take to make and to compare, so take fewer of them here than for a
 * final figure, and always equally many.
 *
 * @param every - How often, such as `{ epochs: 1 }`.
 * @param options - What {@link evaluate} needs, the data, and which figure is to be best.
 * @returns The callback.
 * @throws RangeError where `every` is not one positive number of steps or epochs.
 *
 * @example Keep the best generator of a run
 * ```ts
 * const means = featureExtractor((images) => tf.mean(images, [2, 3]), {
 *   name: 'means of rows',
 *   inputShape: [8, 8, 1],
 * });
 * const judge = evaluateEvery({ steps: 2 }, {
 *   features: means,
 *   samples: 64,
 *   seeds: 1,
 *   keepBest: { figure: 'frechet', onBest: async (_, { trainer }) => void (await trainer.generator.save('file://best')) },
 * });
 * await trainer.fit(dataset, { steps: 4, batchSize: 8, callbacks: [judge] });
 * console.log(judge.records.map(({ step }) => step)); // [2, 4]
 * ```
 */
export function evaluateEvery(every: Every, options: EvaluateEveryOptions): EvaluateEvery {
  const action = 'evaluate during training';
  checkOptions(action, options, [
    ...['features', 'samples', 'seeds', 'metrics', 'logitMetrics'],
    ...['dataset', 'keepBest', 'previous'],
  ]);
  const due = rhythm(action, every);
  const { dataset, keepBest, previous = [], ...settings } = options;
  const mode = keepBest?.mode ?? 'min';
  checkOneOf(action, 'keepBest.mode', mode, ['min', 'max'] as const);
  if (keepBest !== undefined && typeof keepBest.onBest !== 'function') {
    throw new TypeError(
      `Cannot ${action}: keepBest.onBest must be a function, got ${formatValue(keepBest.onBest)}`,
    );
  }

  const records = [...previous];
  const value = (record: EvaluationRecord): number =>
    figureOf(action, record, keepBest?.figure ?? '') * (mode === 'min' ? 1 : -1);
  let best: EvaluationRecord | undefined;
  /** Makes a record the best where it is; a figure that is not a number never is. */
  const challenge = (record: EvaluationRecord): boolean => {
    const figure = value(record);
    if (Number.isNaN(figure) || (best !== undefined && value(best) <= figure)) return false;
    best = record;
    return true;
  };
  if (keepBest !== undefined) records.forEach(challenge);

  const judge = async (run: TrainRun): Promise<void> => {
    const { generator, step } = run.trainer;
    const evaluation = await evaluate(generator, dataset ?? run.dataset, settings);
    const record: EvaluationRecord = { step, ...evaluation };
    records.push(record);
    await run.log(
      Object.fromEntries(
        Object.entries(evaluation.figures).map(([name, { mean }]) => [`evaluation/${name}`, mean]),
      ),
    );
    if (keepBest !== undefined && challenge(record)) await keepBest.onBest(record, run);
  };
  return {
    get records() {
      return records;
    },
    get best() {
      return best;
    },
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await judge(run);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await judge(run);
    },
  };
}

function figureOf(action: string, { figures }: EvaluationRecord, name: string): number {
  const figure = figures[name];
  if (figure !== undefined) return figure.mean;
  throw new RangeError(
    `Cannot ${action}: keepBest.figure must be one of ${Object.keys(figures)
      .map((one) => `'${one}'`)
      .join(', ')}, got '${name}'`,
  );
}
