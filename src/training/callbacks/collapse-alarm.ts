import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../../core/checks.ts';
import type { Callback, TrainRun } from '../callback.ts';
import type { StepInfo } from '../step-info.ts';
import {
  type CollapseSign,
  looksInARow,
  normsAtFirst,
  signInDiversity,
  signsInSteps,
  stepsOfALook,
} from './collapse-signs.ts';
import { SignPatience } from './sign-patience.ts';

/** Settings of {@link collapseAlarm}. */
export interface CollapseAlarmOptions {
  /**
   * Steps from one look to the next; a positive integer.
   *
   * @defaultValue `100`
   */
  readonly everySteps?: number | undefined;
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
  readonly onSign?: ((sign: CollapseSign, run: TrainRun) => void | Promise<void>) | undefined;
}

/** Samples whose variance is compared. */
const sampleCount = 64;

/**
 * Watches for the ways in which a GAN stops to learn without an error, says what it saw and what to try.
 *
 * It sees a discriminator that is always right and has nothing left to learn, a generator's gradient that has vanished,
 * and samples that are nearly all the same (their total variance against that of real ones). A generator that only loses
 * some of the modes varies nearly as much as ever: judge that with `precisionRecall` or `modeCoverage`.
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
 *   onSign: (sign, run) => {
 *     console.error(sign.message);
 *     run.stop();
 *   },
 * });
 * await trainer.fit(dataset, { steps: 4, batchSize: 8, callbacks: [alarm] });
 * ```
 */
export function collapseAlarm(options: CollapseAlarmOptions = {}): Callback {
  const { everySteps = stepsOfALook, patience = looksInARow } = options;
  checkPositiveInteger('watch for collapse', 'everySteps', everySteps);
  checkPositiveInteger('watch for collapse', 'patience', patience);
  const onSign = options.onSign ?? warn;
  let recent: StepInfo[] = [];
  let looks = 0;
  let realVariance = NaN;
  let waiting = new SignPatience(patience);

  const look = async (step: number, run: TrainRun): Promise<void> => {
    looks += 1;
    const signs = signsInSteps(recent, normsAtFirst(run.trainer.history.steps));
    recent = [];
    // An untrained generator makes nearly the same of all latents.
    const diversity = looks > 2 ? signInDiversity(await diversityOf(run, realVariance)) : undefined;
    if (diversity !== undefined) signs.push(diversity);
    for (const sign of waiting.after(signs)) await onSign({ ...sign, step }, run);
  };

  return {
    onTrainBegin: async (run) => {
      [recent, looks] = [[], 0];
      waiting = new SignPatience(patience);
      realVariance = await varianceOfReal(run);
    },
    onStepEnd: async (step, run) => {
      recent.push(step);
      if (recent.length === everySteps) await look(step.number, run);
    },
  };
}

function warn({ message, step }: CollapseSign): void {
  console.warn(`tfjs-gan: at step ${step} ${message}`);
}

async function varianceOfReal({ dataset, batchSize }: TrainRun): Promise<number> {
  // A batch of the run's own size: one that is sure to be there.
  for await (const { samples, labels } of dataset.batches({ batchSize, seed: 0 })) {
    labels?.dispose();
    return totalVariance(samples);
  }
  return NaN;
}

/** How much fakes vary, as a share of what real samples do; 1 where they vary alike. */
async function diversityOf(run: TrainRun, realVariance: number): Promise<number> {
  const fake = run.trainer.generator.sample(sampleCount, { seed: 0 });
  return Math.sqrt((await totalVariance(fake)) / realVariance);
}

/** Half the mean square of the distance between two samples; disposes them. */
async function totalVariance(samples: tf.Tensor): Promise<number> {
  const count = samples.shape[0] ?? 1;
  const variance = tf.tidy(() => tf.sum(tf.moments(samples, 0).variance));
  const [value = NaN] = await variance.data();
  tf.dispose([samples, variance]);
  // Of a single sample nothing can be said.
  return count < 2 ? NaN : (value * count) / (count - 1);
}
