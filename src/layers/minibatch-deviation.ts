import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger } from '../core/checks.ts';
import { BaseLayer } from './base-layer.ts';
import { lastSize } from './condition.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

/** Keeps the gradient of the root finite if samples are equal. */
const epsilon = 1e-8;

/**
 * Minibatch standard deviation: adds a feature that measures how much the samples of a group
 * differ, so the discriminator can detect low diversity. A TensorFlow.js layer without weights, for
 * the last layers of a discriminator.
 *
 * For each group of G samples, with the variance of each feature over the group:
 *
 *     deviation = mean over all features and positions of √(variance + 1e-8)
 *
 * The result is one more channel, equal at every position and for each sample of the group. Samples
 * i, i + n, i + 2n, … form a group, n = batch / G. G is `groupSize`, or the largest smaller number
 * that divides the batch.
 *
 * - Shapes: `[batch, …, channels]` with 2 to 4 axes to `[batch, …, channels + 1]`.
 * - Gradient penalties assume independent samples, which the layer violates; StyleGAN2 combines the
 *   two anyway.
 * - Saving: for `tf.loadLayersModel` in a program that has created no such layer, call
 *   `tf.serialization.registerClass(MinibatchDeviation)` first.
 *
 * @example The end of a discriminator
 * ```ts
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, strides: 2, activation: 'relu' }),
 *     new MinibatchDeviation(),
 *     tf.layers.flatten(),
 *     tf.layers.dense({ units: 1 }),
 *   ],
 * });
 * const discriminator = new Discriminator({ model });
 * console.log(model.layers[1]!.outputShape); // [ null, 3, 3, 5 ]
 * ```
 *
 * @see Karras et al., Progressive Growing of GANs, 2018, section 3.
 *   {@link https://arxiv.org/abs/1710.10196}
 */
export class MinibatchDeviation extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'MinibatchDeviation';

  readonly #groupSize: number;

  /**
   * @param options - Settings of the layer.
   * @throws RangeError if `groupSize` is not a positive integer.
   * @throws TypeError if an option is unknown.
   */
  constructor(
    options: {
      /**
       * Number of samples per group.
       *
       * @defaultValue `4`
       */
      readonly groupSize?: number | undefined;
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `minibatch_deviation_…`, numbered by TensorFlow.js
       */
      readonly name?: string | undefined;
    } = {},
  ) {
    const action = 'create a MinibatchDeviation';
    checkOptions(action, options, ['groupSize', ...layerSettings]);
    const { groupSize = 4 } = options;
    checkPositiveInteger(action, 'groupSize', groupSize);
    super(layerArguments(options));
    this.#groupSize = groupSize;
    registerLayer(MinibatchDeviation);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the features.
   * @returns The same shape with one more channel.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const shape = inputShape as tf.Shape;
    return [...shape.slice(0, -1), this.#channels(`apply ${this.name}`, shape) + 1];
  }

  /**
   * Adds the channel; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The features.
   * @returns The features with one more channel.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      this.#channels(`run ${this.name}`, x.shape);
      const [batch = 0, ...places] = x.shape.slice(0, -1);
      let group = Math.min(this.#groupSize, batch);
      while (batch % group !== 0) group -= 1;
      // [batch, …, channels] → [group, batch / group, all features]
      const grouped = tf.reshape(x, [group, batch / group, -1]);
      const variance = tf.mean(tf.square(tf.sub(grouped, tf.mean(grouped, 0, true))), 0);
      const deviation = tf.mean(tf.sqrt(tf.add(variance, epsilon)), 1);
      const bySample = tf.reshape(tf.tile(deviation, [group]), [batch, ...places.map(() => 1), 1]);
      return tf.concat([x, tf.tile(bySample, [1, ...places, 1])], -1);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groupSize: this.#groupSize };
  }

  #channels(action: string, shape: tf.Shape): number {
    return lastSize(action, 'features', shape, { maxRank: 4 });
  }
}
