import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositive, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { layerSeed } from '../core/random.ts';
import { BaseLayer } from './base-layer.ts';
import { lastSize } from './condition.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

/**
 * Adds sines and cosines of the input along random directions. Dense layers learn functions that
 * change fast late or never; these features let them.
 *
 *     output = [x, sin(x·B), cos(x·B)]
 *
 * A TensorFlow.js layer. The matrix B, `[features, count]`, is initialized from N(0, spread²) and
 * never trained; it is the weight `frequencies`, so that a saved model keeps it.
 *
 * - Shapes: `[batch, features]` to `[batch, features + 2 · count]`.
 * - Saving: for `tf.loadLayersModel` or `Generator.load` in a program that has created no such layer,
 *   call `tf.serialization.registerClass(FourierFeatures)` first.
 *
 * @example A discriminator of points that can tell narrow modes apart
 * ```ts
 * import { FourierFeatures } from 'tfjs-gan/layers';
 * const { model } = mlpDiscriminator({ sampleShape: [66], hiddenUnits: [128, 128] });
 * const waves = new FourierFeatures({ count: 32, spread: 2, seed: 1 });
 * const layers = [tf.layers.inputLayer({ inputShape: [2] }), waves, ...model.layers];
 * const discriminator = new Discriminator({ model: tf.sequential({ layers }) });
 * const generator = mlpGenerator({ sampleShape: [2], latentSize: 2 });
 * await new Trainer({ generator, discriminator }).fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * ```
 *
 * @see Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low
 *   Dimensional Domains, 2020. {@link https://arxiv.org/abs/2006.10739}
 */
export class FourierFeatures extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'FourierFeatures';

  readonly #count: number;
  readonly #spread: number;
  readonly #seed: number | undefined;
  #frequencies: tf.LayerVariable | undefined;

  /**
   * @param options - Settings of the layer.
   * @throws RangeError if a number is out of range.
   * @throws TypeError if an option is unknown or of the wrong kind.
   */
  constructor(options: {
    /** Number of sines, and of cosines. */
    readonly count: number;
    /**
     * Standard deviation of the frequencies, in radians per unit of the input. The larger, the finer
     * the details; too large a spread makes noise of them.
     */
    readonly spread: number;
    /**
     * Seed of the frequencies.
     *
     * @defaultValue a random seed
     */
    readonly seed?: number | undefined;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `fourier_features_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
  }) {
    const action = 'create a FourierFeatures';
    checkOptions(action, options, ['count', 'spread', 'seed', ...layerSettings]);
    const { count, spread, seed } = options;
    checkPositiveInteger(action, 'count', count);
    checkPositive(action, 'spread', spread);
    if (seed !== undefined) checkSeed(action, seed);
    super(layerArguments(options));
    this.#count = count;
    this.#spread = spread;
    this.#seed = seed;
    registerLayer(FourierFeatures);
  }

  /**
   * Creates the frequencies; TensorFlow.js calls it.
   *
   * @param inputShape - Shape of the input.
   * @throws RangeError if the inputs are not vectors.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const size = this.#size(`build ${this.name}`, inputShape as tf.Shape);
    const role = 'frequencies';
    const seed = this.#seed === undefined ? {} : { seed: layerSeed(this.#seed, role) };
    const initializer = tf.initializers.randomNormal({ mean: 0, stddev: this.#spread, ...seed });
    const shape = [size, this.#count];
    this.#frequencies = this.addWeight(role, shape, 'float32', initializer, undefined, false);
    this.built = true;
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the input.
   * @returns `[batch, features + 2 · count]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch] = inputShape as tf.Shape;
    return [batch!, this.#size(`apply ${this.name}`, inputShape as tf.Shape) + 2 * this.#count];
  }

  /**
   * Adds the features; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The input.
   * @returns `[batch, features + 2 · count]`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      this.#size(`run ${this.name}`, x.shape);
      const phases = tf.matMul(x, this.#frequencies!.read());
      return tf.concat([x, tf.sin(phases), tf.cos(phases)], 1);
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
      count: this.#count,
      spread: this.#spread,
      ...(this.#seed !== undefined && { seed: this.#seed }),
    };
  }

  #size(action: string, shape: tf.Shape): number {
    return lastSize(action, 'features', shape, { maxRank: 2 });
  }
}
