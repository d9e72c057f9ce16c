import * as tf from '@tensorflow/tfjs';
import {
  checkFinite,
  checkInRange,
  checkNonNegative,
  checkPositive,
  withDefaults,
} from '../core/checks.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import {
  checkScheduled,
  describeScheduled,
  type NumberKind,
  scheduledValue,
} from '../core/schedules/scheduled-number.ts';
import { checkPolicy } from './check-policy.ts';
import { checkImages } from './image-rows.ts';
import type { AugmentKind } from './random-parameters.ts';
import { recolor } from './random-colors.ts';
import { warp } from './random-warps.ts';
import type { Transform, TransformContext } from './transform.ts';

/** Discriminator updates between two changes of the probability, as in the authors' code. */
const interval = 4;

const probabilities: NumberKind = {
  wanted: 'a number from 0 to 1',
  check: checkProbability,
  checkScheduled: checkProbability,
};

function checkProbability(action: string, name: string, value: number): void {
  checkNonNegative(action, name, value);
  if (value !== 1) checkInRange(action, name, value, 0, 1);
}

/**
 * Adaptive augmentation (ADA): flips, rotates, scales, shifts and recolors images before the
 * discriminator, each with a probability p that rises while the discriminator overfits and falls
 * while it does not.
 *
 * The overfitting heuristic is r = mean(sign(D(x) − b)) over the real samples x of four updates,
 * with b the decision boundary of the loss. After every four updates
 *
 *     p ← clip(p + sign(r − target) · (samples of these updates) / rampSamples, 0, maximum)
 *
 * p starts at 0. Snapshots contain it, and the history has it as the metric
 * `adaptiveAugment/probability`.
 *
 * | policy | operations, each with probability p per image |
 * | --- | --- |
 * | `'blit'` | horizontal flip; 90° rotations; shift by whole pixels, up to an eighth of each side |
 * | `'geometric'` | isotropic scale 2^N(0, 0.2); rotation by any angle; anisotropic scale 2^N(0, 0.2); shift by N(0, ⅛) of the sides |
 * | `'color'` | brightness + N(0, 0.2); contrast · 2^N(0, ½); luma flip; for color images also hue and saturation |
 *
 * Sampling is bilinear, with reflection padding at the edges. The authors' code warps at twice the
 * resolution, between two sym6 filters, which matters for sharp edges of large images; this
 * transform does not.
 *
 * Up to a p of about 0.8, augmentations do not leak into samples, because enough images stay
 * unchanged. Above that, rotated and flipped samples appear: `maximum` limits p.
 *
 * @param options - Target, policy and limits, or a fixed probability.
 * @returns A transform of the stage `'augment'` for images of 1 or 3 channels.
 * @throws RangeError if a number is out of range; TypeError if `policy` is not a list.
 *
 * @example How far the probability rose
 * ```ts
 * const transforms = [adaptiveAugment({ target: 0.6, rampSamples: 1000 })];
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, transforms });
 * const { steps } = await gan.trainer.fit(dataset, { steps: 4, batchSize: 8 });
 * const probability = steps.at(-1)!.metrics['adaptiveAugment/probability']!;
 * console.log(probability <= 0.032 + 1e-6); // true
 * gan.dispose();
 * ```
 *
 * @example A fixed probability, and no flips or turns
 * ```ts
 * const gentle = adaptiveAugment({ probability: 0.3, policy: ['color'] });
 * ```
 *
 * @see Karras et al., Training Generative Adversarial Networks with Limited Data, 2020, section 3
 * and appendix B. {@link https://arxiv.org/abs/2006.06676}
 */
export function adaptiveAugment(
  options: {
    /**
     * Target for r: p rises if r is above it. At least −1, less than 1.
     *
     * @defaultValue `0.6`
     */
    readonly target?: number | undefined;
    /**
     * A fixed or scheduled probability instead of the adaptive one, from 0 to 1. It disables
     * `target`, `maximum` and `rampSamples`.
     *
     * @defaultValue none
     */
    readonly probability?: number | Schedule | undefined;
    /**
     * The groups of operations.
     *
     * @defaultValue `['blit', 'geometric', 'color']`
     */
    readonly policy?: readonly ('blit' | 'geometric' | 'color')[] | undefined;
    /**
     * Maximum p, from 0 to 1. The authors set no limit.
     *
     * @defaultValue `0.8`
     */
    readonly maximum?: number | undefined;
    /**
     * Number of real samples within which p can rise by 1. The authors use 500,000, for runs of 25
     * million.
     *
     * @defaultValue `50000`
     */
    readonly rampSamples?: number | undefined;
  } = {},
): Transform {
  const action = 'create an adaptiveAugment';
  const { target, probability, policy, maximum, rampSamples } = withDefaults(action, options, {
    target: 0.6,
    probability: undefined,
    policy: allKinds,
    maximum: 0.8,
    rampSamples: 50_000,
  });
  checkFinite(action, 'target', target);
  checkInRange(action, 'target', target, -1, 1);
  checkProbability(action, 'maximum', maximum);
  checkPositive(action, 'rampSamples', rampSamples);
  const kinds = checkPolicy<AugmentKind>(action, policy, allKinds);
  const isFixed = probability !== undefined;
  if (isFixed) checkScheduled(action, 'probability', probability, probabilities);
  const settings = isFixed
    ? describeScheduled('probability', probability)
    : { target, maximum, rampSamples };
  const slots = (context: TransformContext): ReturnType<TransformContext['slot']>[] =>
    ['probability', 'signs'].map((name) => context.slot(name, () => tf.scalar(0)));
  return {
    name: 'adaptiveAugment',
    stage: 'augment',
    settings: { ...settings, policy: kinds.join(', ') },
    outputShape: (shape) => checkImages('adaptiveAugment', shape, [1, 3]),
    apply: (samples, context) => {
      const fixed = isFixed
        ? scheduledValue(probability, context.progress, probabilities)
        : undefined;
      if (fixed === 0) return samples;
      const draws = {
        kinds,
        random: context.random,
        probability: fixed === undefined ? slots(context)[0]!.get() : tf.scalar(fixed),
      };
      return recolor(warp(samples, draws), draws);
    },
    ...(!isFixed &&
      ({
        observe: ({ margins, samples }, context) => {
          const [p, signs] = slots(context) as [
            ReturnType<TransformContext['slot']>,
            ReturnType<TransformContext['slot']>,
          ];
          const sum = tf.add(signs.get(), tf.mean(tf.sign(margins)));
          const isDue = context.progress.update % interval === 0;
          if (!isDue) {
            signs.set(sum);
            return { probability: p.get() };
          }
          const change = tf.mul(
            tf.sign(tf.sub(tf.div(sum, interval), target)),
            (interval * samples) / rampSamples,
          );
          p.set(tf.clipByValue(tf.add(p.get(), change), 0, maximum));
          signs.set(tf.scalar(0));
          return { probability: p.get() };
        },
      } satisfies Pick<Transform, 'observe'>)),
  };
}

const allKinds = ['blit', 'geometric', 'color'] as const;
