import * as tf from '@tensorflow/tfjs';
import { pass } from '../symbolic.ts';
import { layerSeed } from '../../core/random.ts';
import { Blur } from '../../layers/blur.ts';
import type { MakeInitializer } from '../discriminator-end.ts';

/** Slope of the LeakyReLU below zero. */
const leak = 0.2;

/** What keeps the size of what passes through the LeakyReLU. */
const activationGain = Math.sqrt(2 / (1 + leak ** 2));

/** Filters inside a block, in units of those outside. */
const expansion = 2;

/**
 * The layers of R3GAN's networks, each with first weights of its own: N(0, gain² / inputs of an
 * output).
 *
 * @internal
 */
export class R3ganBlocks {
  readonly #seed: number;
  readonly #blocks: number;
  #count = 0;

  /**
   * @param seed - Decides the initial weights.
   * @param blocks - Number of residual blocks of the network.
   */
  constructor(seed: number, blocks: number) {
    this.#seed = seed;
    this.#blocks = blocks;
  }

  /**
   * x plus convolutions of it: 1×1 to twice the filters, 3×3, 1×1 back, with a LeakyReLU between
   * them. The last one starts as zero, and the block as the identity; the others are smaller the
   * more blocks there are.
   */
  residual(x: tf.SymbolicTensor): tf.SymbolicTensor {
    const filters = x.shape.at(-1)!;
    const gain = activationGain * this.#blocks ** -0.25;
    const inside = filters * expansion;
    let y = leaky(this.convolution(x, inside, { gain, useBias: true }));
    y = leaky(this.convolution(y, inside, { gain, useBias: true, kernelSize: 3 }));
    y = this.convolution(y, filters, { gain: 0 });
    return tf.layers.add().apply([x, y]) as tf.SymbolicTensor;
  }

  /**
   * Twice as large, by linear interpolation; a 1×1 convolution first if the number of filters
   * changes.
   */
  up(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
    const mixed = x.shape.at(-1) === filters ? x : this.convolution(x, filters);
    return pass(new Blur(), pass(tf.layers.upSampling2d({ size: [2, 2] }), mixed));
  }

  /** Half as large, by the same filter; a 1×1 convolution then if the number of filters changes. */
  down(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
    const half = pass(tf.layers.averagePooling2d({ poolSize: 2 }), pass(new Blur(), x));
    return half.shape.at(-1) === filters ? half : this.convolution(half, filters);
  }

  /** A convolution of stride 1, without bias unless told. */
  convolution(
    x: tf.SymbolicTensor,
    filters: number,
    {
      kernelSize = 1,
      gain = 1,
      useBias = false,
    }: { readonly kernelSize?: number; readonly gain?: number; readonly useBias?: boolean } = {},
  ): tf.SymbolicTensor {
    const kernelInitializer = this.initializer(x.shape.at(-1)! * kernelSize ** 2, gain);
    const settings = { filters, kernelSize, padding: 'same' as const, useBias, kernelInitializer };
    return pass(tf.layers.conv2d(settings), x);
  }

  /** A normal distribution that keeps the size of what passes, times a gain. */
  initializer(inputs: number, gain = 1): ReturnType<MakeInitializer> {
    if (gain === 0) return tf.initializers.zeros();
    this.#count += 1;
    const seed = layerSeed(this.#seed, 'weights', this.#count);
    return tf.initializers.randomNormal({ mean: 0, stddev: gain / Math.sqrt(inputs), seed });
  }
}

function leaky(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return pass(tf.layers.leakyReLU({ alpha: leak }), x);
}
