import { checkNonNegative, checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm, whenDue } from './every.ts';
import { checkMonitor, type Monitor } from './monitor.ts';

/**
 * Settings of {@link earlyStop}.
 *
 * @example Stop by the distance that the previous callback measures
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const judge = evaluateEvery({ steps: 2 }, { features, samples: 100, seeds: 1 });
 * const options: EarlyStopOptions = { ...judge.monitor('frechet'), margin: 0.05, patience: 2, every: { steps: 2 } };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 8, batchSize: 32, callbacks: [judge, earlyStop(options)] });
 * ```
 */
export interface EarlyStopOptions extends Monitor {
  /**
   * How often to check.
   *
   * @defaultValue `{ epochs: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many checks in a row without improvement end the run; a positive integer.
   *
   * @defaultValue `5`
   */
  readonly patience?: number | undefined;
  /**
   * Minimum change that counts as an improvement; 0 or more.
   *
   * @defaultValue `0`
   */
  readonly margin?: number | undefined;
}

/**
 * Ends a run when a number has stopped improving.
 *
 * The losses of a GAN rarely show progress: monitor a score of the samples, such as a Fréchet
 * distance. To return to the best step afterwards, give `checkpoint` the same monitor. Each run
 * counts anew.
 *
 * @param options - The number, which direction is better, and the patience.
 * @returns The callback; a run that it ends counts as `'stopped'`.
 * @throws RangeError if a setting is out of range.
 *
 * @example Stop when the variety of samples no longer increases
 * ```ts
 * const spread: Monitor = {
 *   value: async (_step, { trainer }) => {
 *     const samples = trainer.generator.sample(32, { seed: 0 });
 *     const variance = tf.tidy(() => tf.moments(samples, 0).variance.mean());
 *     const [value = NaN] = await variance.data();
 *     tf.dispose([samples, variance]);
 *     return value;
 *   },
 *   mode: 'max',
 * };
 * const callbacks = [earlyStop({ ...spread, every: { steps: 2 }, patience: 2 })];
 * await trainer.fit(dataset, { steps: 12, batchSize: 8, callbacks });
 * ```
 */
export function earlyStop(options: EarlyStopOptions): Callback {
  const action = 'stop early';
  checkOptions(action, options, ['value', 'mode', 'every', 'patience', 'margin']);
  const { value, mode, every = { epochs: 1 }, patience = 5, margin = 0 } = options;
  const due = rhythm(action, every);
  checkMonitor(action, '', options);
  checkPositiveInteger(action, 'patience', patience);
  checkNonNegative(action, 'margin', margin);
  const sign = mode === 'min' ? 1 : -1;
  let best = Infinity;
  let waited = 0;
  const look = async (run: TrainRun): Promise<void> => {
    const last = run.trainer.history.steps.at(-1);
    if (last === undefined) return;
    const now = sign * (await value(last, run));
    // NaN never improves.
    if (now < best - margin) [best, waited] = [now, 0];
    else waited += 1;
    if (waited >= patience) run.stop();
  };
  return {
    onTrainBegin: () => {
      [best, waited] = [Infinity, 0];
    },
    ...whenDue(due, look),
  };
}
