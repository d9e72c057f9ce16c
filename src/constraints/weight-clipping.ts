import * as tf from '@tensorflow/tfjs';
import { checkPositive, withDefaults } from '../core/checks.ts';
import { type ModelWeight, modelWeights } from '../models/model-weights.ts';
import { type BoundConstraint, checkTarget, type Constraint } from './constraint.ts';

/**
 * Clips every weight into −limit…limit, so that the critic of a WGAN cannot grow without bound.
 *
 * It is what the first WGAN had; {@link GradientPenalty} and {@link SpectralNorm} reach the same end with less harm to
 * what the critic can learn. As in the paper's code it clips all that is trained, offsets and the scales of batch norm
 * included, and leaves alone what is frozen: a critic with batch norm thus has its scales pressed from 1 to the limit, which the paper's critic has too.
 *
 *     w ← min(max(w, −limit), limit)      before and after each update
 *
 * @example The critic of the first WGAN
 * ```ts
 * const gan = createDcgan({
 *   imageShape: [8, 8, 1],
 *   baseFilters: 4,
 *   loss: new WassersteinLoss(),
 *   constraints: [new WeightClipping({ limit: 0.01 })],
 *   updatesPerStep: { discriminator: 5 },
 * });
 * await gan.trainer.fit(dataset, { steps: 1, batchSize: 4 });
 * gan.dispose();
 * ```
 *
 * @example A wider box, for a small critic
 * ```ts
 * const options = { limit: 0.25 };
 * const rules = { loss: new WassersteinLoss(), constraints: [new WeightClipping(options)] };
 * const { trainer, discriminator } = createMlpGan({ sampleShape: [2], hiddenUnits: [32], ...rules });
 * await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * const values = await Promise.all(discriminator.model.getWeights().map((weight) => weight.data()));
 * console.log(Math.max(...values.map((numbers) => Math.max(...numbers)))); // 0.25
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017, algorithm 1. {@link https://arxiv.org/abs/1701.07875}
 */
export class WeightClipping implements Constraint {
  readonly name = 'weightClipping';
  readonly target: string;
  readonly settings: {
    /** How far from zero a weight may be. */
    readonly limit: number;
  };

  /**
   * @param options - The limit and whom it binds.
   * @throws RangeError where `limit` is not positive.
   */
  constructor(
    options: {
      /**
       * How far from zero a weight may be; positive.
       *
       * @defaultValue `0.01`, as in the paper
       */
      readonly limit?: number | undefined;
      /**
       * The network whose weights it rules, or `'all'`.
       *
       * @defaultValue `'discriminator'`
       */
      readonly target?: string | undefined;
    } = {},
  ) {
    const action = 'create a WeightClipping';
    const defaults = { limit: 0.01, target: 'discriminator' };
    const { limit, target } = withDefaults(action, options, defaults);
    checkPositive(action, 'limit', limit);
    checkTarget(action, target);
    this.target = target;
    this.settings = Object.freeze({ limit });
  }

  /**
   * Begins to rule a model. It stays as it is until the first step.
   *
   * @param model - The network's network.
   * @returns The constraint at work; it remembers nothing.
   */
  bind(model: tf.LayersModel): BoundConstraint {
    const weights = modelWeights(model);
    const clip = (): void => {
      clipWeights(weights, this.settings.limit);
    };
    return {
      state: new Map(),
      setState: () => undefined,
      beforeUpdate: clip,
      afterUpdate: clip,
      dispose: () => undefined,
    };
  }
}

function clipWeights(weights: readonly ModelWeight[], limit: number): void {
  for (const weight of weights) {
    if (!weight.trainable) continue;
    tf.tidy(() => {
      weight.restore(tf.clipByValue(weight.read(), -limit, limit));
    });
  }
}
