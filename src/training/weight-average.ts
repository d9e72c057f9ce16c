import type * as tf from '@tensorflow/tfjs';
import { checkInRange, checkNonNegativeInteger, checkOptions } from '../core/checks.ts';
import type { AveragedWeights } from '../models/averaged-weights.ts';
import type { Generator } from '../models/generator.ts';
import type { StatefulPart } from './stateful-part.ts';

/**
 * Settings of `weightAverage` of a {@link Trainer}.
 *
 * @example Samples of the averaged weights, and of the last ones
 * ```ts
 * const weightAverage: WeightAverageOptions = { decay: 0.99, from: 2 };
 * const { generator, trainer } = createMlpGan({ sampleShape: [2], weightAverage });
 * await trainer.fit(ring8({ size: 512 }), { steps: 4 });
 * const steady = generator.sample(64, { seed: 1 });
 * const last = generator.sample(64, { seed: 1, averaged: false });
 * ```
 */
export interface WeightAverageOptions {
  /**
   * What is left of the average at each step; at least 0, less than 1. Roughly the last 1 / (1 − decay) steps count:
   * 0.9999, as in BigGAN, wants runs of far more than 10 000 steps.
   *
   * @defaultValue `0.999`, as in the code of Mescheder et al., 2018
   */
  readonly decay?: number | undefined;
  /**
   * How many steps pass before averaging begins; until then the average is a copy of the weights, so that the first
   * ones, which are noise, do not count.
   *
   * @defaultValue `0`: the average begins at the weights the trainer was made with
   */
  readonly from?: number | undefined;
}

/** The settings, all of them. @internal */
export type WeightAverageSettings = Readonly<Record<keyof WeightAverageOptions, number>>;

/** The settings, with defaults, checked. @internal */
export function checkWeightAverage(
  asked: string,
  options: WeightAverageOptions | undefined,
  generator: Generator,
): WeightAverageSettings | undefined {
  if (options === undefined) {
    if (!generator.hasAveragedWeights) return undefined;
    throw new RangeError(
      `Cannot ${asked}: weightAverage must be given for a generator that has averaged weights, whose samples would ` +
        'else stay behind what is trained, got none. Give it, or call generator.forgetAveragedWeights() first',
    );
  }
  checkOptions(asked, options, ['decay', 'from'], 'weightAverage');
  const { decay = 0.999, from = 0 } = options;
  checkInRange(asked, 'weightAverage.decay', decay, 0, 1);
  checkNonNegativeInteger(asked, 'weightAverage.from', from);
  return { decay, from };
}

/**
 * Lets a generator's averaged weights follow the trained ones, step by step. The averages are the generator's, which
 * samples from them after the trainer is gone.
 *
 * @internal
 */
export class WeightAverage implements StatefulPart {
  readonly key = 'weightAverage';
  readonly #averages: AveragedWeights;
  readonly #settings: WeightAverageSettings;

  constructor(averages: AveragedWeights, settings: WeightAverageSettings) {
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

  /** Takes the weights in as a step leaves them. */
  afterStep(step: number): void {
    const { decay, from } = this.#settings;
    this.#averages.follow(step > from ? decay : 0);
  }
}
