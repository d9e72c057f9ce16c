import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { samplesOf } from '../../data/samples-of.ts';
import type { Callback, TrainRun } from '../callback.ts';
import type { StepInfo } from '../step-info.ts';
import {
  type CollapseWarning,
  isGuessing,
  looksInARow,
  normsAtFirst,
  signInDiversity,
  signInSight,
  signsInSteps,
  stepsOfALook,
} from './collapse-warnings.ts';
import { type Every, rhythm } from './every.ts';
import { SignPatience } from './warning-patience.ts';
import { nearestNeighborAccuracy } from './nearest-neighbor-accuracy.ts';

/**
 * Settings of {@link collapseAlarm}.
 *
 * @example Check twice as often, and ignore what does not last
 * ```ts
 * const options: CollapseAlarmOptions = { every: { steps: 50 }, patience: 4 };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [collapseAlarm(options)] });
 * ```
 */
export interface CollapseAlarmOptions {
  /**
   * How often to check: the steps since the last check, and samples.
   *
   * @defaultValue `{ steps: 100 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many checks in a row must show a problem before it is reported; a positive integer.
   *
   * @defaultValue `2`
   */
  readonly patience?: number | undefined;
  /**
   * Called with each kind of warning at most once in a run. Call `run.stop()` to end the run.
   *
   * @defaultValue prints the warning
   */
  readonly onWarning?: ((sign: CollapseWarning, run: TrainRun) => void | Promise<void>) | undefined;
}

/** Samples that are compared with real ones. */
const sampleCount = 64;

/** With fewer real samples, nearest neighbors are not compared. */
const leastReal = 16;

/**
 * Detects common ways in which a GAN stops learning without an error, and suggests fixes.
 *
 * It detects a discriminator that is always right and no longer learns, a discriminator that is
 * below chance although samples differ from real ones, a vanished generator gradient, and samples
 * that are nearly all equal (their total variance compared with that of real samples). A generator
 * that loses only some modes keeps nearly all of its variance: measure that with `precisionRecall`
 * or `modeCoverage`.
 *
 * Gradients are compared with those of the trainer's first ten steps. Samples are checked from the
 * third check of a run on, because an untrained generator maps all latents to nearly the same
 * sample. No random numbers of the trainer are used, so training gives the same result with and
 * without it.
 *
 * @param options - How often, how patient, and what to do.
 * @returns The callback.
 * @throws RangeError if a number is out of range.
 *
 * @example End a run that has collapsed
 * ```ts
 * const alarm = collapseAlarm({
 *   onWarning: (sign, run) => {
 *     console.error(sign.message);
 *     run.stop();
 *   },
 * });
 * await trainer.fit(dataset, { steps: 4, batchSize: 8, callbacks: [alarm] });
 * ```
 */
export function collapseAlarm(options: CollapseAlarmOptions = {}): Callback {
  const action = 'watch for collapse';
  const defaults = { every: { steps: stepsOfALook }, patience: looksInARow, onWarning: warn };
  const { every, patience, onWarning } = withDefaults(action, options, defaults);
  const due = rhythm(action, every);
  checkPositiveInteger(action, 'patience', patience);
  let recent: StepInfo[] = [];
  let looks = 0;
  let real: RealSamples | undefined;
  let waiting = new SignPatience(patience);

  const look = async (run: TrainRun): Promise<void> => {
    const { step } = run.trainer;
    if (recent.length === 0) return;
    looks += 1;
    const signs = signsInSteps(recent, normsAtFirst(run.trainer.history.steps));
    // An untrained generator maps all latents to nearly the same sample, and an untrained
    // discriminator guesses.
    if (looks > 2 && real !== undefined) {
      signs.push(...(await signsInSamples(run, real, isGuessing(recent))));
    }
    recent = [];
    for (const sign of waiting.after(signs)) await onWarning({ ...sign, step }, run);
  };

  return {
    onTrainBegin: async (run) => {
      [recent, looks] = [[], 0];
      waiting = new SignPatience(patience);
      real = await realSamples(run);
    },
    onStepEnd: async (step, run) => {
      recent.push(step);
      if (due.atStep(step.number)) await look(run);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await look(run);
    },
  };
}

function warn({ message, step }: CollapseWarning): void {
  console.warn(`tfjs-gan: at step ${step} ${message}`);
}

/** A batch of the data and its variance. */
interface RealSamples {
  readonly values: tf.TypedArray;
  readonly shape: readonly number[];
  readonly variance: number;
}

async function realSamples({ dataset, batchSize }: TrainRun): Promise<RealSamples | undefined> {
  // A batch of the run's own size, because at least one of that size exists.
  for await (const batch of dataset.batches({ batchSize, seed: 0 })) {
    const samples = samplesOf(batch);
    const variance = await totalVariance(samples);
    const values = await samples.data();
    samples.dispose();
    return { values, shape: samples.shape, variance };
  }
  return undefined;
}

/** Compares samples of the generator with real ones. */
async function signsInSamples(
  run: TrainRun,
  { values, shape, variance }: RealSamples,
  guessing: boolean,
): Promise<Omit<CollapseWarning, 'step'>[]> {
  const fake = run.trainer.generator.sample(sampleCount, { seed: 0 });
  // Variance of fake samples as a share of that of real samples; 1 if they are equal.
  const signs = [signInDiversity(Math.sqrt((await totalVariance(fake)) / variance))];
  const count = Math.min(sampleCount, shape[0] ?? 0);
  if (guessing && count >= leastReal) {
    const whole = tf.tensor(values, [...shape]);
    const [real, few] = [tf.slice(whole, 0, count), tf.slice(fake, 0, count)];
    whole.dispose();
    signs.push(signInSight(await nearestNeighborAccuracy(real, few)));
    tf.dispose([real, few]);
  }
  fake.dispose();
  return signs.filter((sign) => sign !== undefined);
}

/** Half the mean square of the distance between two samples. */
async function totalVariance(samples: tf.Tensor): Promise<number> {
  const count = samples.shape[0] ?? 1;
  const variance = tf.tidy(() => tf.sum(tf.moments(samples, 0).variance));
  const [value = NaN] = await variance.data();
  variance.dispose();
  // A single sample has no variance.
  return count < 2 ? NaN : (value * count) / (count - 1);
}
