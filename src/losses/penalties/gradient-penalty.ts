import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkNonNegative, checkOneOf, checkSameShape } from '../../core/checks.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { slopeMiss, squaredSlopes } from './slopes.ts';

/**
 * Holds the slope of the discriminator near one between real and fake samples: the penalty of WGAN-GP.
 *
 * Pair it with a Wasserstein loss, where it replaces weight clipping, and five discriminator updates per step.
 * It costs one more pass forward and two back in each.
 *
 * With x̂ = ε·x + (1 − ε)·G(z), one ε ~ U[0, 1) for each sample, and t the `targetNorm`:
 *
 *     penalty  = mean((‖∇D(x̂)‖₂ − t)²)            two-sided
 *     penalty  = mean(max(0, ‖∇D(x̂)‖₂ − t)²)      oneSided
 *
 * The norm is that of one sample, over all its numbers; 1e-12 under its root keeps the gradient finite where D is flat
 * (1e-4 on a backend that computes in 16 bits).
 * A discriminator that judges patches is taken by the sum of its logits. Leave batch norm out of it, as samples must
 * not see each other; a trainer warns.
 *
 * - Shapes: `real` and `fake` are `[batch, ...sampleShape]` of any rank, equal where points between them are asked
 *   for; the result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
 *
 * @example Train a critic with it
 * ```ts
 * const gan = createMlpGan({
 *   sampleShape: [2],
 *   latentSize: 2,
 *   loss: new WassersteinLoss(),
 *   penalties: [new GradientPenalty({ weight: 0.1 })],
 *   optimizers: {
 *     generator: adam({ learningRate: 1e-4, beta1: 0.5, beta2: 0.9 }),
 *     discriminator: adam({ learningRate: 1e-4, beta1: 0.5, beta2: 0.9 }),
 *   },
 *   updatesPerStep: { discriminator: 5 },
 * });
 * await gan.trainer.fit(ring8({ size: 256 }), { steps: 1, batchSize: 32 });
 * ```
 *
 * @example Only slopes above one cost, as in WGAN-LP
 * ```ts
 * const options = { oneSided: true, weight: 0.1 };
 * const rules = { loss: new WassersteinLoss(), penalties: [new GradientPenalty(options)] };
 * const { trainer } = createMlpGan({ sampleShape: [2], ...rules });
 * await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @see Gulrajani et al., Improved Training of Wasserstein GANs, 2017, equation 3 and algorithm 1.
 * {@link https://arxiv.org/abs/1704.00028}
 */
export class GradientPenalty extends SlopePenalty implements Penalty {
  readonly name = 'gradientPenalty';
  readonly settings: {
    /** The slope that costs nothing. */
    readonly targetNorm: number;
    /** Whether only steeper slopes cost. */
    readonly oneSided: boolean;
    /** Where the slope is looked at. */
    readonly at: 'interpolated' | 'real' | 'fake';
  };

  /**
   * @param options - Strength, slope and place.
   * @throws RangeError where a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength, λ in the paper; at least 0. The paper's points in the plane have 0.1, all its images 10.
       *
       * @defaultValue `10`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The slope that costs nothing; at least 0. At 0 the penalty is zero-centered.
       *
       * @defaultValue `1`
       */
      readonly targetNorm?: number | undefined;
      /**
       * Whether only slopes above `targetNorm` cost.
       *
       * @defaultValue `false`, as in the paper
       */
      readonly oneSided?: boolean | undefined;
      /**
       * Where the slope is looked at: at random points on the lines between real and fake samples, at the real samples, or
       * at the fake ones. For points *around* the real samples take {@link DraganPenalty}.
       *
       * @defaultValue `'interpolated'`
       */
      readonly at?: 'interpolated' | 'real' | 'fake' | undefined;
    } = {},
  ) {
    const action = 'create a GradientPenalty';
    super(action, options, ['targetNorm', 'oneSided', 'at']);
    const { targetNorm = 1, oneSided = false, at = 'interpolated' } = options;
    checkNonNegative(action, 'targetNorm', targetNorm);
    checkOneOf(action, 'oneSided', oneSided, [true, false]);
    checkOneOf(action, 'at', at, ['interpolated', 'real', 'fake']);
    this.settings = Object.freeze({ targetNorm, oneSided, at });
  }

  /** Whether it looks between a real sample and the fake one of its row. */
  get pairsRows(): boolean {
    return this.settings.at === 'interpolated';
  }

  /**
   * The term before it is weighted.
   *
   * @param context - Real and fake samples, the discriminator, random numbers.
   * @returns A scalar.
   * @throws RangeError where points between real and fake samples are asked for and their shapes differ.
   */
  compute(context: PenaltyContext): tf.Scalar {
    const { targetNorm, oneSided, at } = this.settings;
    return tf.tidy(() => {
      const side = at === 'fake' ? 'fake' : 'real';
      const samples = at === 'interpolated' ? this.#between(context) : context[at];
      return slopeMiss(squaredSlopes(this.name, context, samples, side), targetNorm, oneSided);
    });
  }

  /** A random point between each real sample and the fake one beside it. */
  #between({ real, fake, random }: PenaltyContext): tf.Tensor {
    const action = `compute the penalty '${this.name}'`;
    checkSameShape(action, 'real and fake samples', real.shape, fake.shape);
    const [batch = 0, ...sampleShape] = real.shape;
    const share = tf.tensor(random.uniformArray(batch, 0, 1), [batch, ...sampleShape.map(() => 1)]);
    return tf.add(fake, tf.mul(share, tf.sub(real, fake)));
  }
}
