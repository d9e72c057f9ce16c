import type * as tf from '@tensorflow/tfjs';
import {
  checkInRange,
  checkNonNegative,
  checkNonNegativeInteger,
  checkOptions,
} from '../core/checks.ts';
import type { Schedule, TrainingProgress } from '../core/schedules/schedule.ts';
import {
  checkScheduled,
  type NumberKind,
  scheduledValue,
} from '../core/schedules/scheduled-number.ts';
import type { EmaWeights } from '../models/ema-weights.ts';
import type { Generator } from '../models/generator.ts';
import type { StatefulPart } from './stateful-part.ts';

/**
 * Settings of `ema` of a {@link Trainer}.
 *
 * @example Samples of the averaged weights, and of the last ones
 * ```ts
 * const ema: EmaOptions = { decay: 0.99, startStep: 2 };
 * const { generator, trainer } = createMlpGan({ sampleShape: [2], ema });
 * await trainer.fit(ring8({ size: 512 }), { steps: 4 });
 * const steady = generator.sample(64, { seed: 1 });
 * const last = generator.sample(64, { seed: 1, averaged: false });
 * ```
 */
export interface EmaOptions {
  /**
   * What is left of the average at each step; at least 0, less than 1, or a schedule. Roughly the last 1 / (1 − decay) steps count:
   * 0.9999, as in BigGAN, wants runs of far more than 10 000 steps.
   *
   * @defaultValue `0.999`, as in the code of Mescheder et al., 2018
   */
  readonly decay?: number | Schedule | undefined;
  /**
   * In place of `decay`: number of real samples after which half of the average is new, or a schedule;
   * decay = ½^(samples of a step / halfLife). At 0 the average is the weights.
   *
   * @defaultValue none
   */
  readonly halfLife?: number | Schedule | undefined;
  /**
   * Number of steps before averaging begins; until then the average is a copy of the weights, so that the first
   * ones, which are noise, do not count.
   *
   * @defaultValue `0`: the average begins at the weights the trainer was made with
   */
  readonly startStep?: number | undefined;
}

/** The settings, all of them. @internal */
export interface EmaSettings {
  /** The number by its name, with what it may be. */
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

/** The settings, with defaults, checked. @internal */
export function checkEma(
  action: string,
  options: EmaOptions | undefined,
  generator: Generator,
): EmaSettings | undefined {
  if (options === undefined) {
    if (!generator.hasEma) return undefined;
    throw new RangeError(
      `Cannot ${action}: ema must be given for a generator that has averaged weights, whose samples would ` +
        'else stay behind what is trained, got none. Give it, or call generator.clearEma() first',
    );
  }
  checkOptions(action, options, ['decay', 'halfLife', 'startStep'], 'ema');
  const { decay, halfLife, startStep = 0 } = options;
  checkNonNegativeInteger(action, 'ema.startStep', startStep);
  if (halfLife === undefined) {
    checkScheduled(action, 'ema.decay', decay ?? defaultDecay, kinds.decay);
    return { rule: { name: 'decay', value: decay ?? defaultDecay }, startStep };
  }
  checkScheduled(action, 'ema.halfLife', halfLife, kinds.halfLife);
  if (decay === undefined) return { rule: { name: 'halfLife', value: halfLife }, startStep };
  throw new RangeError(
    `Cannot ${action}: ema must have one of decay and halfLife, got both. Leave one out`,
  );
}

/**
 * Lets a generator's averaged weights follow the trained ones, step by step. The averages are the generator's, which
 * samples from them after the trainer is gone.
 *
 * @internal
 */
export class NetworkEma implements StatefulPart {
  readonly key = 'ema';
  readonly #averages: EmaWeights;
  readonly #settings: EmaSettings;

  constructor(averages: EmaWeights, settings: EmaSettings) {
    this.#averages = averages;
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

  /** Begins the averages that are missing, as copies of their weights. */
  begin(): void {
    this.#averages.begin();
  }

  /**
   * Takes the weights in as a step leaves them.
   *
   * @param progress - How far training is.
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
}
