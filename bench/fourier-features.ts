import * as tf from '@tensorflow/tfjs';
import { Random } from 'tfjs-gan';

/** Settings of {@link FourierFeatures}. */
export interface FourierFeaturesOptions {
  readonly inputShape: number[];
  /** How many waves. */
  readonly count: number;
  /** Standard deviation of their frequencies, in radians for each unit of the input. */
  readonly spread: number;
  readonly seed: number;
}

/**
 * The input, and sines and cosines of it along random directions: [x, sin xB, cos xB], B fixed.
 *
 * Dense layers learn what changes fast in their input late or never; the waves hand it to them.
 *
 * @see Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains, 2020.
 * {@link https://arxiv.org/abs/2006.10739}
 */
export class FourierFeatures extends tf.layers.Layer {
  static readonly className = 'FourierFeatures';
  readonly #options: FourierFeaturesOptions;
  readonly #frequencies: Float32Array;

  constructor(options: FourierFeaturesOptions) {
    super({ inputShape: options.inputShape });
    this.#options = options;
    const [inputs = 1] = options.inputShape;
    const { count, spread, seed } = options;
    this.#frequencies = new Random(seed).normalArray(inputs * count).map((f) => f * spread);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const inputs = inputShape.at(-1) ?? 1;
    return [...inputShape.slice(0, -1), inputs + 2 * this.#options.count];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor2D;
    return tf.tidy(() => {
      const frequencies = tf.tensor2d(this.#frequencies, [x.shape[1], this.#options.count]);
      const phases = tf.matMul(x, frequencies);
      return tf.concat([x, tf.sin(phases), tf.cos(phases)], 1);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options };
  }
}
