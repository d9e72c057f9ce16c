import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import type { Batch, Dataset } from '../../data/dataset.ts';
import type { Discriminator } from '../../models/discriminator.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm, whenDue } from './every.ts';

/**
 * One measurement of {@link overfittingAlarm}.
 *
 * @example Print the gap between training and held-out samples
 * ```ts
 * const onAlarm = ({ step, accuracy }: OverfittingRecord): void =>
 *   console.error(`step ${step}: right on ${accuracy.real} of known samples, on ${accuracy.heldOut} of unknown ones`);
 * const alarm = overfittingAlarm(ring8({ size: 512, seed: 2 }), { onAlarm, every: { steps: 2 } });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512, seed: 1 }), { steps: 4, callbacks: [alarm] });
 * ```
 */
export interface OverfittingRecord {
  /** The step after which it was measured, counted over the trainer's life. */
  readonly step: number;
  /** Mean logit of training samples. */
  readonly real: number;
  /** Mean logit of held-out real samples. */
  readonly heldOut: number;
  /** Mean logit of fake samples. */
  readonly fake: number;
  /** By how many standard deviations of a logit `real` is above `heldOut`. */
  readonly gap: number;
  /**
   * Share of each kind, 0…1, that the discriminator classified correctly: real samples above a
   * logit of 0, fake samples below.
   */
  readonly accuracy: {
    /** Of training samples. */
    readonly real: number;
    /** Of held-out real samples. */
    readonly heldOut: number;
    /** Of fake samples. */
    readonly fake: number;
  };
}

/**
 * Settings of {@link overfittingAlarm}.
 *
 * @example Little data: use fewer samples, allow a larger gap, and end the run
 * ```ts
 * const options: OverfittingAlarmOptions = { samples: 64, maxGap: 1, onAlarm: (_, run) => run.stop() };
 * const alarm = overfittingAlarm(ring8({ size: 64, seed: 2 }), options);
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 64, seed: 1 }), { epochs: 2, batchSize: 32, callbacks: [alarm] });
 * ```
 */
export interface OverfittingAlarmOptions {
  /**
   * How often to measure.
   *
   * @defaultValue `{ epochs: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many samples of each kind to use; a positive integer. Both datasets must have at least as
   * many.
   *
   * @defaultValue `256`
   */
  readonly samples?: number | undefined;
  /**
   * The largest allowed gap, in standard deviations; a positive number.
   *
   * @defaultValue `0.5`
   */
  readonly maxGap?: number | undefined;
  /**
   * Called once in a run, when the gap was too large twice in a row. Call `run.stop()` to end the
   * run.
   *
   * @defaultValue prints a warning
   */
  readonly onAlarm?:
    ((record: OverfittingRecord, run: TrainRun) => void | Promise<void>) | undefined;
}

/** Measurements in a row that must agree. */
const patience = 2;

/**
 * Detects a discriminator that memorizes the training samples: compares its logits of them with
 * those of held-out real samples.
 *
 * All measurements are logged with the run, as `heldOut/accuracy/heldOut`, `heldOut/gap` and so on,
 * for `historyFile`, `trainingCurves` and `tensorBoard`. Unlike the `accuracy/…` of `step.metrics`,
 * the discriminator runs in inference mode, without dropout and with the moving statistics of batch
 * norm, so the numbers are comparable.
 *
 * A discriminator that overfits separates known from unknown samples instead of real from fake
 * ones, and drives the generator to copy the training data.
 *
 * @param heldOut - Real samples that are not trained on, such as `loadMnist({ split: 'test' })`.
 * @param options - How often, how many samples, and which gap is too large.
 * @returns The callback, which keeps all measurements.
 * @throws RangeError if a number is out of range, or a dataset is too small.
 *
 * @example With held-out samples
 * ```ts
 * const alarm = overfittingAlarm(ring8({ size: 512, seed: 2 }), { every: { steps: 2 } });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512, seed: 1 }), { steps: 4, callbacks: [alarm] });
 * console.log(alarm.records.map(({ step }) => step)); // [ 2, 4 ]
 * ```
 */
export function overfittingAlarm(
  heldOut: Dataset,
  options: OverfittingAlarmOptions = {},
): Callback & {
  /** Every measurement, in order. */
  readonly records: readonly OverfittingRecord[];
} {
  const action = 'watch for overfitting';
  const defaults = { every: { epochs: 1 }, samples: 256, maxGap: 0.5, onAlarm: warn };
  const { every, samples: count, maxGap, onAlarm } = withDefaults(action, options, defaults);
  const due = rhythm(action, every);
  checkPositiveInteger(action, 'samples', count);
  checkPositive(action, 'maxGap', maxGap);
  const records: OverfittingRecord[] = [];
  let row = 0;
  let told = false;

  const measure = async (run: TrainRun): Promise<void> => {
    const { generator, step } = run.trainer;
    const real = moments(await judge(run, await take(run.dataset, count)));
    const unseen = moments(await judge(run, await take(heldOut, count)));
    const inputs = generator.drawInputs(action, count, { seed: step });
    const fake = moments(await judge(run, { ...inputs, samples: generator.generate(inputs) }));
    const deviation = Math.sqrt((real.variance + unseen.variance) / 2);
    const gap = deviation === 0 ? 0 : (real.mean - unseen.mean) / deviation;
    const means = { real: real.mean, heldOut: unseen.mean, fake: fake.mean };
    const accuracy = { real: real.above, heldOut: unseen.above, fake: 1 - fake.above };
    const record: OverfittingRecord = { step, ...means, gap, accuracy };
    records.push(record);
    await run.log({ ...named('logit', means), ...named('accuracy', accuracy), 'heldOut/gap': gap });
    row = gap > maxGap ? row + 1 : 0;
    if (row < patience || told) return;
    told = true;
    await onAlarm(record, run);
  };
  return {
    get records() {
      return records;
    },
    onTrainBegin: () => {
      [row, told] = [0, false];
    },
    ...whenDue(due, measure),
  };
}

function warn(record: OverfittingRecord): void {
  console.warn(`tfjs-gan: at step ${record.step} ${overfittingMessage(record)}`);
}

/** The warning, and what to try. @internal */
export function overfittingMessage({ gap }: OverfittingRecord): string {
  return (
    `the discriminator scores the samples it is trained on ${gap.toFixed(2)} standard ` +
    'deviations above held-out real ones: it memorizes them. Use more data, augment them, make the ' +
    'discriminator smaller or add dropout to it, or stop here'
  );
}

async function take(dataset: Dataset, count: number): Promise<Batch> {
  const { size = Infinity } = dataset;
  const pass = dataset.batches({ batchSize: Math.min(count, size), seed: 0 });
  for await (const batch of pass) {
    if (batch.samples.shape[0] === count) return batch;
    tf.dispose({ ...batch });
  }
  throw new RangeError(
    `Cannot watch for overfitting: the dataset '${dataset.name}' must hold at least ${count} samples, got fewer. ` +
      'Lower samples',
  );
}

/**
 * The logits of samples, with the conditions that the discriminator receives; disposes them all.
 */
async function judge(run: TrainRun, batch: Batch): Promise<ArrayLike<number>> {
  const discriminator: Discriminator<string> = run.trainer.discriminator;
  const conditions = Object.entries(batch).filter(
    ([name]) => name !== 'samples' && name in discriminator.inputs,
  );
  const logits = discriminator.logits(
    batch.samples,
    Object.fromEntries(conditions) as Record<string, tf.Tensor>,
  );
  tf.dispose({ ...batch });
  const values = await logits.data();
  logits.dispose();
  return values;
}

/** The numbers of one kind by the names they are logged under. */
function named(kind: string, numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [`heldOut/${kind}/${name}`, value]),
  );
}

/** Statistics of the logits of one kind of samples. */
interface Moments {
  readonly mean: number;
  readonly variance: number;
  /** Share of them above 0. */
  readonly above: number;
}

function moments(values: ArrayLike<number>): Moments {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const above = all.filter((value) => value > 0).length / all.length;
  return { mean, variance: squares / all.length, above };
}
