import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';

/**
 * One trainable weight of the network a penalty is for.
 *
 * @example Keep the kernels small and leave the offsets alone
 * ```ts
 * const isKernel = ({ key }: PenalizedWeight) => key.endsWith('/kernel');
 * const size = ({ value }: PenalizedWeight) => tf.sum(tf.square(value));
 * const compute = ({ weights }: PenaltyContext) => tf.tidy(() => tf.addN(weights.filter(isKernel).map(size)).asScalar());
 * const decay: Penalty = { name: 'kernelDecay', target: 'discriminator', weight: 1e-4, compute };
 * const gan = createMlpGan({ sampleShape: [2], penalties: [decay] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * ```
 */
export interface PenalizedWeight {
  /** Its name, such as `3.conv2D/kernel`: place and kind of the layer, role of the weight. */
  readonly key: string;
  /**
   * The weight as it is learned, before any constraint divides it for a pass; gradients reach it. Not the penalty's to
   * dispose.
   */
  readonly value: tf.Tensor;
  /**
   * The axis of a kernel along which its filters lie, from the end: −2 in transposed convolutions, −1 in all other
   * layers.
   *
   * @defaultValue `-1`
   */
  readonly filterAxis?: -1 | -2 | undefined;
  /** What the penalty remembers of this weight, in the order of {@link Penalty.slots}; not the penalty's to dispose. */
  readonly slots: readonly tf.Tensor[];
}

/**
 * What a penalty can look at. All tensors stay the trainer's.
 *
 * @example Ask for the same answer to a sample and to a noisy copy of it
 * ```ts
 * const compute = ({ real, random, discriminate }: PenaltyContext) =>
 *   tf.tidy(() => {
 *     const noisy = tf.add(real, tf.tensor(random.uniformArray(real.size, -0.1, 0.1), real.shape));
 *     return tf.mean(tf.squaredDifference(discriminate(real), discriminate(noisy))).asScalar();
 *   });
 * const steady: Penalty = { name: 'steady', target: 'discriminator', weight: 10, compute };
 * await createMlpGan({ sampleShape: [2], penalties: [steady] }).trainer.fit(ring8(), { steps: 1 });
 * ```
 */
export interface PenaltyContext {
  /** Real samples of this update, `[batch, ...sampleShape]`. */
  readonly real: tf.Tensor;
  /**
   * Generated samples of this update, of the same shape. In the discriminator's turn no gradient flows into the
   * generator; in the generator's turn one does.
   */
  readonly fake: tf.Tensor;
  /** Labels of the real samples, where the data have them. */
  readonly labels?: tf.Tensor | undefined;
  /** Trainable weights of the network the penalty is for. */
  readonly weights: readonly PenalizedWeight[];
  /** Random numbers that are saved with the training and so repeat; never use another source. */
  readonly random: Random;
  /** Number of the step over the trainer's life, from 1. */
  readonly step: number;
  /**
   * Number of this update of the network the penalty is for, over the trainer's life, from 1; larger than the step
   * where a network moves several times in one.
   */
  readonly update: number;
  /**
   * The discriminator's logits on any samples, as it is in training, batch norm's moving statistics untouched.
   *
   * @param samples - `[batch, ...sampleShape]`.
   * @param side - Whose conditions they are judged with, if the discriminator has any; by default those of `real`.
   */
  readonly discriminate: (samples: tf.Tensor, side?: 'real' | 'fake') => tf.Tensor;
  /**
   * What a layer of the discriminator answers to `real` and `fake`, batch norm's moving statistics untouched.
   *
   * @param layer - Its name, or its place and kind such as `3.conv2D`, in models inside the model as well; left out,
   * what the last layer with weights is given: the features right before the logits.
   */
  readonly features: (layer?: string) => {
    /** To the real samples. */
    readonly real: tf.Tensor;
    /** To the generated samples. */
    readonly fake: tf.Tensor;
  };
}

/**
 * An extra term in what one network wants to be small.
 *
 * A penalty is a rule without memory of its own: what it has to remember of each weight, the trainer keeps and saves
 * (see {@link Penalty.slots}), so one penalty may serve several trainers.
 *
 * @example Keep the logits small
 * ```ts
 * const logitPenalty: Penalty = {
 *   name: 'logitPenalty',
 *   target: 'discriminator',
 *   weight: 0.001,
 *   compute: ({ real, discriminate }) =>
 *     tf.tidy(() => tf.mean(tf.square(discriminate(real))).asScalar()),
 * };
 * ```
 */
export interface Penalty {
  /** What it is called: in the history, in errors and in snapshots. */
  readonly name: string;
  /** The network whose loss it is added to. */
  readonly target: 'generator' | 'discriminator';
  /** What the term is multiplied by: a number of at least 0, or a schedule of such numbers. 0 switches the penalty off. */
  readonly weight: number | Schedule;
  /**
   * It is added in every so many steps only, those whose number this divides, then as many times stronger, so that its
   * strength over time stays (lazy regularization, as in StyleGAN2).
   *
   * @defaultValue `1`
   */
  readonly every?: number | undefined;
  /** Its other settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Whether it compares each real sample with the fake one of its row, as on lines between them. Both then have to be made
   * with the same conditions.
   *
   * @defaultValue `false`
   */
  readonly pairsRows?: boolean | undefined;
  /**
   * Names of the tensors to be remembered for each trainable weight of the network; each starts as zeros of the
   * weight's shape.
   *
   * @defaultValue none
   */
  readonly slots?: readonly string[] | undefined;
  /**
   * Asked once, as a trainer is made, unless its weight is 0: the place to refuse networks that cannot be penalized so, and to warn of those
   * that should not.
   *
   * @param networks - Both networks, which stay their owners'.
   * @throws RangeError where the penalty does not fit them.
   */
  check?(networks: Readonly<Record<'generator' | 'discriminator', tf.LayersModel>>): void;
  /**
   * The term before it is weighted. It is differentiated with respect to the network's weights, so it is made of
   * TensorFlow.js operations; one that takes a gradient itself can, as a trainer has
   * called `enableSecondOrderGradients()`.
   *
   * @param context - What it can look at.
   * @returns A scalar, the caller's.
   */
  compute(context: PenaltyContext): tf.Scalar;
  /**
   * What to remember of one weight, asked after each update of the network; needed where there are slots.
   *
   * @param weight - The weight after the update, and what was remembered so far.
   * @param update - Number of this update of the network, from 1.
   * @returns New tensors in the order of the slots, the caller's.
   */
  updateSlots?(weight: PenalizedWeight, update: number): readonly tf.Tensor[];
}
