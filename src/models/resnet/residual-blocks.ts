import * as tf from '@tensorflow/tfjs';
import { pass, relu } from '../symbolic.ts';
import { deriveSeed, layerSeed } from '../../core/random.ts';
import type { Conditioning } from '../conditioning.ts';

/**
 * The layers of SNGAN's residual networks, each with its own initial weights.
 *
 * The 1×1 convolution of a shortcut runs at the lower resolution: its result is the same before
 * upsampling as after it, and the same after averaging as before it.
 *
 * @internal
 */
export class ResidualBlocks {
  readonly #filters: number;
  readonly #seed: number;
  readonly #conditioning: Conditioning | undefined;
  #count = 0;

  /**
   * @param filters - Filters of all convolutions inside.
   * @param seed - Determines the initial weights.
   * @param conditioning - The condition of batch norm's scale and offset inside the blocks.
   */
  constructor(filters: number, seed: number, conditioning?: Conditioning) {
    this.#filters = filters;
    this.#seed = seed;
    this.#conditioning = conditioning;
  }

  /**
   * Batch norm, ReLU, upsampling, convolution, batch norm, ReLU, convolution; plus the shortcut.
   */
  up(x: tf.SymbolicTensor): tf.SymbolicTensor {
    const twice = (y: tf.SymbolicTensor) => pass(tf.layers.upSampling2d({ size: [2, 2] }), y);
    const inside = this.convolution(this.#filters, twice(this.normalized(x)), Math.SQRT2);
    const main = this.convolution(this.#filters, this.normalized(inside), Math.SQRT2);
    return sum(main, twice(this.#shortcut(x)));
  }

  /** The first block of a discriminator, without ReLU on the image itself. */
  first(image: tf.SymbolicTensor): tf.SymbolicTensor {
    return sum(half(this.#pair(image)), this.#shortcut(half(image)));
  }

  /** ReLU, convolution, ReLU, convolution, downsampling; plus the shortcut. */
  down(x: tf.SymbolicTensor): tf.SymbolicTensor {
    return sum(half(this.#pair(relu(x))), this.#shortcut(half(x)));
  }

  /** ReLU, convolution, ReLU, convolution; plus the input. */
  keep(x: tf.SymbolicTensor): tf.SymbolicTensor {
    return sum(this.#pair(relu(x)), x);
  }

  /** Batch norm, conditional if there is a condition, and ReLU. */
  normalized(x: tf.SymbolicTensor): tf.SymbolicTensor {
    const conditioning = this.#conditioning;
    if (conditioning === undefined) return this.plainlyNormalized(x);
    const seed = deriveSeed(this.#seed, 'conditional', (this.#count += 1));
    return relu(conditioning.normalized(x, { epsilon: 1e-5, seed }));
  }

  /** Unconditional batch norm and ReLU. */
  plainlyNormalized(x: tf.SymbolicTensor): tf.SymbolicTensor {
    return relu(pass(tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }), x));
  }

  /** A 3×3 convolution with Glorot initialization, scaled by a gain. */
  convolution(
    filters: number,
    x: tf.SymbolicTensor,
    gain: number,
    activation?: 'tanh' | 'sigmoid',
  ): tf.SymbolicTensor {
    const settings = { filters, kernelSize: 3, padding: 'same' as const };
    const kernelInitializer = this.initializer(gain);
    const end = activation === undefined ? {} : { activation };
    return pass(tf.layers.conv2d({ ...settings, kernelInitializer, ...end }), x);
  }

  /** Glorot's uniform distribution, scaled by a gain. */
  initializer(gain = 1): ReturnType<typeof tf.initializers.varianceScaling> {
    this.#count += 1;
    const seed = layerSeed(this.#seed, 'weights', this.#count);
    return tf.initializers.varianceScaling({
      scale: gain ** 2,
      mode: 'fanAvg',
      distribution: 'uniform',
      seed,
    });
  }

  #pair(x: tf.SymbolicTensor): tf.SymbolicTensor {
    const inside = this.convolution(this.#filters, x, Math.SQRT2);
    return this.convolution(this.#filters, relu(inside), Math.SQRT2);
  }

  #shortcut(x: tf.SymbolicTensor): tf.SymbolicTensor {
    const settings = { filters: this.#filters, kernelSize: 1 };
    return pass(tf.layers.conv2d({ ...settings, kernelInitializer: this.initializer() }), x);
  }
}

function half(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return pass(tf.layers.averagePooling2d({ poolSize: 2 }), x);
}

function sum(a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor {
  return tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
}
