import { formatValue } from '../core/format.ts';
import type { ClassNumbers } from './class-numbers.ts';
import type { MetricAnswer } from './metric.ts';
import { meanAndDeviation, type MeanAndDeviation } from './numerics/mean-and-deviation.ts';

/**
 * One figure over all seeds; the deviation is the sample standard deviation, 0 for one seed.
 *
 * @example Print a table row: mean ± deviation over three seeds
 * ```ts
 * const cell = ({ mean, deviation }: Figure): string => `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const { generator } = createMlpGan({ sampleShape: [2] });
 * const { figures } = await evaluate(generator, ring8({ size: 500 }), { features, samples: 200, seeds: 3 });
 * for (const [name, figure] of Object.entries(figures)) console.log(name, cell(figure));
 * ```
 */
export interface Figure extends MeanAndDeviation {
  /** The value of each seed, in the order of the seeds. */
  readonly values: readonly number[];
}

/**
 * Figures of a conditional generator for one class.
 *
 * @example Find the worst class of a generator
 * ```ts
 * const worst = ({ ganTest }: ClassFigures): number =>
 *   ganTest.reduce((low, { mean }, label) => (mean < ganTest[low]!.mean ? label : low), 0);
 * ```
 */
export interface ClassFigures {
  /** Fréchet distance between generated and real samples of a class. */
  readonly frechet: readonly Figure[];
  /** Accuracy, on the real samples of a class, of a classifier trained on generated samples. */
  readonly ganTrain: readonly Figure[];
  /** Accuracy, on the generated samples of a class, of a classifier trained on real samples. */
  readonly ganTest: readonly Figure[];
}

/** Numbers of an answer by name, those of objects within it as `name.part`; others are left out. @internal */
export function flatten(answers: Map<string, number>, name: string, answer: MetricAnswer): void {
  if (typeof answer === 'number') {
    answers.set(name, answer);
    return;
  }
  for (const [part, value] of Object.entries(answer as Readonly<Record<string, unknown>>)) {
    // No lists, and no tensors.
    if (typeof value === 'number' || (value as object | null)?.constructor === Object) {
      flatten(answers, name === '' ? part : `${name}.${part}`, value as MetricAnswer);
    }
  }
}

/** The numbers of an object as figures. @internal */
export function figuresOf(
  action: string,
  answer: Readonly<object>,
): Readonly<Record<string, Figure>> {
  const answers = new Map<string, number>();
  flatten(answers, '', Object(answer) as object);
  if (answers.size > 0) return summarize([answers]);
  throw new TypeError(
    `Cannot ${action}: figures must return numbers by name, got ${formatValue(answer)}`,
  );
}

/** Mean and deviation of each number over the seeds. @internal */
export function summarize(answers: readonly ReadonlyMap<string, number>[]): Record<string, Figure> {
  const names = [...(answers[0]?.keys() ?? [])];
  return Object.fromEntries(
    names.map((name) => {
      const values = answers.map((answer) => answer.get(name) ?? Number.NaN);
      return [name, { ...meanAndDeviation(values, 1), values }];
    }),
  );
}

/** The same for the numbers of each class. @internal */
export function summarizeClasses(numbers: readonly ClassNumbers[]): ClassFigures {
  const ofEach = (read: (numbers: ClassNumbers) => readonly number[]): Figure[] =>
    read(numbers[0]!).map((_, label) => {
      const values = numbers.map((each) => read(each)[label]!);
      return { ...meanAndDeviation(values, 1), values };
    });
  return {
    frechet: ofEach(({ frechet }) => frechet),
    ganTrain: ofEach(({ all }) => all.byClass.ganTrain),
    ganTest: ofEach(({ all }) => all.byClass.ganTest),
  };
}
