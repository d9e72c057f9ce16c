import type * as tf from '@tensorflow/tfjs';
import type { Schedule, UpdateProgress } from '../core/schedules/schedule.ts';

/**
 * One weight and what is known about it when it is to be moved. All tensors stay the caller's.
 *
 * @example One update by hand, to test an optimizer
 * ```ts
 * const [value, gradient] = [tf.scalar(1), tf.scalar(4)];
 * const progress = { step: 1, update: 1, samples: 0 };
 * const update: WeightUpdate = { value, gradient, slots: [], step: 1, learningRate: 0.125, progress };
 * const moved = sgd({ learningRate: 0.125 }).update(update);
 * console.log((await moved.value.data())[0]); // 0.5
 * tf.dispose([value, gradient, moved.value]);
 * ```
 */
export interface WeightUpdate {
  /** The weight as it stands. */
  readonly value: tf.Tensor;
  /** The gradient of the network's loss with respect to the weight, of the same shape. */
  readonly gradient: tf.Tensor;
  /** The optimizer's memory of this weight, in the order of {@link OptimizerSpec.slots}. */
  readonly slots: readonly tf.Tensor[];
  /** Number of this update of the weight, from 1: those that passed while its layer was frozen do not count. */
  readonly step: number;
  /** The learning rate of this update. */
  readonly learningRate: number;
  /** How far training is, for settings that are schedules. */
  readonly progress: UpdateProgress;
}

/**
 * Where a weight and its memory go. All tensors are new and the caller's.
 *
 * @example A rule that remembers a mean of the gradients and follows its signs
 * ```ts
 * const update = ({ value, gradient, slots, learningRate }: WeightUpdate): UpdatedWeight => {
 *   const mean = tf.add(tf.mul(slots[0]!, 0.9), tf.mul(gradient, 0.1));
 *   return { value: tf.sub(value, tf.mul(tf.sign(mean), learningRate)), slots: [mean] };
 * };
 * const optimizer = { name: 'signs', learningRate: 1e-4, slots: ['mean'], update };
 * await createMlpGan({ sampleShape: [2], optimizers: { generator: optimizer } }).trainer.fit(ring8(), { steps: 1 });
 * ```
 */
export interface UpdatedWeight {
  /** The new weight. */
  readonly value: tf.Tensor;
  /** The new memory, in the order of {@link OptimizerSpec.slots}. */
  readonly slots: readonly tf.Tensor[];
}

/**
 * A recipe for an optimizer: its settings and its rule, but none of its memory.
 *
 * A spec never changes, so one spec may serve both networks. The trainer keeps the live memory, by the name of the
 * weight, and saves it with everything else.
 *
 * @example An optimizer of one's own
 * ```ts
 * const signDescent: OptimizerSpec = {
 *   name: 'signDescent',
 *   learningRate: 1e-4,
 *   slots: [],
 *   update: ({ value, gradient, learningRate }) => ({
 *     value: tf.sub(value, tf.mul(tf.sign(gradient), learningRate)),
 *     slots: [],
 *   }),
 * };
 * ```
 */
export interface OptimizerSpec {
  /** What it is called, for reports and snapshots. */
  readonly name: string;
  /** The learning rate: a positive number, or a schedule that gives one for each update. */
  readonly learningRate: number | Schedule;
  /** Every other setting, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /** Names of the tensors it remembers for each weight; each starts as zeros of the weight's shape. */
  readonly slots: readonly string[];
  /**
   * Changes the gradients of all weights together before each update, as clipping does; left out, they stay as they
   * are.
   *
   * @param gradients - One for each weight that has one; they stay the caller's.
   * @returns As many gradients, in the same order, the caller's.
   */
  prepare?(gradients: readonly tf.Tensor[]): readonly tf.Tensor[];
  /**
   * Moves one weight.
   *
   * @param update - The weight, its gradient and its memory.
   * @returns The new weight and memory; nothing is changed in place.
   */
  update(update: WeightUpdate): UpdatedWeight;
}
