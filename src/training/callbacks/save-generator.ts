import type { io } from '@tensorflow/tfjs';
import { isUrl } from '../../core/address.ts';
import { checkFinite, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Callback, TrainRun } from '../callback.ts';
import { type Every, rhythm, whenDue } from './every.ts';
import { checkBest, isBetter, type Monitor } from './monitor.ts';
import { shownGenerators } from './shown-generators.ts';

/**
 * Settings of {@link saveGenerator}.
 *
 * @example Keep one model up to date, every second step
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
   * Saves only if this value has improved, over all runs that this callback observes.
   *
   * @defaultValue none: saves each time
   */
  readonly best?: Monitor | undefined;
  /**
   * The value to beat, if an earlier run has saved:
   * `judge.best('frechet')?.figures['frechet']?.mean`.
   *
   * @defaultValue none
   */
  readonly bestSoFar?: number | undefined;
}

/**
 * Saves the generator during training, each time to a new place or over the last one.
 *
 * It saves what `Generator.load` reads, without training state; for that see `Trainer.snapshot`. If
 * the game has several generators, each is saved in a folder of its name below the address,
 * `file://model/aToB`.
 *
 * @param target - The destination, as for `Generator.save`; or a function that returns it for a
 * step, and for each of several generators by name if it is an IOHandler.
 * @param options - How often, and whether only the best.
 * @returns The callback.
 * @throws RangeError if `target` is none of these, or is one IOHandler for several generators, or
 * if `every` is not one positive number of steps or epochs.
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
  target:
    | string
    | URL
    | io.IOHandler
    | ((step: number, generator: string) => string | URL | io.IOHandler),
  options: SaveGeneratorOptions = {},
): Callback {
  const action = 'save the generator';
  const defaults = { every: { epochs: 1 }, best: undefined, bestSoFar: undefined };
  const { every, best, bestSoFar } = withDefaults(action, options, defaults);
  if (!['string', 'object', 'function'].includes(typeof target) || !target) {
    throw new RangeError(
      `Cannot ${action}: target must be an address, an IOHandler or a function that returns one, got ${formatValue(target)}`,
    );
  }
  const due = rhythm(action, every);
  if (best !== undefined) checkBest(action, best);
  if (bestSoFar !== undefined) checkFinite(action, 'bestSoFar', bestSoFar);
  let toBeat = bestSoFar ?? (best?.mode === 'max' ? -Infinity : Infinity);
  const save = async (run: TrainRun): Promise<void> => {
    const { trainer } = run;
    const last = trainer.history.steps.at(-1);
    const value = last && (await best?.value(last, run));
    if (best !== undefined && !isBetter(value ?? NaN, toBeat, best.mode)) return;
    for (const { name, generator } of shownGenerators(trainer)) {
      const ownName = name ?? Object.keys(trainer.game.generators)[0]!;
      const place = typeof target === 'function' ? target(trainer.step, ownName) : target;
      await generator.save(name === undefined ? place : below(place, name));
    }
    // Updated after saving, so that a value whose save failed can still be saved later.
    toBeat = value ?? toBeat;
  };
  return {
    onTrainBegin: ({ trainer: { game } }) => {
      const names = Object.keys(game.generators);
      if (names.length === 1 || typeof target === 'function' || isAddress(target)) return;
      throw new RangeError(
        `Cannot ${action}: target must be an address or a function for the generators ${names.join(', ')}, got one IOHandler. ` +
          'Pass (step, generator) => a handler for each',
      );
    },
    ...whenDue(due, save),
  };
}

type SavePlace = string | URL | io.IOHandler;

function isAddress(place: SavePlace): place is string | URL {
  return typeof place === 'string' || isUrl(place);
}

/** The destination of one of several generators; an IOHandler is already specific. */
function below(place: SavePlace, name: string): SavePlace {
  if (!isAddress(place)) return place;
  const folder = encodeURIComponent(name);
  if (typeof place === 'string') return `${place.replace(/\/+$/, '')}/${folder}`;
  const url = new URL(place);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${folder}`;
  return url;
}
