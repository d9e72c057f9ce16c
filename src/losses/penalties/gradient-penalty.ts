import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkNonNegative, checkOneOf, checkSameShape } from '../../core/checks.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { slopeMiss, squaredSlopes } from './slopes.ts';

/**
 * Keeps the gradient norm of the discriminator near one between real and fake samples: the penalty
 * of WGAN-GP.
 *
 * Use it with a Wasserstein loss, for which it replaces weight clipping, and five discriminator
 * updates per step. Each update then requires one more forward pass and two more backward passes.
 *
 * With x̂ = ε·x + (1 − ε)·G(z), one ε ~ U[0, 1) for each sample, and t the `targetNorm`:
 *
 *     penalty  = mean((‖∇D(x̂)‖₂ − t)²)            two-sided
 *     penalty  = mean(max(0, ‖∇D(x̂)‖₂ − t)²)      oneSided
 *
 * The norm is that of one sample, over all its values; 1e-12 under the square root keeps the
 * gradient finite where D is constant (1e-4 on a backend with 16-bit floats). For a patch
 * discriminator, D is the sum of its logits. Do not use batch norm in the discriminator, because
 * the penalty requires independent samples; a trainer warns.
 *
 * - Shapes: `real` and `fake` are `[batch, ...sampleShape]` of any rank, equal if `at` is
 *   `'interpolated'`; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
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
 * @example Penalize only norms above one, as in WGAN-LP
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
    /** The gradient norm with zero penalty. */
    readonly targetNorm: number;
    /** Whether only larger norms are penalized. */
    readonly oneSided: boolean;
    /** Where the gradient is computed. */
    readonly at: 'interpolated' | 'real' | 'fake';
  };

  /**
   * @param options - Weight, target norm and position.
   * @throws RangeError if a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Weight of the penalty, λ in the paper; at least 0. The paper uses 0.1 for its 2-D points
       * and 10 for all its images.
       *
       * @defaultValue `10`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The gradient norm with zero penalty; at least 0. At 0 the penalty is zero-centered.
       *
       * @defaultValue `1`
       */
      readonly targetNorm?: number | undefined;
      /**
       * Whether only gradient norms above `targetNorm` are penalized.
       *
       * @defaultValue `false`, as in the paper
       */
      readonly oneSided?: boolean | undefined;
      /**
       * Where the gradient is computed: at random points on the lines between real and fake
       * samples, at the real samples, or at the fake ones. For points *around* the real samples use
       * {@link DraganPenalty}.
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

  /** Whether it uses points between a real sample and the fake one in its row. */
  get pairsRows(): boolean {
    return this.settings.at === 'interpolated';
  }

  /**
   * The unweighted term.
   *
   * @param context - Real and fake samples, the discriminator, random numbers.
   * @returns A scalar.
   * @throws RangeError if `at` is `'interpolated'` and the shapes of real and fake samples differ.
   */
  compute(context: PenaltyContext): tf.Scalar {
    const { targetNorm, oneSided, at } = this.settings;
    return tf.tidy(() => {
      const side = at === 'fake' ? 'fake' : 'real';
      const samples = at === 'interpolated' ? this.#between(context) : context[at];
      return slopeMiss(squaredSlopes(this.name, context, samples, side), targetNorm, oneSided);
    });
  }

  /** A random point between each real sample and the fake one in its row. */
  #between({ real, fake, random }: PenaltyContext): tf.Tensor {
    const action = `compute the penalty '${this.name}'`;
    checkSameShape(action, 'real and fake samples', real.shape, fake.shape);
    const [batch = 0, ...sampleShape] = real.shape;
    const share = tf.tensor(random.uniformArray(batch, 0, 1), [batch, ...sampleShape.map(() => 1)]);
    return tf.add(fake, tf.mul(share, tf.sub(real, fake)));
  }
}
