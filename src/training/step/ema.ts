import type * as tf from '@tensorflow/tfjs';
import {
  checkInRange,
  checkNonNegative,
  checkNonNegativeInteger,
  checkOptions,
} from '../../core/checks.ts';
import type { Schedule, TrainingProgress } from '../../core/schedules/schedule.ts';
import {
  checkScheduled,
  type NumberKind,
  scheduledValue,
} from '../../core/schedules/scheduled-number.ts';
import type { EmaWeights } from '../../models/ema-weights.ts';
import { Generator } from '../../models/generator.ts';
import type { EmaOptions } from '../../games/game.ts';
import type { Network } from '../../models/network.ts';
import type { StatefulPart } from '../state/stateful-part.ts';

/** The complete settings. @internal */
export interface EmaSettings {
  /** The number by its name. */
  readonly rule: { readonly name: 'decay' | 'halfLife'; readonly value: number | Schedule };
  readonly startStep: number;
}

const defaultDecay = 0.999;

function checkDecay(action: string, name: string, value: number): void {
  checkInRange(action, name, value, 0, 1);
}

const kinds: Readonly<Record<EmaSettings['rule']['name'], NumberKind>> = {
  decay: { wanted: 'at least 0 and less than 1,', check: checkDecay, checkScheduled: checkDecay },
  halfLife: {
    wanted: 'a number of at least 0',
    check: checkNonNegative,
    checkScheduled: checkNonNegative,
  },
};

/**
 * Checks the settings and fills in defaults.
 *
 * @param path - Their name in errors, such as `ema`.
 * @param network - The network whose weights are averaged.
 *
 * @internal
 */
export function checkEma(
  action: string,
  path: string,
  options: EmaOptions | undefined,
  network: Network,
): EmaSettings | undefined {
  if (options === undefined) {
    if (!(network instanceof Generator) || !network.hasEma) return undefined;
    throw new RangeError(
      `Cannot ${action}: ${path} must be given for a generator that has averaged weights, because its samples would ` +
        'otherwise use outdated weights, got none. Pass it, or call generator.clearEma() first',
    );
  }
  checkOptions(action, options, ['decay', 'halfLife', 'startStep'], path);
  const { decay, halfLife, startStep = 0 } = options;
  checkNonNegativeInteger(action, `${path}.startStep`, startStep);
  if (halfLife === undefined) {
    checkScheduled(action, `${path}.decay`, decay ?? defaultDecay, kinds.decay);
    return { rule: { name: 'decay', value: decay ?? defaultDecay }, startStep };
  }
  checkScheduled(action, `${path}.halfLife`, halfLife, kinds.halfLife);
  if (decay === undefined) return { rule: { name: 'halfLife', value: halfLife }, startStep };
  throw new RangeError(
    `Cannot ${action}: ${path} must have one of decay and halfLife, got both. Leave one out`,
  );
}

/**
 * Updates the average of a network's weights, step by step.
 *
 * @internal
 */
export class NetworkEma implements StatefulPart {
  readonly key: string;
  readonly #averages: EmaWeights;
  readonly #isOwn: boolean;
  readonly #settings: EmaSettings;

  /**
   * @param network - Its name.
   * @param averages - A generator owns its averages and samples from them after the trainer is
   * disposed.
   * @param isOwn - Whether the trainer owns them and disposes them.
   */
  constructor(network: string, averages: EmaWeights, isOwn: boolean, settings: EmaSettings) {
    this.key = `ema/${network}`;
    this.#averages = averages;
    this.#isOwn = isOwn;
    this.#settings = settings;
  }

  get state(): ReadonlyMap<string, tf.Tensor> {
    return this.#averages.state;
  }

  setState(name: string, value: tf.Tensor): void {
    this.#averages.setState(name, value);
  }

  removeState(name: string): void {
    this.#averages.removeState(name);
  }

  /** Initializes missing averages with copies of their weights. */
  begin(): void {
    this.#averages.begin();
  }

  /** Runs a function during which the model computes with the averages. */
  use<T>(run: () => T): T {
    return this.#averages.use(run);
  }

  /**
   * Updates the averages with the weights after a step.
   *
   * @param progress - The progress of training.
   * @param samples - Real samples of the step.
   */
  afterStep(progress: TrainingProgress, samples: number): void {
    const { rule, startStep } = this.#settings;
    const value = scheduledValue(
      rule.value,
      { ...progress, update: progress.step },
      kinds[rule.name],
    );
    const decay = rule.name === 'decay' ? value : 0.5 ** (samples / value);
    this.#averages.follow(progress.step > startStep ? decay : 0);
  }

  dispose(): void {
    if (this.#isOwn) this.#averages.dispose();
  }
}
