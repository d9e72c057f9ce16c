import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { layerSeed } from '../core/random.ts';
import { BaseLayer } from './base-layer.ts';
import { lastSize } from './condition.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

const names = ['height', 'width', 'seed', ...layerSettings] as const;

/**
 * Multiplies each feature by a small learned image: the first layer of R3GAN's generator.
 *
 *     output[y, x, c] = basis[y, x, c] · features[c]
 *
 * A TensorFlow.js layer with the weight `basis`, `[height, width, features]`, initialized from N(0,
 * 1).
 *
 * - Shapes: `[batch, features]` to `[batch, height, width, features]`.
 * - Saving: as {@link ConditionalBatchNorm}.
 *
 * @example From latents to maps of 4×4
 * ```ts
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ inputShape: [64], units: 32, useBias: false }),
 *     new LearnedBasis({ height: 4, width: 4, seed: 1 }),
 *   ],
 * });
 * console.log(model.outputs[0]!.shape, model.countParams()); // [ null, 4, 4, 32 ] 2560
 * ```
 *
 * @see Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024; the layer is
 * in its code. {@link https://arxiv.org/abs/2501.05441}
 */
export class LearnedBasis extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'LearnedBasis';

  readonly #sides: { readonly height: number; readonly width: number };
  readonly #seed: number | undefined;
  #basis: tf.LayerVariable | undefined;

  /**
   * @param options - Settings of the layer.
   * @throws RangeError if a side is not a positive integer.
   * @throws TypeError if an option is unknown or of the wrong kind.
   */
  constructor(options: {
    /** Height of the output. */
    readonly height: number;
    /** Width of the output. */
    readonly width: number;
    /**
     * Seed of the initial weights.
     *
     * @defaultValue a random seed
     */
    readonly seed?: number | undefined;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `learned_basis_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
    /**
     * Whether optimizers update the weights of the layer.
     *
     * @defaultValue `true`
     */
    readonly trainable?: boolean | undefined;
  }) {
    const action = 'create a LearnedBasis';
    checkOptions(action, options, names);
    const { height, width, seed } = options;
    checkPositiveInteger(action, 'height', height);
    checkPositiveInteger(action, 'width', width);
    if (seed !== undefined) checkSeed(action, seed);
    super(layerArguments(options));
    this.#sides = { height, width };
    this.#seed = seed;
    registerLayer(LearnedBasis);
  }

  /**
   * Creates the weight; TensorFlow.js calls it.
   *
   * @param inputShape - Shape of the features.
   * @throws RangeError if the features are not vectors.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const size = this.#size(`build ${this.name}`, inputShape as tf.Shape);
    const { height, width } = this.#sides;
    // TensorFlow.js treats a seed of 0 as no seed and falls back to Math.random.
    const seed = this.#seed === undefined ? {} : { seed: layerSeed(this.#seed, 'basis') };
    const initializer = tf.initializers.randomNormal({ mean: 0, stddev: 1, ...seed });
    this.#basis = this.addWeight('basis', [height, width, size], 'float32', initializer);
    this.built = true;
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the features.
   * @returns `[batch, height, width, features]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch] = inputShape as tf.Shape;
    const { height, width } = this.#sides;
    return [batch!, height, width, this.#size(`apply ${this.name}`, inputShape as tf.Shape)];
  }

  /**
   * Multiplies the features by the basis; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The features.
   * @returns `[batch, height, width, features]`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      const size = this.#size(`run ${this.name}`, x.shape);
      return tf.mul(tf.reshape(x, [-1, 1, 1, size]), this.#basis!.read());
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
      ...this.#sides,
      ...(this.#seed !== undefined && { seed: this.#seed }),
    };
  }

  #size(action: string, shape: tf.Shape): number {
    return lastSize(action, 'features', shape, { maxRank: 2 });
  }
}
