import * as tf from '@tensorflow/tfjs';
import { checkPart } from '../../core/check-part.ts';
import { checkOneOf } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Requires of the discriminator the same logit for a sample and for an augmented copy of it: consistency regularization (CR), and
 * with `sides: 'both'` the balanced form (bCR), which keeps augmentation out of the samples.
 *
 * With T the augmentation, over the real samples, or over real and fake ones in turn:
 *
 *     penalty = mean((D(x) − D(T(x)))²)      + mean((D(G(z)) − D(T(G(z))))²) for both sides
 *
 * The paper's T flips images and moves them by up to four pixels of 32. It costs two more passes of the discriminator for each
 * side. Unlike a transform of the trainer it is for the discriminator alone.
 *
 * - Shapes: logits of any shape; the result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
 *
 * @example bCR with moves
 * ```ts
 * const augment = diffAugment({ policy: ['translation'] });
 * const penalties = [new ConsistencyPenalty({ augment, sides: 'both' })];
 * const normalization = { generator: 'batch', discriminator: 'none' } as const;
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, normalization, penalties });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * gan.dispose();
 * ```
 *
 * @example Points that are moved a little
 * ```ts
 * const augment: Transform = {
 *   name: 'jitter',
 *   stage: 'augment',
 *   apply: (x, { random }) => tf.add(x, tf.tensor(random.uniformArray(x.size, -0.05, 0.05), x.shape)),
 * };
 * const gan = createMlpGan({ sampleShape: [2], penalties: [new ConsistencyPenalty({ augment })] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @see Zhang et al., Consistency Regularization for Generative Adversarial Networks, 2020, equation 4.
 * {@link https://arxiv.org/abs/1910.12027}
 * @see Zhao et al., Improved Consistency Regularization for GANs, 2021, section 3.1 (bCR).
 * {@link https://arxiv.org/abs/2002.04724}
 */
export class ConsistencyPenalty implements Penalty {
  readonly name = 'consistency';
  readonly target = 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  readonly #augment: Augmentation;

  /**
   * @param options - Strength, augmentation and sides.
   * @throws TypeError if `augment` is no transform.
   * @throws RangeError if a number is out of range, or `sides` is none of those named.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength, λ in the papers; at least 0.
       *
       * @defaultValue `10`
       */
      readonly weight?: number | Schedule | undefined;
      /** T: a transform such as `diffAugment({ policy: ['translation'] })`, which keeps the number of samples. */
      readonly augment: {
        /** Its name. */
        readonly name: string;
        /** Its settings, which are part of the penalty's. */
        readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
        /** The changed samples, as many as before. */
        apply(
          samples: tf.Tensor,
          context: Pick<PenaltyContext, 'random' | 'progress' | 'slot'>,
        ): tf.Tensor;
      };
      /**
       * Real samples (CR), or real and fake ones (bCR).
       *
       * @defaultValue `'real'`
       */
      readonly sides?: 'real' | 'both' | undefined;
    },
  ) {
    const action = 'create a ConsistencyPenalty';
    const own = ['augment', 'sides'];
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 10, own));
    const { augment, sides = 'real' } = options;
    const candidate = augment as Partial<Augmentation> | null | undefined;
    if (typeof candidate?.apply !== 'function') {
      throw new TypeError(
        `Cannot ${action}: augment must be a Transform with a name and the function apply(samples, context), ` +
          `got ${formatValue(augment)}`,
      );
    }
    checkPart(action, 'augment', augment);
    checkOneOf(action, 'sides', sides, ['real', 'both'] as const);
    this.#augment = augment;
    const ofAugment = Object.entries(augment.settings ?? {});
    this.settings = Object.freeze({
      sides,
      augment: augment.name,
      ...Object.fromEntries(ofAugment.map(([name, value]) => [`augment.${name}`, value])),
    });
  }

  /**
   * The term before it is weighted.
   *
   * @param context - Samples, the discriminator, random numbers.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    const { random, progress } = context;
    const { name } = this.#augment;
    const slot: PenaltyContext['slot'] = (key, initial) => context.slot(`${name}/${key}`, initial);
    const difference = (side: 'real' | 'fake'): tf.Tensor => {
      const copy = this.#augment.apply(context[side], { random, progress, slot });
      const logits = context.discriminate(context[side], side);
      return tf.mean(tf.squaredDifference(logits, context.discriminate(copy, side)));
    };
    return tf.tidy(() => {
      const ofReal = difference('real');
      if (this.settings['sides'] === 'real') return ofReal.asScalar();
      return tf.add(ofReal, difference('fake')).asScalar();
    });
  }
}

type Augmentation = ConstructorParameters<typeof ConsistencyPenalty>[0]['augment'];
