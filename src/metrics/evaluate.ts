import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Generator } from '../models/generator.ts';
import { type CollectedFeatures, fakeFeatures, realFeatures } from './features/collect-features.ts';
import { checkTakes, type FeatureExtractor } from './features/feature-extractor.ts';
import { frechetDistance } from './frechet-distance.ts';
import { type ClassFigures, type Figure, flatten, summarize, summarizeClasses } from './figures.ts';
import { classNumbers, type ClassNumbers } from './class-numbers.ts';
import type { LogitMetric, Metric } from './metric.ts';
import { precisionRecall } from './precision-recall.ts';

/**
 * Settings of {@link evaluate}.
 *
 * @example One metric for points, with given seeds
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const options: EvaluateOptions = { features, samples: 200, seeds: [7, 8], metrics: { moved: slicedWasserstein } };
 * const { generator } = createMlpGan({ sampleShape: [2] });
 * const report = await evaluate(generator, ring8({ size: 500 }), options);
 * console.log(Object.keys(report.figures), report.seeds); // [ 'moved' ] [ 7, 8 ]
 * ```
 */
export interface EvaluateOptions {
  /** Computes features of samples, such as `mnistFeatures()`. */
  readonly features: FeatureExtractor;
  /**
   * Number of samples for each seed, and of real ones to compare with.
   *
   * @defaultValue `10_000`
   */
  readonly samples?: number | undefined;
  /**
   * The seeds of the samples: a list, or their number, counted from 0.
   *
   * @defaultValue `3`
   */
  readonly seeds?: number | readonly number[] | undefined;
  /**
   * The metrics on features, by their names in the report.
   *
   * @defaultValue `{ frechet: frechetDistance, prdc: precisionRecall }`
   */
  readonly metrics?: Readonly<Record<string, Metric>> | undefined;
  /**
   * The metrics on logits of generated samples, by their names in the report; for extractors that
   * classify.
   *
   * @defaultValue none
   */
  readonly logitMetrics?: Readonly<Record<string, LogitMetric>> | undefined;
  /**
   * Whether to compute metrics for each class: for a generator with labels, and a dataset that has
   * them.
   *
   * @defaultValue `true` if both have labels, and each class has more samples on both sides than
   * there are features
   */
  readonly perClass?: boolean | undefined;
}

/**
 * The result of {@link evaluate}: plain data, with everything that the figures depend on.
 *
 * @example Print the settings of a figure with it
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const { generator } = createMlpGan({ sampleShape: [2] });
 * const report: Evaluation = await evaluate(generator, ring8({ size: 150 }), { features, samples: 200, seeds: 1 });
 * const { extractor, samples, realSamples, dataset } = report;
 * console.log(`${extractor}: ${samples} fakes, ${realSamples} of ${dataset}`); // points: 200 fakes, 150 of ring8
 * ```
 */
export interface Evaluation {
  /** The figures by name: `frechet`, or `prdc.coverage` if a metric has several. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** The figures of each class by its number, if samples and data have labels. */
  readonly classes?: ClassFigures | undefined;
  /** Number of samples for each seed. */
  readonly samples: number;
  /** Number of real samples; fewer if the dataset has fewer. */
  readonly realSamples: number;
  /** The seeds. */
  readonly seeds: readonly number[];
  /** Name of the extractor. */
  readonly extractor: string;
  /** Name of the dataset. */
  readonly dataset: string;
}

const action = 'evaluate';

/**
 * Evaluates a generator: draws samples, extracts features, computes metrics, and repeats this for
 * other seeds.
 *
 * With other real samples in place of the generator it computes the floor: the figures of samples
 * that are as good as real ones. If a generator reaches the floor, the figure cannot distinguish it
 * from the data.
 *
 * The deviation is over the seeds of the samples; results of different training runs vary more, so
 * to compare two recipes, train each several times. Compare with samples that the generator was not
 * trained on, such as MNIST's test images.
 *
 * A generator with labels draws each class with its frequency in the training data. If the dataset
 * has labels, it is also evaluated by class: `figures` then has `ganTrain` and `ganTest`, of
 * {@link ganTrainTest}, and `classes` has the figures of each class.
 *
 * - Memory: samples are computed in batches of 250; the features of all of them are kept, 4 bytes
 *   per value. No tensors are left behind.
 *
 * @param judged - The generator; or, for the floor, other real samples.
 * @param dataset - The real samples.
 * @param options - Extractor, number of samples, seeds and metrics.
 * @returns Mean and deviation of each figure, and what they depend on.
 * @throws RangeError if extractor, generator and dataset do not fit together, samples are not
 * finite, or the floor is requested for the dataset itself or with fewer samples than required.
 *
 * @example Two metrics with three seeds
 * ```ts
 * const means = featureExtractor((images) => tf.mean(images, [2, 3]), {
 *   name: 'means of rows',
 *   inputShape: [8, 8, 1],
 * });
 * const report = await evaluate(generator, dataset, { features: means, samples: 100, seeds: 3 });
 * const { frechet } = report.figures; // { mean, deviation, values }
 * console.log(frechet?.values.length, report.extractor); // 3 means of rows
 * ```
 *
 * @example A generator of digits
 * ```ts no-run
 * const report = await evaluate(gan.generator, await loadMnist({ split: 'test' }), {
 *   features: mnistFeatures(),
 *   metrics: { frechet: frechetDistance, prdc: (real, fake) => precisionRecall(real, fake, { neighbors: 5 }) },
 *   logitMetrics: { score: classifierScore },
 * });
 * ```
 *
 * @example The floor: real samples against other real ones
 * ```ts
 * const [some, others] = [ring8({ size: 500, seed: 1 }), ring8({ size: 500, seed: 2 })];
 * const points = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const floor = await evaluate(some, others, { features: points, samples: 400 });
 * console.log((floor.figures['frechet']?.mean ?? 1) < 0.02); // true
 * ```
 */
export async function evaluate(
  judged: Generator | Dataset,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { features: extractor, samples = 10_000, logitMetrics = {} } = options;
  const { metrics = { frechet: frechetDistance, prdc: precisionRecall } } = options;
  checkPositiveInteger(action, 'samples', samples);
  const seeds = checkSeeds(options.seeds ?? 3);
  if (typeof (extractor as FeatureExtractor | undefined)?.extract !== 'function') {
    throw new TypeError(
      `Cannot ${action}: features must be an extractor, got ${formatValue(extractor)}. ` +
        'Pass mnistFeatures(), or featureExtractor(…) around a model',
    );
  }
  if (!isDataset(judged)) checkTakes(action, extractor, judged.outputShape);
  else checkFloor(judged, dataset, extractor, samples);
  checkTakes(action, extractor, dataset.sampleShape);

  const real = await realFeatures(action, dataset, extractor, samples, 0);
  try {
    const answers: Map<string, number>[] = [];
    const ofClasses: ClassNumbers[] = [];
    for (const seed of seeds) {
      const fake = isDataset(judged)
        ? await realFeatures(action, judged, extractor, samples, seed)
        : await fakeFeatures(action, judged, extractor, samples, seed);
      try {
        const answer = await answersOf(real, fake, metrics, logitMetrics, extractor);
        const numbers =
          options.perClass === false
            ? undefined
            : await classNumbers(real, fake, options.perClass === true);
        if (numbers !== undefined) {
          answer.set('ganTrain', numbers.all.ganTrain).set('ganTest', numbers.all.ganTest);
          ofClasses.push(numbers);
        }
        answers.push(answer);
      } finally {
        disposeFeatures(fake);
      }
    }
    if (options.perClass === true && ofClasses.length < seeds.length) {
      throw new RangeError(
        `Cannot ${action}: perClass must be used with labels in samples and data, at least two of each class on both sides, got ` +
          `fewer. Use more samples, or leave perClass out`,
      );
    }
    return {
      figures: summarize(answers),
      ...(ofClasses.length === seeds.length && { classes: summarizeClasses(ofClasses) }),
      samples,
      realSamples: real.features.shape[0],
      seeds,
      extractor: extractor.name,
      dataset: dataset.name,
    };
  } finally {
    disposeFeatures(real);
  }
}

function isDataset(judged: Generator | Dataset): judged is Dataset {
  return typeof (judged as Partial<Dataset>).batches === 'function';
}

/** Real samples can replace a generator only if they are other samples, and as many. */
function checkFloor(
  judged: Dataset,
  dataset: Dataset,
  extractor: FeatureExtractor,
  samples: number,
): void {
  checkTakes(action, extractor, judged.sampleShape);
  if (judged === dataset) {
    throw new RangeError(
      `Cannot ${action}: real samples must be compared with other ones, got '${dataset.name}' twice. ` +
        'Pass two parts of it, such as data.slice(0, 5_000) and data.slice(5_000)',
    );
  }
  if (judged.size === undefined || judged.size >= samples) return;
  throw new RangeError(
    `Cannot ${action}: the samples to evaluate must be at least ${samples}, got the ${judged.size} of '${judged.name}'. ` +
      `Pass samples: ${judged.size} here and to the evaluation that is compared with the floor`,
  );
}

async function answersOf(
  real: CollectedFeatures,
  fake: CollectedFeatures,
  metrics: Readonly<Record<string, Metric>>,
  logitMetrics: Readonly<Record<string, LogitMetric>>,
  extractor: FeatureExtractor,
): Promise<Map<string, number>> {
  const answers = new Map<string, number>();
  for (const [name, metric] of Object.entries(metrics)) {
    flatten(answers, name, await metric(real.features, fake.features));
  }
  for (const [name, metric] of Object.entries(logitMetrics)) {
    if (fake.logits === undefined) {
      throw new RangeError(
        `Cannot ${action}: '${name}' must have an extractor with logits, got '${extractor.name}', which has none`,
      );
    }
    flatten(answers, name, await metric(fake.logits));
  }
  return answers;
}

function checkSeeds(seeds: number | readonly number[]): readonly number[] {
  if (typeof seeds === 'number') {
    checkPositiveInteger(action, 'seeds', seeds);
    return Array.from({ length: seeds }, (_, seed) => seed);
  }
  if (seeds.length === 0) {
    throw new RangeError(`Cannot ${action}: seeds must have at least one seed, got []`);
  }
  for (const seed of seeds) checkSeed(action, seed);
  return [...seeds];
}

function disposeFeatures({ features, logits }: CollectedFeatures): void {
  tf.dispose([features, ...(logits === undefined ? [] : [logits])]);
}
