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
 * @example A discriminator that learns four times as fast, under the hinge loss
 * ```ts
 * const networks = { generator: mlpGenerator({ sampleShape: [2] }), discriminator: mlpDiscriminator({ sampleShape: [2] }) };
 * const optimizers = { generator: adam({ learningRate: 1e-4 }), discriminator: adam({ learningRate: 4e-4 }) };
 * const options: TrainerOptions = { ...networks, loss: new HingeLoss(), optimizers };
 * const trainer = new Trainer(options);
 * await trainer.fit(ring8({ size: 512 }), { steps: 1 });
 * ```
 */
export interface TrainerOptions {
  /** The network that makes samples. */
  readonly generator: Generator;
  /**
   * The network that judges them; it takes what the generator makes. Each condition of the generator is an input of it, or an
   * output that tells it.
   */
  readonly discriminator: Discriminator<string, string>;
  /**
   * What each network wants.
   *
   * @defaultValue `new BceLoss()`
   */
  readonly loss?: Loss | undefined;
  /**
   * Extra terms, each added to the loss of the network it is for; one update follows the gradient of the whole sum. A
   * penalty with `every` is due in the steps whose number it divides. Those of weight 0 cost nothing.
   *
   * @defaultValue `[]`
   */
  readonly penalties?: readonly Penalty[] | undefined;
  /**
   * Rules that a network's weights keep at every step, applied in this order.
   *
   * @defaultValue `[]`
   */
  readonly constraints?: readonly Constraint[] | undefined;
  /**
   * Lets the generator sample from, and save, a running average of its weights, which makes steadier samples than the
   * last ones; training goes on with the last ones. After each step a ← decay·a + (1 − decay)·w for each trainable
   * weight; batch norm's statistics are taken as they stand. `{}` takes the defaults.
   *
   * @defaultValue none
   *
   * @see Yazıcı et al., The Unusual Effectiveness of Averaging in GAN Training, 2019, section 3.
   * {@link https://arxiv.org/abs/1806.04498}
   */
  readonly ema?: EmaOptions | undefined;
  /**
   * How each network's weights move.
   *
   * @defaultValue `adam()` for both: learning rate 0.0002, β₁ 0.5, as in DCGAN
   */
  readonly optimizers?:
    Partial<Readonly<Record<'generator' | 'discriminator', OptimizerSpec | undefined>>> | undefined;
  /**
   * How often each network moves in one step.
   *
   * @defaultValue once each
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
   * What is done to samples, real and fake, before the discriminator sees them, in this order.
   *
   * @defaultValue `[]`
   */
  readonly transforms?: readonly Transform[] | undefined;
  /**
   * Weights of what the discriminator's heads add to the loss of each network: the cross-entropy of class labels or codes,
   * half the squared distance of other conditions.
   *
   * @defaultValue `1` for both
   */
  readonly auxiliaryWeights?:
    | Partial<Readonly<Record<'generator' | 'discriminator', number | Schedule | undefined>>>
    | undefined;
  /**
   * Decides the order of the data, the latents and the noise inside layers. The same seed on the same backend gives
   * the same training, to the bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/**
 * Settings of {@link Trainer} for any game.
 *
 * @example A game of one's own
 * ```ts
 * const options: GameTrainerOptions = { game, seed: 7 };
 * const trainer = new Trainer(options);
 * ```
 */
export interface GameTrainerOptions {
  /** Networks, turns, terms; optimizers and averages are those of its networks. */
  readonly game: Game;
  /**
   * Rules that weights keep at every step, applied in this order; `target` is the name of a network, or `all`.
   *
   * @defaultValue `[]`
   */
  readonly constraints?: readonly Constraint[] | undefined;
  /**
   * Decides the order of the data and everything that is drawn. The same seed on the same backend gives the same training,
   * bit-for-bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}
