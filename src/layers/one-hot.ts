import * as tf from '@tensorflow/tfjs';
import { BaseLayer } from './base-layer.ts';
import { checkOptions, checkPositiveInteger } from '../core/checks.ts';
import { Condition } from './condition.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

/**
 * One-hot encoding of class labels, for networks that concatenate them with latents or images. A
 * layer of TensorFlow.js without weights.
 *
 * - Shapes: `[batch]` or `[batch, 1]` to `[batch, classes]`, of 0 and 1. Class probabilities,
 *   `[batch, classes]`, are passed through, for interpolation between classes with
 *   `Generator.interpolate`.
 * - Labels out of range: `cpu` and `wasm-train` throw, GPU backends do not detect them.
 * - Labels as an input of a model: `tf.input({ shape: [1], dtype: 'int32' })`.
 * - Saving: as {@link ConditionalBatchNorm}.
 *
 * @example Concatenate latents and a class
 * ```ts
 * const latents = tf.input({ shape: [16] });
 * const labels = tf.input({ shape: [1], dtype: 'int32' });
 * const label = new OneHot({ classes: 10 }).apply(labels) as tf.SymbolicTensor;
 * const both = tf.layers.concatenate().apply([latents, label]) as tf.SymbolicTensor;
 * console.log(both.shape); // [ null, 26 ]
 * ```
 *
 * @example Ten classes
 * ```ts
 * const options = { classes: 10, name: 'label_vector' };
 * console.log(new OneHot(options).name); // label_vector
 * ```
 *
 * @see Mirza & Osindero, Conditional Generative Adversarial Nets, 2014.
 *   {@link https://arxiv.org/abs/1411.1784}
 */
export class OneHot extends BaseLayer {
  /** Class name in saved models. */
  static readonly className: string = 'OneHot';

  readonly #condition: Condition;

  /**
   * @param options - Number of classes.
   * @throws RangeError if it is not a positive integer.
   */
  constructor(options: {
    /** Number of classes: labels are 0 … classes − 1. */
    readonly classes: number;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `one_hot_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
  }) {
    const action = 'create a OneHot';
    checkOptions(action, options, ['classes', ...layerSettings]);
    checkPositiveInteger(action, 'classes', options.classes);
    super(layerArguments(options));
    this.#condition = new Condition(action, { classes: options.classes });
    registerLayer(OneHot);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - That of the labels.
   * @returns `[batch, classes]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    this.#condition.checkShape(`apply ${this.name}`, inputShape as tf.Shape);
    return [(inputShape as tf.Shape)[0]!, this.#condition.rows];
  }

  /**
   * Encodes the labels; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The labels.
   * @returns `[batch, classes]`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const labels = [inputs].flat()[0]!;
      this.#condition.checkShape(`run ${this.name}`, labels.shape);
      // A row of the identity matrix: unlike a lookup, it refuses labels that are not classes.
      return this.#condition.select(tf.eye(this.#condition.rows), labels);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#condition.getConfig() };
  }
}
