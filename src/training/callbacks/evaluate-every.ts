import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { evaluate, type EvaluateOptions, type Evaluation } from '../../metrics/evaluate.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm } from './every.ts';
import { isBetter, type Monitor } from './monitor.ts';
import { type ShownGenerator, shownGenerators } from './shown-generators.ts';

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
   * The real samples to compare with; best ones that are not trained on. If a game has several generators, those of each by its
   * name, `{ aToB: b, bToA: a }`; one that is not named is not judged.
   *
   * @defaultValue the data of the run
   */
  readonly dataset?: Dataset | Readonly<Record<string, Dataset>> | undefined;
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
 * const judge: EvaluateEvery = evaluateEvery({ steps: 1 }, { features, samples: 100, seeds: 1 });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 3, callbacks: [judge] });
 * console.log(`step ${judge.best('frechet')?.step} of ${judge.records.length} that were judged`);
 * ```
 */
export interface EvaluateEvery extends Callback {
  /** Every evaluation, those of before included, in order. */
  readonly records: readonly EvaluationRecord[];
  /**
   * The evaluation with the best figure so far, those of before included.
   *
   * @param figure - Name of the figure: `frechet`, or `prdc.coverage` where a metric gives several.
   * @param mode - Which way is better; `'min'` if left out.
   * @returns The first one with that figure; `undefined` before the first evaluation.
   */
  best(figure: string, mode?: Monitor['mode']): EvaluationRecord | undefined;
  /**
   * A figure as what `checkpoint`, `saveGenerator` and `earlyStop` watch. Put them after this callback, with the same `every`: where
   * the last step was not evaluated, the value is NaN, which is never better.
   *
   * @param figure - Name of the figure, as for {@link EvaluateEvery.best}.
   * @param mode - Which way is better; `'min'` if left out.
   * @returns The monitor.
   */
  monitor(figure: string, mode?: Monitor['mode']): Monitor;
}

/**
 * Judges the generator during training.
 *
 * GANs get worse again: many published runs end far above their best Fréchet distance. So keep the best generator, not the
 * last: give {@link EvaluateEvery.monitor} to `saveGenerator` or `checkpoint` as `best`. Evaluating takes no random numbers of the
 * trainer's and moves no weights: training continues as it would have.
 *
 * The mean of each figure is logged with the run, as `evaluation/frechet`, for `historyFile` and `tensorBoard`. If the game has several
 * generators, each figure has the name of its generator before it: `aToB/frechet`, logged as `evaluation/aToB/frechet`.
 *
 * Each evaluation takes about as long as its samples take to make and to compare, so take fewer of them here than for a
 * final figure, and always equally many.
 *
 * @param every - How often, such as `{ epochs: 1 }`.
 * @param options - What {@link evaluate} needs, and the data.
 * @returns The callback.
 * @throws RangeError where `every` is not one positive number of steps or epochs.
 *
 * @example Keep the best generator of a run
 * ```ts
 * const means = featureExtractor((images) => tf.mean(images, [2, 3]), {
 *   name: 'means of rows',
 *   inputShape: [8, 8, 1],
 * });
 * const every = { steps: 2 };
 * const judge = evaluateEvery(every, { features: means, samples: 64, seeds: 1 });
 * const keeper = saveGenerator('file://best', { every, best: judge.monitor('frechet') });
 * await trainer.fit(dataset, { steps: 4, batchSize: 8, callbacks: [judge, keeper] });
 * console.log(judge.records.map(({ step }) => step)); // [2, 4]
 * ```
 */
export function evaluateEvery(every: Every, options: EvaluateEveryOptions): EvaluateEvery {
  const action = 'evaluate during training';
  checkOptions(action, options, [
    ...['features', 'samples', 'seeds', 'metrics', 'logitMetrics'],
    ...['dataset', 'previous'],
  ]);
  const due = rhythm(action, every);
  const { dataset, previous = [], ...settings } = options;
  const records = [...previous];

  const judge = async (run: TrainRun): Promise<void> => {
    const evaluations: [name: string | undefined, Evaluation][] = [];
    for (const { name, generator, real } of judgedOf(action, run, dataset)) {
      evaluations.push([name, await evaluate(generator, real, settings)]);
    }
    const evaluation = merged(evaluations);
    records.push({ step: run.trainer.step, ...evaluation });
    await run.log(
      Object.fromEntries(
        Object.entries(evaluation.figures).map(([name, { mean }]) => [`evaluation/${name}`, mean]),
      ),
    );
  };
  return {
    get records() {
      return records;
    },
    best: (figure, mode = 'min') => {
      checkFigure(figure, mode);
      const value = (record: EvaluationRecord): number => figureOf(record, figure);
      return records
        .filter((record) => !Number.isNaN(value(record)))
        .reduce<EvaluationRecord | undefined>(
          (best, record) =>
            best === undefined || isBetter(value(record), value(best), mode) ? record : best,
          undefined,
        );
    },
    monitor: (figure, mode = 'min') => {
      checkFigure(figure, mode);
      return {
        value: ({ number }) => {
          const last = records.at(-1);
          return last?.step === number ? figureOf(last, figure) : NaN;
        },
        mode,
      };
    },
    onTrainBegin: (run) => {
      // Not after an hour, at the first evaluation.
      judgedOf(action, run, dataset);
    },
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await judge(run);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await judge(run);
    },
  };
}

/** The generators to judge, each with the real samples it is compared with. */
function judgedOf(
  action: string,
  { trainer, dataset: ofRun }: TrainRun,
  dataset: EvaluateEveryOptions['dataset'] = ofRun,
): readonly (ShownGenerator & { readonly real: Dataset })[] {
  const shown = shownGenerators(trainer);
  if (isDataset(dataset)) return shown.map((one) => ({ ...one, real: dataset }));
  const names = Object.keys(trainer.game.generators);
  checkOptions(action, dataset, names, 'dataset');
  const judged = shown.flatMap((one, i) => {
    const real = dataset[names[i]!];
    return real === undefined ? [] : [{ ...one, real }];
  });
  if (judged.length > 0) return judged;
  throw new RangeError(
    `Cannot ${action}: dataset must be a dataset, or those of ${names.join(', ')} by name, got none`,
  );
}

function isDataset(dataset: Dataset | Readonly<Record<string, Dataset>>): dataset is Dataset {
  return typeof (dataset as Partial<Dataset> | null)?.batches === 'function';
}

/** All evaluations as one, with the names of their generators before their figures. */
function merged(evaluations: readonly (readonly [string | undefined, Evaluation])[]): Evaluation {
  const figures = evaluations.flatMap(([name, evaluation]) =>
    Object.entries(evaluation.figures).map(
      ([figure, values]) => [name === undefined ? figure : `${name}/${figure}`, values] as const,
    ),
  );
  const all = evaluations.map(([, evaluation]) => evaluation);
  return {
    ...all[0]!,
    figures: Object.fromEntries(figures),
    realSamples: Math.min(...all.map(({ realSamples }) => realSamples)),
    dataset: [...new Set(all.map(({ dataset }) => dataset))].join(', '),
  };
}

function checkFigure(figure: string, mode: Monitor['mode']): void {
  if (typeof figure !== 'string') {
    throw new TypeError(
      `Cannot watch a figure: figure must be its name, such as 'frechet', got ${formatValue(figure)}`,
    );
  }
  checkOneOf('watch a figure', 'mode', mode, ['min', 'max']);
}

function figureOf({ figures }: EvaluationRecord, name: string): number {
  const figure = figures[name];
  if (figure !== undefined) return figure.mean;
  throw new RangeError(
    `Cannot watch a figure: figure must be one of ${Object.keys(figures)
      .map((one) => `'${one}'`)
      .join(', ')}, got '${name}'`,
  );
}
