import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositive, withDefaults } from '../../core/checks.ts';
import { BaseLayer } from '../base-layer.ts';
import { layerArguments, layerSettings } from '../layer-settings.ts';
import { registerLayer } from '../registration.ts';
import { mapSizes, onlyInput } from './feature-maps.ts';

/**
 * Instance normalization: normalizes each channel of each image to mean 0 and variance 1. A
 * TensorFlow.js layer.
 *
 * It equals batch norm in training with one image per batch, as in pix2pix and CycleGAN, but is the
 * same in training and at inference, so it requires no moving statistics.
 *
 *     output = γ · (x − mean) / √(variance + epsilon) + β
 *
 * - Shapes: `[batch, height, width, channels]` in and out. Mean and variance (divided by height ·
 *   width) are per channel and image. Maps of one pixel become 0 (or β).
 * - Weights: none, or `gamma` (initially 1) and `beta` (initially 0), `[channels]`, with `affine`.
 * - Saving: `Translator.load` reads a network with the layer. For `tf.loadLayersModel` in a program
 *   that has created no such layer, call `tf.serialization.registerClass(InstanceNorm)` first.
 *
 * @example Maps of any brightness and contrast become alike
 * ```ts
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * const brighter = tf.add(tf.mul(x, 100), 50);
 * const layer = new InstanceNorm();
 * const [first, second] = [layer.apply(x), layer.apply(brighter)] as tf.Tensor[];
 * console.log(tf.max(tf.abs(tf.sub(first!, second!))).dataSync()[0]! < 1e-4); // true
 * ```
 *
 * @example With a scale and an offset that are trained
 * ```ts
 * const options = { affine: true, epsilon: 1e-3 };
 * const layer = new InstanceNorm(options);
 * layer.build([null, 8, 8, 16]);
 * console.log(layer.countParams()); // 32
 * ```
 *
 * @see Ulyanov et al., Instance Normalization: The Missing Ingredient for Fast Stylization, 2016,
 * equation 6. {@link https://arxiv.org/abs/1607.08022}
 */
export class InstanceNorm extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'InstanceNorm';

  readonly #affine: boolean;
  readonly #epsilon: number;
  #weights: { readonly gamma: tf.LayerVariable; readonly beta: tf.LayerVariable } | undefined;

  /**
   * @param options - Settings of the layer.
   * @throws TypeError if an option is unknown or of the wrong kind; RangeError if `epsilon` is not
   *   positive.
   */
  constructor(
    options: {
      /**
       * Whether each channel has a trainable scale and offset.
       *
       * @defaultValue `false`, as in the code of pix2pix and CycleGAN
       */
      readonly affine?: boolean | undefined;
      /**
       * Added to the variance, positive.
       *
       * @defaultValue `1e-5`
       */
      readonly epsilon?: number | undefined;
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `instance_norm_…`, numbered by TensorFlow.js
       */
      readonly name?: string | undefined;
      /**
       * Whether optimizers update the weights of the layer.
       *
       * @defaultValue `true`
       */
      readonly trainable?: boolean | undefined;
    } = {},
  ) {
    const action = 'create an InstanceNorm';
    const defaults = { affine: false, epsilon: 1e-5, name: undefined, trainable: undefined };
    const { affine, epsilon } = withDefaults(action, options, defaults, layerSettings);
    checkOneOf(action, 'affine', affine, [true, false]);
    checkPositive(action, 'epsilon', epsilon);
    super(layerArguments(options));
    this.#affine = affine;
    this.#epsilon = epsilon;
    registerLayer(InstanceNorm);
  }

  /**
   * Creates the weights; TensorFlow.js calls it.
   *
   * @param inputShape - Shape of `x`.
   * @throws RangeError if it is not the shape of feature maps.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [, , channels] = mapSizes(`build ${this.name}`, inputShape);
    if (this.#affine) {
      const add = (name: string, initial: 'ones' | 'zeros'): tf.LayerVariable =>
        this.addWeight(name, [channels], 'float32', tf.initializers[initial]());
      this.#weights = { gamma: add('gamma', 'ones'), beta: add('beta', 'zeros') };
    }
    this.built = true;
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of `x`.
   * @returns The same shape.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    mapSizes(`apply ${this.name}`, inputShape);
    return [...(inputShape as tf.Shape)];
  }

  /**
   * Normalizes the input; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - Feature maps.
   * @returns The output, of the same shape.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      mapSizes(`run ${this.name}`, x.shape);
      const pixels = [1, 2];
      const centered = tf.sub(x, tf.mean(x, pixels, true));
      const variance = tf.mean(tf.square(centered), pixels, true);
      const perDeviation = tf.rsqrt(tf.add(variance, this.#epsilon));
      if (this.#weights === undefined) return tf.mul(centered, perDeviation);
      const { gamma, beta } = this.#weights;
      return tf.add(tf.mul(centered, tf.mul(perDeviation, gamma.read())), beta.read());
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), affine: this.#affine, epsilon: this.#epsilon };
  }
}
