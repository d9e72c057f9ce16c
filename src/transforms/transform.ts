import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import type { UpdateProgress } from '../core/schedules/schedule.ts';

/**
 * What a transform may use of an update.
 *
 * @example Noise that becomes weaker during training
 * ```ts
 * const deviation = ({ progress }: TransformContext): number => 0.1 / progress.update;
 * ```
 */
export interface TransformContext {
  /** Its own seeded source of random numbers, which is saved in snapshots. */
  readonly random: Random;
  /** How far training is. */
  readonly progress: UpdateProgress;
  /**
   * A tensor of its own that lasts from step to step and is saved in snapshots.
   *
   * @param name - Its name in the transform.
   * @param initial - Makes its first value, once in the trainer's life; decides its shape.
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
   * The discriminator's logits on real samples, less the loss's decision boundary: above 0 where one is judged real. Of the shape
   * of the logits.
   */
  readonly margins: tf.Tensor;
  /** Number of real samples in the batch. */
  readonly samples: number;
}

/**
 * What is done to samples before a discriminator sees them: to real and fake ones alike, in every turn, inside the tape.
 *
 * Transforms work in the order of their stages, and are refused in another: `'augment'`, `'pack'`, which joins rows, `'noise'`.
 * Penalties are about rows as they are packed, and see them through the other transforms, with a draw of their own. Metrics and
 * logits in callbacks see samples as they are.
 *
 * @example A transform of your own: brightness that is another for each batch
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
  /** What it is called, for reports and snapshots. */
  readonly name: string;
  /** When it works, before or behind others. */
  readonly stage: 'augment' | 'pack' | 'noise';
  /** Its settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Shape of one row behind it; the same as before it where this is left out.
   *
   * @param shape - Of one row before it.
   */
  outputShape?(shape: readonly number[]): readonly number[];
  /** How many rows it joins to one; 1 where it is left out. */
  readonly rows?: number | undefined;
  /**
   * Transforms rows by operations that gradients pass; of second order as well, under a gradient penalty.
   *
   * @param samples - `[batch, ...shape]`; they stay the trainer's.
   * @param context - Random numbers and progress.
   * @returns `[batch / rows, ...outputShape]`.
   */
  apply(samples: tf.Tensor, context: TransformContext): tf.Tensor;
  /**
   * Takes rows apart that it joined: a `'pack'` needs it beside penalties and augmentation, since a penalty is about packed rows
   * and has them augmented sample by sample.
   *
   * @param rows - What `apply` returned.
   * @returns What it was given.
   */
  undo?(rows: tf.Tensor): tf.Tensor;
  /**
   * Called once in each update of the discriminator, after its pass; what it computes is not recorded for the gradient.
   *
   * @param feedback - What the discriminator returned.
   * @param context - Where it keeps what it learns.
   * @returns Scalars to be shown in the history, by name: `{ probability }` as `adaptiveAugment/probability`.
   */
  observe?(
    feedback: TransformFeedback,
    context: TransformContext,
  ): Readonly<Record<string, tf.Tensor>>;
}
