import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { layerSeed } from '../core/random.ts';
import { BaseLayer } from './base-layer.ts';
import { lastSize } from './condition.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

/**
 * Minibatch discrimination: adds learned features that say how close a sample is to the others of
 * its batch, so the discriminator can detect that the generator repeats itself. A TensorFlow.js
 * layer for the last layers of a discriminator.
 *
 * With the samples' features times a learned tensor, M = x·T of `[batch, kernels, dimensions]`:
 *
 *     output = [x, o]   o[i, b] = Σ over j ≠ i of exp(−Σ_c |M[i, b, c] − M[j, b, c]|)
 *
 * The paper also counts the sample itself, which adds 1 to each of these features; its code does
 * not. The weight `kernel` is T, `[features, kernels · dimensions]`, initialized from N(0, 0.05²) as
 * in that code, which normalizes it, too.
 *
 * - Shapes: `[batch, features]` to `[batch, features + kernels]`.
 * - Memory: `batch² · kernels · dimensions` numbers.
 * - The features depend on the size of the batch. Real and fake samples are in batches of their own.
 * - Gradient penalties assume independent samples, which the layer violates. `tfjs-gan/export` refuses
 *   it.
 * - Saving: for `tf.loadLayersModel` in a program that has created no such layer, call
 *   `tf.serialization.registerClass(MinibatchDiscrimination)` first.
 *
 * @example The end of a discriminator
 * ```ts
 * import { MinibatchDiscrimination } from 'tfjs-gan/layers';
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ inputShape: [2], units: 16, activation: 'relu' }),
 *     new MinibatchDiscrimination({ kernels: 8, dimensions: 5, seed: 1 }),
 *     tf.layers.dense({ units: 1 }),
 *   ],
 * });
 * const discriminator = new Discriminator({ model });
 * console.log(model.layers[1]!.outputShape); // [ null, 24 ]
 * ```
 *
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 3.2.
 *   {@link https://arxiv.org/abs/1606.03498}
 */
export class MinibatchDiscrimination extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'MinibatchDiscrimination';

  readonly #kernels: number;
  readonly #dimensions: number;
  readonly #seed: number | undefined;
  #kernel: tf.LayerVariable | undefined;

  /**
   * @param options - Settings of the layer.
   * @throws RangeError if a number is not a positive integer.
   * @throws TypeError if an option is unknown or of the wrong kind.
   */
  constructor(
    options: {
      /**
       * Number of features that are added.
       *
       * @defaultValue `100`
       */
      readonly kernels?: number | undefined;
      /**
       * Number of dimensions in which each of them measures distances.
       *
       * @defaultValue `5`
       */
      readonly dimensions?: number | undefined;
      /**
       * Seed of the initial weights.
       *
       * @defaultValue a random seed
       */
      readonly seed?: number | undefined;
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `minibatch_discrimination_…`, numbered by TensorFlow.js
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
    const action = 'create a MinibatchDiscrimination';
    checkOptions(action, options, ['kernels', 'dimensions', 'seed', ...layerSettings]);
    const { kernels = 100, dimensions = 5, seed } = options;
    checkPositiveInteger(action, 'kernels', kernels);
    checkPositiveInteger(action, 'dimensions', dimensions);
    if (seed !== undefined) checkSeed(action, seed);
    super(layerArguments(options));
    this.#kernels = kernels;
    this.#dimensions = dimensions;
    this.#seed = seed;
    registerLayer(MinibatchDiscrimination);
  }

  /**
   * Creates the weight; TensorFlow.js calls it.
   *
   * @param inputShape - Shape of the features.
   * @throws RangeError if the features are not vectors.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const size = this.#size(`build ${this.name}`, inputShape as tf.Shape);
    const seed = this.#seed === undefined ? {} : { seed: layerSeed(this.#seed, 'kernel') };
    const initializer = tf.initializers.randomNormal({ mean: 0, stddev: 0.05, ...seed });
    const shape = [size, this.#kernels * this.#dimensions];
    this.#kernel = this.addWeight('kernel', shape, 'float32', initializer);
    this.built = true;
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the features.
   * @returns `[batch, features + kernels]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch] = inputShape as tf.Shape;
    return [batch!, this.#size(`apply ${this.name}`, inputShape as tf.Shape) + this.#kernels];
  }

  /**
   * Adds the features; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The features.
   * @returns `[batch, features + kernels]`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      this.#size(`run ${this.name}`, x.shape);
      const [kernels, dimensions] = [this.#kernels, this.#dimensions];
      const projected = tf.matMul(x, this.#kernel!.read());
      const [rows, columns] = [
        tf.reshape(projected, [-1, 1, kernels, dimensions]),
        tf.reshape(projected, [1, -1, kernels, dimensions]),
      ];
      const distances = tf.sum(tf.abs(tf.sub(rows, columns)), 3);
      // The sample itself is at distance 0 and counts exactly 1.
      const closeness = tf.sub(tf.sum(tf.exp(tf.neg(distances)), 1), 1);
      return tf.concat([x, closeness], 1);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      kernels: this.#kernels,
      dimensions: this.#dimensions,
      ...(this.#seed !== undefined && { seed: this.#seed }),
    };
  }

  #size(action: string, shape: tf.Shape): number {
    return lastSize(action, 'features', shape, { maxRank: 2 });
  }
}
