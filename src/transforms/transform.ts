import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import type { UpdateProgress } from '../core/schedules/schedule.ts';

/**
 * What a transform may use in an update.
 *
 * @example Noise that decreases during training
 * ```ts
 * const deviation = ({ progress }: TransformContext): number => 0.1 / progress.update;
 * ```
 */
export interface TransformContext {
  /** Its own seeded source of random numbers, which is saved in snapshots. */
  readonly random: Random;
  /** The progress of training. */
  readonly progress: UpdateProgress;
  /**
   * A tensor of its own that lasts from step to step and is saved in snapshots.
   *
   * @param name - Its name in the transform.
   * @param initial - Creates its first value, once in the trainer's life, and so sets its shape.
   */
  slot(
    name: string,
    initial: () => tf.Tensor,
  ): {
    /** Its value; not the caller's to dispose. */
    get(): tf.Tensor;
    /**
     * Replaces its value; no gradient flows through it.
     *
     * @param value - Of the same shape, float32.
     */
    set(value: tf.Tensor): void;
  };
}

/**
 * What a transform may know of an update of the discriminator.
 *
 * @example The share of real samples that are judged real
 * ```ts
 * const accuracy = ({ margins }: TransformFeedback): tf.Tensor => tf.mean(tf.greater(margins, 0));
 * ```
 */
export interface TransformFeedback {
  /**
   * The discriminator's logits on real samples, less the loss's decision boundary: above 0 where
   * one is judged real. Of the shape of the logits.
   */
  readonly margins: tf.Tensor;
  /** Number of real samples in the batch. */
  readonly samples: number;
}

/**
 * A transform of samples in front of a discriminator: applied to real and fake ones, in every turn,
 * inside the tape.
 *
 * Transforms must be in the order of their stages: `'augment'`, `'pack'`, which joins rows,
 * `'noise'`. Penalties are computed on packed rows, and apply the other transforms with separate
 * random draws. Metrics and logits in callbacks use untransformed samples.
 *
 * @example A custom transform: another brightness for each batch
 * ```ts
 * const brightness: Transform = {
 *   name: 'brightness',
 *   stage: 'augment',
 *   apply: (samples, { random }) => tf.add(samples, random.uniform() - 0.5),
 * };
 * const gan = createMlpGan({ sampleShape: [2], transforms: [brightness] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 16 });
 * ```
 */
export interface Transform {
  /** Its name in reports and snapshots. */
  readonly name: string;
  /** Its position relative to other transforms. */
  readonly stage: 'augment' | 'pack' | 'noise';
  /** Its settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Shape of one output row; the input shape if left out.
   *
   * @param shape - Shape of one input row.
   */
  outputShape?(shape: readonly number[]): readonly number[];
  /** How many rows it joins into one; 1 if left out. */
  readonly rows?: number | undefined;
  /**
   * Transforms rows with differentiable operations; twice differentiable for a gradient penalty.
   *
   * @param samples - `[batch, ...shape]`; the trainer keeps owning them.
   * @param context - Random numbers and progress.
   * @returns `[batch / rows, ...outputShape]`.
   */
  apply(samples: tf.Tensor, context: TransformContext): tf.Tensor;
  /**
   * Splits rows that it joined. A `'pack'` requires it if there are penalties and augmentations,
   * because a penalty is computed on packed rows, which are augmented sample by sample.
   *
   * @param rows - The result of `apply`.
   * @returns The argument of `apply`.
   */
  undo?(rows: tf.Tensor): tf.Tensor;
  /**
   * Called once in each update of the discriminator, after its pass; what it computes is not
   * recorded for the gradient.
   *
   * @param feedback - What the discriminator returned.
   * @param context - Where it keeps what it learns.
   * @returns Scalars to be shown in the history, by name: `{ probability }` as
   *   `adaptiveAugment/probability`.
   */
  observe?(
    feedback: TransformFeedback,
    context: TransformContext,
  ): Readonly<Record<string, tf.Tensor>>;
}
