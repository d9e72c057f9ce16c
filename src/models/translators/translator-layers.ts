import * as tf from '@tensorflow/tfjs';
import { pass } from '../symbolic.ts';
import { layerSeed } from '../../core/random.ts';
import { InstanceNorm } from '../../layers/image/instance-norm.ts';
import { PixelShuffle } from '../../layers/image/pixel-shuffle.ts';
import { Upsampling } from '../../layers/image/upsampling.ts';
import type { TranslatorNormalization, UpsamplingMethod } from './translator-options.ts';

/** Standard deviation of the first weights in the papers' code. */
const standardDeviation = 0.02;

/** What a convolution of these networks may differ in. */
interface ConvolutionSettings {
  readonly kernelSize: number;
  readonly strides?: number;
  /** @defaultValue `'same'` */
  readonly padding?: 'same' | 'valid';
  /** @defaultValue `true` */
  readonly useBias?: boolean;
  readonly activation?: 'tanh' | 'elu' | 'sigmoid';
}

/**
 * The layers of image translators and of the discriminators that judge pictures by patches, each
 * with first weights of its own.
 *
 * @internal
 */
export class TranslatorLayers {
  readonly #seed: number;
  readonly #normalization: TranslatorNormalization;
  readonly #gain: number | undefined;
  #count = 0;

  /**
   * @param seed - Decides the initial weights.
   * @param normalization - What stands behind the convolutions inside.
   * @param gain - Kernels start with so many times He's standard deviation, instead of 0.02.
   */
  constructor(seed: number, normalization: TranslatorNormalization, gain?: number) {
    this.#seed = seed;
    this.#normalization = normalization;
    this.#gain = gain;
  }

  /** Whether a normalization follows, which makes the bias before it void. */
  get normalizes(): boolean {
    return this.#normalization !== 'none';
  }

  convolution(
    x: tf.SymbolicTensor,
    filters: number,
    { padding = 'same', ...settings }: ConvolutionSettings,
  ): tf.SymbolicTensor {
    const kernelInitializer = this.#kernel();
    return pass(tf.layers.conv2d({ filters, padding, kernelInitializer, ...settings }), x);
  }

  /**
   * A convolution whose outputs are multiplied by gates, which a second convolution computes: ELU ·
   * sigmoid.
   */
  gated(
    x: tf.SymbolicTensor,
    filters: number,
    settings: Pick<ConvolutionSettings, 'kernelSize' | 'strides'>,
  ): tf.SymbolicTensor {
    const parts = (['elu', 'sigmoid'] as const).map((activation) =>
      this.convolution(x, filters, { ...settings, activation }),
    );
    return tf.layers.multiply().apply(parts) as tf.SymbolicTensor;
  }

  /** Twice as large, by a transposed 4×4 convolution or by another way with a 3×3 convolution. */
  enlarged(
    x: tf.SymbolicTensor,
    filters: number,
    method: UpsamplingMethod,
    settings: Pick<ConvolutionSettings, 'useBias' | 'activation'>,
  ): tf.SymbolicTensor {
    if (method === 'transposed') {
      const size = { filters, kernelSize: 4, strides: 2, padding: 'same' as const };
      const kernelInitializer = this.#kernel();
      return pass(tf.layers.conv2dTranspose({ ...size, kernelInitializer, ...settings }), x);
    }
    if (method === 'shuffle') {
      const { activation, ...others } = settings;
      const apart = this.convolution(x, 4 * filters, { kernelSize: 3, ...others });
      const larger = pass(new PixelShuffle({ factor: 2 }), apart);
      return activation === undefined ? larger : pass(tf.layers.activation({ activation }), larger);
    }
    const larger = pass(new Upsampling({ factor: 2, interpolation: method }), x);
    return this.convolution(larger, filters, { kernelSize: 3, ...settings });
  }

  normalized(x: tf.SymbolicTensor): tf.SymbolicTensor {
    switch (this.#normalization) {
      case 'none':
        return x;
      case 'instance':
        return pass(new InstanceNorm(), x);
      case 'batch': {
        const settings = { momentum: 0.9, epsilon: 1e-5, gammaInitializer: this.#normal(1) };
        return pass(tf.layers.batchNormalization(settings), x);
      }
    }
  }

  relu(x: tf.SymbolicTensor): tf.SymbolicTensor {
    return pass(tf.layers.reLU(), x);
  }

  leaky(x: tf.SymbolicTensor, alpha = 0.2): tf.SymbolicTensor {
    return pass(tf.layers.leakyReLU({ alpha }), x);
  }

  #kernel(): ReturnType<typeof tf.initializers.heNormal> {
    if (this.#gain === undefined) return this.#normal(0);
    const scale = 2 * this.#gain ** 2;
    const seed = this.#nextSeed();
    return tf.initializers.varianceScaling({ scale, mode: 'fanIn', distribution: 'normal', seed });
  }

  #normal(mean: number): ReturnType<typeof tf.initializers.randomNormal> {
    const seed = this.#nextSeed();
    return tf.initializers.randomNormal({ mean, stddev: standardDeviation, seed });
  }

  #nextSeed(): number {
    this.#count += 1;
    return layerSeed(this.#seed, 'weights', this.#count);
  }
}
