import type { Schedule } from '../core/schedules/schedule.ts';
import type { Constraint } from '../constraints/constraint.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import type { Transform } from '../transforms/transform.ts';
import type { EmaOptions, Game } from '../games/game.ts';

/**
 * Settings of {@link Trainer}.
 *
 * @example Hinge loss and a discriminator with four times the learning rate
 * ```ts
 * const networks = { generator: mlpGenerator({ sampleShape: [2] }), discriminator: mlpDiscriminator({ sampleShape: [2] }) };
 * const optimizers = { generator: adam({ learningRate: 1e-4 }), discriminator: adam({ learningRate: 4e-4 }) };
 * const options: TrainerOptions = { ...networks, loss: new HingeLoss(), optimizers };
 * const trainer = new Trainer(options);
 * await trainer.fit(ring8({ size: 512 }), { steps: 1 });
 * ```
 */
export interface TrainerOptions {
  /** Creates samples. */
  readonly generator: Generator;
  /**
   * Classifies samples; its input has the shape of the generator's output. Each condition of the
   * generator is either an input of the discriminator or predicted by one of its outputs.
   */
  readonly discriminator: Discriminator<string, string>;
  /**
   * The objective of each network.
   *
   * @defaultValue `new BceLoss()`
   */
  readonly loss?: Loss | undefined;
  /**
   * Extra terms, each added to the loss of its target network; one update follows the gradient of
   * the whole sum. A penalty with `every` is due in the steps whose number it divides. Penalties of
   * weight 0 cost nothing.
   *
   * @defaultValue `[]`
   */
  readonly penalties?: readonly Penalty[] | undefined;
  /**
   * Constraints on the weights of a network at every step, applied in this order.
   *
   * @defaultValue `[]`
   */
  readonly constraints?: readonly Constraint[] | undefined;
  /**
   * Keeps a running average of the generator's weights, which the generator samples from and saves:
   * it gives steadier samples than the last weights. Training itself uses the last ones. After each
   * step a ← decay·a + (1 − decay)·w for each trainable weight; the statistics of batch norm are
   * copied. `{}` uses the defaults.
   *
   * @defaultValue none
   *
   * @see Yazıcı et al., The Unusual Effectiveness of Averaging in GAN Training, 2019, section 3.
   * {@link https://arxiv.org/abs/1806.04498}
   */
  readonly ema?: EmaOptions | undefined;
  /**
   * The optimizer of each network.
   *
   * @defaultValue `adam()` for both: learning rate 0.0002, β₁ 0.5, as in DCGAN
   */
  readonly optimizers?:
    Partial<Readonly<Record<'generator' | 'discriminator', OptimizerSpec | undefined>>> | undefined;
  /**
   * Number of updates of each network in one step.
   *
   * @defaultValue one each
   */
  readonly updatesPerStep?:
    | {
        /**
         * Discriminator updates, each with a new batch of real samples and new fake samples.
         *
         * @defaultValue `1`
         */
        readonly discriminator?: number | undefined;
        /**
         * Generator updates, each with new fake samples.
         *
         * @defaultValue `1`
         */
        readonly generator?: number | undefined;
      }
    | undefined;
  /**
   * Number of batches per update, which uses the mean of their gradients: batches of n times the
   * size in the memory of one. Batch norm still sees each batch alone. The discriminator takes a new
   * batch each time, the generator's updates reuse the last one with new latents.
   *
   * @defaultValue `1`
   */
  readonly accumulate?: number | undefined;
  /**
   * Transforms of samples, real and fake, in front of the discriminator, applied in this order.
   *
   * @defaultValue `[]`
   */
  readonly transforms?: readonly Transform[] | undefined;
  /**
   * The share of the fake samples that the generator's loss is taken over, those with the largest
   * logits: more than 0, at most 1, or a schedule. The paper lets it fall from 1 to 0.5 once the
   * discriminator is a good judge. Rounded down to whole samples, at least one; of several logits
   * for a sample the mean counts.
   *
   * @defaultValue `1`: all of them
   *
   * @see Sinha et al., Top-k Training of GANs, 2020, section 3.
   *   {@link https://arxiv.org/abs/2002.06224}
   */
  readonly topK?: number | Schedule | undefined;
  /**
   * Weights of the losses of the discriminator's heads in the loss of each network: the
   * cross-entropy of class labels or codes, half the squared distance for other conditions.
   *
   * @defaultValue `1` for both
   */
  readonly auxiliaryWeights?:
    | Partial<Readonly<Record<'generator' | 'discriminator', number | Schedule | undefined>>>
    | undefined;
  /**
   * Determines the order of the data, the latents and the noise inside layers. The same seed on the
   * same backend gives the same training, bit-for-bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/**
 * Settings of {@link Trainer} for any game.
 *
 * @example A custom game
 * ```ts
 * const options: GameTrainerOptions = { game, seed: 7 };
 * const trainer = new Trainer(options);
 * ```
 */
export interface GameTrainerOptions {
  /** Networks, turns and terms; optimizers and averages are those of its networks. */
  readonly game: Game;
  /**
   * Constraints on weights at every step, applied in this order; `target` is the name of a network,
   * or `all`.
   *
   * @defaultValue `[]`
   */
  readonly constraints?: readonly Constraint[] | undefined;
  /**
   * Determines the order of the data and all random numbers. The same seed on the same backend
   * gives the same training, bit-for-bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}
