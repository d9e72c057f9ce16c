import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random.ts';
import type { Schedule, UpdateProgress } from '../../core/schedules/schedule.ts';

/**
 * One trainable weight of a penalty's network.
 *
 * @example Penalize the kernels, but not the offsets
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
  /** Its name, such as `3.conv2D/kernel`: index and kind of the layer, role of the weight. */
  readonly key: string;
  /**
   * The trained weight, before a constraint replaces it for a pass; gradients reach it. The penalty
   * must not dispose it.
   */
  readonly value: tf.Tensor;
  /**
   * The axis of a kernel's filters, from the end: −2 in transposed convolutions, −1 in all other
   * layers.
   *
   * @defaultValue `-1`
   */
  readonly filterAxis?: -1 | -2 | undefined;
  /**
   * State of this weight, in the order of {@link Penalty.slots}; the penalty must not dispose it.
   */
  readonly slots: readonly tf.Tensor[];
}

/**
 * The inputs of a penalty. The trainer owns all tensors.
 *
 * @example Penalize different outputs for a sample and a noisy copy of it
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
   * Generated samples of this update, with the same shape. In the discriminator's turn no gradient
   * flows into the generator; in the generator's turn one does.
   */
  readonly fake: tf.Tensor;
  /** Labels of the real samples, if the data have them. */
  readonly labels?: tf.Tensor | undefined;
  /** Trainable weights of the penalty's network. */
  readonly weights: readonly PenalizedWeight[];
  /**
   * Random numbers that are saved with the training state and so are reproducible; use no other
   * source.
   */
  readonly random: Random;
  /** Number of the step over the trainer's life, from 1. */
  readonly step: number;
  /**
   * Number of this update of the penalty's network over the trainer's life, from 1; larger than the
   * step if a network is updated several times in one.
   */
  readonly update: number;
  /** How far training is, for schedules. */
  readonly progress: UpdateProgress;
  /**
   * A tensor of the penalty's own that lasts from step to step and is saved in snapshots, such as a
   * running mean.
   *
   * @param name - Its name in the penalty.
   * @param initial - Creates its first value, once in the trainer's life, and so sets its shape.
   */
  readonly slot: (
    name: string,
    initial: () => tf.Tensor,
  ) => {
    /** Its value, a constant; not the caller's to dispose. */
    get(): tf.Tensor;
    /**
     * Replaces its value; no gradient flows through it.
     *
     * @param value - Of the same shape, float32.
     */
    set(value: tf.Tensor): void;
  };
  /**
   * The discriminator's logits for any samples, in training mode, without updating batch norm's
   * moving statistics.
   *
   * @param samples - `[batch, ...sampleShape]`.
   * @param side - The side whose conditions the discriminator receives, if it has any; by default
   * `real`.
   */
  readonly discriminate: (samples: tf.Tensor, side?: 'real' | 'fake') => tf.Tensor;
  /**
   * The outputs of a discriminator's layer for `real` and `fake`, without updating batch norm's
   * moving statistics.
   *
   * @param layer - Its name, or its index and kind such as `3.conv2D`, also in nested models; if
   * left out, the input of the last layer with weights: the features right before the logits.
   */
  readonly features: (layer?: string) => {
    /** For the real samples. */
    readonly real: tf.Tensor;
    /** For the generated samples. */
    readonly fake: tf.Tensor;
  };
}

/**
 * An extra term in the loss of one network.
 *
 * A penalty object has no state: the trainer keeps and saves the state of each weight (see
 * {@link Penalty.slots}), so one penalty may serve several trainers.
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
  /** Its name in the history, in errors and in snapshots. */
  readonly name: string;
  /** The network whose loss it is added to. */
  readonly target: 'generator' | 'discriminator';
  /**
   * Factor of the term: a number of at least 0, or a schedule of such numbers. 0 disables the
   * penalty.
   */
  readonly weight: number | Schedule;
  /**
   * The term is added only in the steps whose number this divides, with its weight multiplied by
   * this, so that its average strength stays the same (lazy regularization, as in StyleGAN2).
   *
   * @defaultValue `1`
   */
  readonly every?: number | undefined;
  /** Its other settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Whether it pairs each real sample with the fake one in its row, for example to interpolate
   * between them. Both must then have the same conditions.
   *
   * @defaultValue `false`
   */
  readonly pairsRows?: boolean | undefined;
  /**
   * Names of the state tensors for each trainable weight of the network; each is initialized with
   * zeros of the weight's shape.
   *
   * @defaultValue none
   */
  readonly slots?: readonly string[] | undefined;
  /**
   * Called once when a trainer is created, unless the weight is 0: refuses networks that do not
   * work with the penalty, and warns of those that should not be used with it.
   *
   * @param networks - Both networks; the penalty must not dispose them.
   * @throws RangeError if the penalty does not fit them.
   */
  check?(networks: Readonly<Record<'generator' | 'discriminator', tf.LayersModel>>): void;
  /**
   * The unweighted term. It is differentiated with respect to the network's weights, so it consists
   * of TensorFlow.js operations. It may compute a gradient itself, because a trainer calls
   * `enableSecondOrderGradients()`.
   *
   * @param context - Its inputs.
   * @returns A scalar; the caller owns it.
   */
  compute(context: PenaltyContext): tf.Scalar;
  /**
   * The new state of one weight, computed after each update of the network; required if there are
   * slots.
   *
   * @param weight - The weight after the update, and its state so far.
   * @param update - Number of this update of the network, from 1.
   * @returns New tensors in the order of the slots; the caller owns them.
   */
  updateSlots?(weight: PenalizedWeight, update: number): readonly tf.Tensor[];
}
