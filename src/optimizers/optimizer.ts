import type * as tf from '@tensorflow/tfjs';
import type { Schedule, UpdateProgress } from '../core/schedules/schedule.ts';

/**
 * One weight in an update. The caller keeps owning all tensors.
 *
 * @example Call an update manually, to test an optimizer
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
  /** The current value of the weight. */
  readonly value: tf.Tensor;
  /** The gradient of the network's loss with respect to the weight, of the same shape. */
  readonly gradient: tf.Tensor;
  /** The optimizer's state of this weight, in the order of {@link OptimizerSpec.slots}. */
  readonly slots: readonly tf.Tensor[];
  /**
   * Number of this update of the weight, from 1: updates during which its layer was frozen do not
   * count.
   */
  readonly step: number;
  /** The learning rate of this update. */
  readonly learningRate: number;
  /** The progress of training, for settings that are schedules. */
  readonly progress: UpdateProgress;
}

/**
 * The results of an update of one weight. All tensors are new, and the caller owns them.
 *
 * @example An optimizer that follows the signs of a mean gradient
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
  /** The new state, in the order of {@link OptimizerSpec.slots}. */
  readonly slots: readonly tf.Tensor[];
}

/**
 * Describes an optimizer: its settings and its update rule, without its state.
 *
 * A spec is immutable, so one spec may serve both networks. The trainer keeps the state, by the
 * name of the weight, and saves it in snapshots.
 *
 * @example A custom optimizer
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
  /** Its name in reports and snapshots. */
  readonly name: string;
  /** The learning rate: a positive number, or a schedule. */
  readonly learningRate: number | Schedule;
  /** Its other settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Names of its state tensors for each weight; each is initialized with zeros of the weight's
   * shape.
   */
  readonly slots: readonly string[];
  /**
   * Changes the gradients of all weights together before each update, for example by clipping; if
   * left out, they are used unchanged.
   *
   * @param gradients - One for each weight that has one; the caller keeps owning them.
   * @returns The same number of gradients, in the same order; the caller owns them.
   */
  prepare?(gradients: readonly tf.Tensor[]): readonly tf.Tensor[];
  /**
   * Updates one weight.
   *
   * @param update - The weight, its gradient and its state.
   * @returns The new weight and state; nothing is changed in place.
   */
  update(update: WeightUpdate): UpdatedWeight;
}
