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
 * @example Look twice as often, and let pass what does not last
 * ```ts
 * const options: CollapseAlarmOptions = { every: { steps: 50 }, patience: 4 };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [collapseAlarm(options)] });
 * ```
 */
export interface CollapseAlarmOptions {
  /**
   * How often to look: at the steps since the last look, and at samples.
   *
   * @defaultValue `{ steps: 100 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many looks in a row must show a sign before it is told; a positive integer.
   *
   * @defaultValue `2`
   */
  readonly patience?: number | undefined;
  /**
   * What to do about a sign, told once for each kind in a run. Call `run.stop()` to end the run.
   *
   * @defaultValue prints it as a warning
   */
  readonly onWarning?: ((sign: CollapseWarning, run: TrainRun) => void | Promise<void>) | undefined;
}

/** Samples that are compared with real ones. */
const sampleCount = 64;

/** Real samples below which nothing is said of who is whose neighbor. */
const leastReal = 16;

/**
 * Watches for the ways in which a GAN stops to learn without an error, says what it saw and what to try.
 *
 * It sees a discriminator that is always right and has nothing left to learn, one that is right less often than by chance though samples and
 * real ones lie apart, a generator's gradient that has vanished, and samples that are nearly all the same (their total variance against
 * that of real ones). A generator that only loses some of the modes varies nearly as much as ever: judge that with `precisionRecall` or
 * `modeCoverage`.
 *
 * It compares gradients with those of the trainer's first ten steps, and looks at samples from the third look of a run
 * on, as an untrained generator makes nearly the same of all latents. It takes no random numbers of the trainer's: training goes on as it would have.
 *
 * @param options - How often, how patient, and what to do.
 * @returns The callback.
 * @throws RangeError where a number is out of range.
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
    // An untrained generator makes nearly the same of all latents, and a discriminator as young guesses.
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

/** A batch of the data, and how much it varies. */
interface RealSamples {
  readonly values: tf.TypedArray;
  readonly shape: readonly number[];
  readonly variance: number;
}

async function realSamples({ dataset, batchSize }: TrainRun): Promise<RealSamples | undefined> {
  // A batch of the run's own size: one that is sure to be there.
  for await (const batch of dataset.batches({ batchSize, seed: 0 })) {
    const samples = samplesOf(batch);
    const variance = await totalVariance(samples);
    const values = await samples.data();
    samples.dispose();
    return { values, shape: samples.shape, variance };
  }
  return undefined;
}

/** What samples of the generator tell beside real ones. */
async function signsInSamples(
  run: TrainRun,
  { values, shape, variance }: RealSamples,
  guessing: boolean,
): Promise<Omit<CollapseWarning, 'step'>[]> {
  const fake = run.trainer.generator.sample(sampleCount, { seed: 0 });
  // How much fakes vary, as a share of what real samples do; 1 where they vary alike.
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
  // Of a single sample nothing can be said.
  return count < 2 ? NaN : (value * count) / (count - 1);
}
