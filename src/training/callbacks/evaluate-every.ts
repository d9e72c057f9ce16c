import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { evaluate, type EvaluateOptions, type Evaluation } from '../../metrics/evaluate.ts';
import { type Figure, figuresOf } from '../../metrics/figures.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm, whenDue } from './every.ts';
import { isBetter, type Monitor } from './monitor.ts';
import { type ShownGenerator, shownGenerators } from './shown-generators.ts';

/**
 * One evaluation during training, as plain data. Custom `figures` are recorded without what
 * `evaluate` adds to them, such as `samples`.
 *
 * @example Print one table row for each evaluation
 * ```ts
 * const line = ({ step, figures }: EvaluationRecord): string => `${step} ${figures['frechet']?.mean.toFixed(3)}`;
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const judge = evaluateEvery({ steps: 1 }, { features, samples: 100, seeds: 1 });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 2, callbacks: [judge] });
 * console.log(judge.records.map(line).join('\n'));
 * ```
 */
export interface EvaluationRecord
  extends Pick<Evaluation, 'figures'>, Partial<Omit<Evaluation, 'figures'>> {
  /** The step after which it was measured, counted over the trainer's life. */
  readonly step: number;
}

/**
 * Settings of {@link evaluateEvery}.
 *
 * @example Compare with held-out samples
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
   * The real samples to compare with; preferably held out from training. If a game has several
   * generators, pass those of each by its name, `{ aToB: b, bToA: a }`; generators that are not
   * named are not evaluated.
   *
   * @defaultValue the training data of the run
   */
  readonly dataset?: Dataset | Readonly<Record<string, Dataset>> | undefined;
  /**
   * Evaluations of the run that is continued, so that a worse generator does not count as the best.
   *
   * @defaultValue none
   */
  readonly previous?: readonly EvaluationRecord[] | undefined;
}

/**
 * A callback that keeps its measurements.
 *
 * @example Find the best step of a run
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const judge: EvaluateEvery = evaluateEvery({ steps: 1 }, { features, samples: 100, seeds: 1 });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 3, callbacks: [judge] });
 * console.log(`step ${judge.best('frechet')?.step} of ${judge.records.length} that were judged`);
 * ```
 */
export interface EvaluateEvery extends Callback {
  /** All evaluations in order, including earlier ones. */
  readonly records: readonly EvaluationRecord[];
  /**
   * The evaluation with the best figure so far, including earlier ones.
   *
   * @param figure - Name of the figure: `frechet`, or `prdc.coverage` if a metric has several.
   * @param mode - Which direction is better; `'min'` if left out.
   * @returns The first one with that figure; `undefined` before the first evaluation.
   */
  best(figure: string, mode?: Monitor['mode']): EvaluationRecord | undefined;
  /**
   * A figure as a monitor for `checkpoint`, `saveGenerator` and `earlyStop`. List them after this
   * callback, with the same `every`: if the last step was not evaluated, the value is NaN, which is
   * never better.
   *
   * @param figure - Name of the figure, as for {@link EvaluateEvery.best}.
   * @param mode - Which direction is better; `'min'` if left out.
   * @returns The monitor.
   */
  monitor(figure: string, mode?: Monitor['mode']): Monitor;
}

/**
 * Evaluates the generator during training.
 *
 * GANs often get worse again: many published runs end far above their best Fréchet distance. Keep
 * the best generator instead of the last one: give {@link EvaluateEvery.monitor} to `saveGenerator`
 * or `checkpoint` as `best`. Evaluation does not use the trainer's random numbers and does not
 * change weights, so training gives the same result with and without it.
 *
 * The mean of each figure is logged with the run, as `evaluation/frechet`, for `historyFile` and
 * `tensorBoard`. If the game has several generators, each figure is prefixed with the name of its
 * generator: `aToB/frechet`, logged as `evaluation/aToB/frechet`.
 *
 * An evaluation takes about as long as generating and comparing its samples. Use fewer samples here
 * than for a final result, and always the same number.
 *
 * @param every - How often, such as `{ epochs: 1 }`.
 * @param options - The options of {@link evaluate}, and the data; or `figures`, a function that
 *   measures in its own way: it returns an object, and each number in it, also in objects within, is
 *   a figure, named `trends.mean` for example. It must not use the trainer's random numbers.
 * @returns The callback.
 * @throws RangeError if `every` is not one positive number of steps or epochs; TypeError if
 *   `figures` is no function. A run fails if it returns no number.
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
 *
 * @example Keep the generator of the table whose relations of columns are best
 * ```ts
 * const rows = Array.from({ length: 200 }, (_, i) => ({ size: i % 10, kind: i % 10 > 6 ? 'large' : 'small' }));
 * const table = tableDataset(rows);
 * const gan = createCtgan({ table, generatorUnits: [16], discriminatorUnits: [16] });
 * const every = { steps: 2 };
 * const judge = evaluateEvery(every, {
 *   figures: async () => tableReport(table, await gan.sample(100, { seed: 1 })),
 * });
 * const keeper = saveGenerator('file://best', { every, best: judge.monitor('trends.mean', 'max') });
 * await gan.trainer.fit(table, { steps: 4, batchSize: 100, callbacks: [judge, keeper] });
 * ```
 */
export function evaluateEvery(
  every: Every,
  options:
    | EvaluateEveryOptions
    | (Pick<EvaluateEveryOptions, 'previous'> & {
        readonly figures: (run: TrainRun) => Readonly<object> | Promise<Readonly<object>>;
      }),
): EvaluateEvery {
  const action = 'evaluate during training';
  const names = ['features', 'samples', 'seeds', 'metrics', 'logitMetrics', 'perClass', 'dataset'];
  checkOptions(action, options, ['previous', 'figures', ...names]);
  const isCustom = 'figures' in options;
  if (isCustom) checkOptions(action, options, ['previous', 'figures']);
  const due = rhythm(action, every);
  const records = [...(options.previous ?? [])];
  if (isCustom && typeof options.figures !== 'function') {
    throw new TypeError(
      `Cannot ${action}: figures must be a function, got ${formatValue(options.figures)}`,
    );
  }

  const judge = async (run: TrainRun): Promise<void> => {
    const evaluation = isCustom
      ? { figures: figuresOf(action, await options.figures(run)) }
      : await evaluateAll(action, run, options);
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
      // Fail at the first evaluation instead of after an hour.
      if (!isCustom) judgedOf(action, run, options.dataset);
    },
    ...whenDue(due, judge),
  };
}

/** The generators to evaluate, each with the real samples it is compared with. */
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

/** Evaluates all generators; figures are prefixed with the names of several. */
async function evaluateAll(
  action: string,
  run: TrainRun,
  options: EvaluateEveryOptions,
): Promise<Evaluation> {
  const figures: [name: string, Figure][] = [];
  const all: Evaluation[] = [];
  for (const { name, generator, real } of judgedOf(action, run, options.dataset)) {
    const evaluation = await evaluate(generator, real, options);
    const prefix = name === undefined ? '' : `${name}/`;
    for (const [figure, values] of Object.entries(evaluation.figures)) {
      figures.push([prefix + figure, values]);
    }
    all.push(evaluation);
  }
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
    `Cannot watch a figure: figure must be one of ${Object.keys(figures).map(formatValue).join(', ')}, got '${name}'`,
  );
}
