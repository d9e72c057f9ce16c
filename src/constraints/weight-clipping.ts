import * as tf from '@tensorflow/tfjs';
import { checkPositive, withDefaults } from '../core/checks.ts';
import { type ModelWeight, modelWeights } from '../models/model-weights.ts';
import { type BoundConstraint, checkTarget, type Constraint } from './constraint.ts';

/**
 * Clips every weight to −limit…limit, so that the critic of a WGAN cannot grow without bound.
 *
 * It was used in the original WGAN; {@link GradientPenalty} and {@link SpectralNorm} serve the same
 * purpose and restrict the critic less. As in the paper's code it clips all trained weights,
 * including offsets and the scales of batch norm, but not frozen ones: the scales of a critic's
 * batch norm are thus reduced from 1 to the limit, as in the paper.
 *
 *     w ← min(max(w, −limit), limit)      before and after each update
 *
 * @example The critic of the original WGAN
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
 * @example A larger limit for a small critic
 * ```ts
 * const options = { limit: 0.25 };
 * const rules = { loss: new WassersteinLoss(), constraints: [new WeightClipping(options)] };
 * const { trainer, discriminator } = createMlpGan({ sampleShape: [2], hiddenUnits: [32], ...rules });
 * await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * const values = await Promise.all(discriminator.model.getWeights().map((weight) => weight.data()));
 * console.log(Math.max(...values.map((numbers) => Math.max(...numbers)))); // 0.25
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017, algorithm 1.
 *   {@link https://arxiv.org/abs/1701.07875}
 */
export class WeightClipping implements Constraint {
  readonly name = 'weightClipping';
  readonly target: string;
  readonly settings: {
    /** Largest absolute value of a weight. */
    readonly limit: number;
  };

  /**
   * @param options - The limit and the target.
   * @throws RangeError if `limit` is not positive.
   */
  constructor(
    options: {
      /**
       * Largest absolute value of a weight; positive.
       *
       * @defaultValue `0.01`, as in the paper
       */
      readonly limit?: number | undefined;
      /**
       * The network whose weights it constrains, or `'all'`.
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
   * Binds the constraint to a model. The model does not change until the first step.
   *
   * @param model - The network's model.
   * @returns The bound constraint; it has no state.
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
