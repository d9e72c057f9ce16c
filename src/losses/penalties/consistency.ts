import * as tf from '@tensorflow/tfjs';
import { checkPart } from '../../core/check-part.ts';
import { checkOneOf } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Consistency regularization (CR): penalizes different logits for a sample and its augmented copy.
 * With `sides: 'both'`, the balanced form (bCR), which prevents augmentations from leaking into
 * samples.
 *
 * With T the augmentation, over real samples, or over real and fake samples:
 *
 *     penalty = mean((D(x) − D(T(x)))²)      + mean((D(G(z)) − D(T(G(z))))²) for both sides
 *
 * The paper's T flips images and shifts them by up to four of 32 pixels. The penalty costs two more
 * discriminator passes per side. Unlike a transform of the trainer, it affects only the
 * discriminator.
 *
 * - Shapes: logits of any shape; the result is a scalar.
 * - Memory: the trainer owns the inputs, the caller the result.
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
 * @see Zhang et al., Consistency Regularization for Generative Adversarial Networks, 2020, equation
 * 4. {@link https://arxiv.org/abs/1910.12027}
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
   * @throws TypeError if `augment` is not a transform.
   * @throws RangeError if a number is out of range, or `sides` is unknown.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength, λ in the papers; at least 0.
       *
       * @defaultValue `10`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * T: a transform such as `diffAugment({ policy: ['translation'] })`, which keeps the number
       * of samples.
       */
      readonly augment: {
        /** Name of the transform. */
        readonly name: string;
        /** Settings of the transform, included in those of the penalty. */
        readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
        /** Returns the augmented samples, with the same count. */
        apply(
          samples: tf.Tensor,
          context: Pick<PenaltyContext, 'random' | 'progress' | 'slot'>,
        ): tf.Tensor;
      };
      /**
       * Real samples (CR), or real and fake samples (bCR).
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
    if ('observe' in augment) {
      throw new TypeError(
        `Cannot ${action}: augment must be fixed, got '${augment.name}', which adapts to a discriminator that a penalty ` +
          'does not show it. Pass a fixed one, such as adaptiveAugment({ probability: 0.3 })',
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
   * The unweighted term.
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
