import type { io } from '@tensorflow/tfjs';
import { checkFinite, checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm } from './every.ts';
import { checkBest, isBetter, type Monitor } from './monitor.ts';

/**
 * Settings of {@link saveGenerator}.
 *
 * @example Keep one model fresh, every second step
 * ```ts
 * const options: SaveGeneratorOptions = { every: { steps: 2 } };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [saveGenerator('file://latest', options)] });
 * const latest = await Generator.load('file://latest');
 * console.log(latest.outputShape); // [ 8, 8, 1 ]
 * ```
 */
export interface SaveGeneratorOptions {
  /**
   * How often to save.
   *
   * @defaultValue `{ epochs: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * Saves only where this has never been better, over all runs that this callback watches.
   *
   * @defaultValue none: it saves each time
   */
  readonly best?: Monitor | undefined;
  /**
   * The value to beat, if a former run has saved: `judge.best('frechet')?.figures['frechet']?.mean`.
   *
   * @defaultValue none
   */
  readonly bestSoFar?: number | undefined;
}

/**
 * Saves the generator as training goes on, each time to a place of its own or over the last one.
 *
 * It saves what `Generator.load` reads, without training state; for that see `Trainer.snapshot`.
 *
 * @param target - Where to, as for `Generator.save`; or a function that names the place for a step.
 * @param options - How often, and whether only the best.
 * @returns The callback.
 * @throws RangeError where `target` is none of these, or `every` is not one positive number of steps or epochs.
 *
 * @example Every 50 epochs, as the tutorial does
 * ```ts no-run
 * await trainer.fit(dataset, {
 *   epochs: 50,
 *   callbacks: [saveGenerator((step) => `file://runs/a/step-${step}`, { every: { epochs: 50 } })],
 * });
 * ```
 */
export function saveGenerator(
  target: string | URL | io.IOHandler | ((step: number) => string | URL | io.IOHandler),
  options: SaveGeneratorOptions = {},
): Callback {
  const action = 'save the generator';
  checkOptions(action, options, ['every', 'best', 'bestSoFar']);
  if (!['string', 'object', 'function'].includes(typeof target) || !target) {
    throw new RangeError(
      `Cannot ${action}: target must be an address, an IOHandler or a function that gives one, got ${formatValue(target)}`,
    );
  }
  const due = rhythm(action, options.every ?? { epochs: 1 });
  const { best, bestSoFar } = options;
  if (best !== undefined) checkBest(action, best);
  if (bestSoFar !== undefined) checkFinite(action, 'bestSoFar', bestSoFar);
  let toBeat = bestSoFar ?? (best?.mode === 'max' ? -Infinity : Infinity);
  const save = async (run: TrainRun): Promise<void> => {
    const { trainer } = run;
    const last = trainer.history.steps.at(-1);
    const value = last && (await best?.value(last, run));
    if (best !== undefined && !isBetter(value ?? NaN, toBeat, best.mode)) return;
    await trainer.generator.save(typeof target === 'function' ? target(trainer.step) : target);
    // Only now: what could not be saved is not to be beaten.
    toBeat = value ?? toBeat;
  };
  return {
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await save(run);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await save(run);
    },
  };
}
