import * as tf from '@tensorflow/tfjs';
import { deriveSeed, layerSeed } from '../../core/random.ts';
import type { Normalization } from './dcgan-options.ts';

/** Standard deviation of the initial weights in the DCGAN paper. */
const standardDeviation = 0.02;

/** Settings of batch norm, derived from the layer's own type. */
type BatchNormSettings = Parameters<typeof tf.layers.batchNormalization>[0];

/**
 * Initial weights N(0, 0.02), with a separate seed for each layer.
 *
 * @internal
 */
export class DcganInitializers {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** For kernels. */
  kernel(): ReturnType<typeof tf.initializers.randomNormal> {
    return this.#normal(0);
  }

  /**
   * Settings of one batch norm layer: scales N(1, 0.02), and statistics that adapt in about ten
   * updates.
   */
  batchNorm(): BatchNormSettings {
    return { momentum: 0.9, epsilon: 1e-5, gammaInitializer: this.#normal(1) };
  }

  /** Settings of one batch norm layer whose scale and offset depend on a condition. */
  conditional(): { readonly epsilon: number; readonly seed: number } {
    this.#count += 1;
    return { epsilon: 1e-5, seed: deriveSeed(this.#seed, 'weights', this.#count) };
  }

  /** The normalization between two layers of images, as a list of zero or one layers. */
  between(normalization: Normalization): tf.layers.Layer[] {
    // Layer norm over all of the image, as in the code of WGAN-GP.
    return this.#normalize(normalization, [1, 2, 3]);
  }

  /** A dense layer and its normalization. */
  dense(units: number, normalization: Normalization): tf.layers.Layer[] {
    const useBias = normalization === 'none';
    const layer = tf.layers.dense({ units, useBias, kernelInitializer: this.kernel() });
    return [layer, ...this.#normalize(normalization, [1])];
  }

  #normalize(normalization: Normalization, axis: number[]): tf.layers.Layer[] {
    if (normalization === 'none') return [];
    if (normalization === 'batch') return [tf.layers.batchNormalization(this.batchNorm())];
    return [tf.layers.layerNormalization({ axis, epsilon: 1e-5 })];
  }

  #normal(mean: number): ReturnType<typeof tf.initializers.randomNormal> {
    this.#count += 1;
    const seed = layerSeed(this.#seed, 'weights', this.#count);
    return tf.initializers.randomNormal({ mean, stddev: standardDeviation, seed });
  }
}
