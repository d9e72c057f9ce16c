import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import { formatShape } from '../../core/format.ts';
import { BaseLayer } from '../base-layer.ts';
import { layerArguments, layerSettings } from '../layer-settings.ts';
import { registerLayer } from '../registration.ts';
import { type MapSizes, mapSizes, onlyInput } from './feature-maps.ts';

/**
 * Pixel shuffle (depth to space): rearranges factor² channels into one channel with `factor` times
 * the height and width. A TensorFlow.js layer without weights.
 *
 * After a convolution, it upsamples images while all arithmetic runs at the low resolution.
 * Channels are in PyTorch's order, so PyTorch weights fit: channel c · factor² + i · factor + j of
 * a pixel becomes row i, column j of channel c. (`tf.depthToSpace` has c last.)
 *
 * - Shapes: `[batch, height, width, channels · factor²]` to
 *   `[batch, height · factor, width · factor, channels]`.
 * - Saving: as {@link InstanceNorm}.
 *
 * @example Four channels of one pixel
 * ```ts
 * const enlarged = new PixelShuffle({ factor: 2 }).apply(tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4])) as tf.Tensor;
 * console.log(enlarged.squeeze().arraySync()); // [ [ 1, 2 ], [ 3, 4 ] ]
 * ```
 *
 * @example Three times as large
 * ```ts
 * const options = { factor: 3, name: 'shuffle_by_three' };
 * console.log(new PixelShuffle(options).computeOutputShape([null, 8, 8, 27])); // [ null, 24, 24, 3 ]
 * ```
 *
 * @see Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
 * Convolutional Neural Network, 2016, equation 4. {@link https://arxiv.org/abs/1609.05158}
 */
export class PixelShuffle extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'PixelShuffle';

  readonly #factor: number;

  /**
   * @param options - Factor by which height and width grow.
   * @throws RangeError if it is not a positive integer.
   */
  constructor(options: {
    /** Factor by which height and width grow. */
    readonly factor: number;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `pixel_shuffle_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
  }) {
    const action = 'create a PixelShuffle';
    checkOptions(action, options, ['factor', ...layerSettings]);
    checkPositiveInteger(action, 'factor', options.factor);
    super(layerArguments(options));
    this.#factor = options.factor;
    registerLayer(PixelShuffle);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the feature maps.
   * @returns `[batch, height · factor, width · factor, channels]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [height, width, channels] = this.#checkShape(`apply ${this.name}`, inputShape);
    const longer = (side: number | null): number | null =>
      side === null ? null : side * this.#factor;
    const batch = (inputShape as tf.Shape)[0]!;
    return [batch, longer(height), longer(width), channels / this.#factor ** 2];
  }

  /**
   * Rearranges the pixels; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - Feature maps.
   * @returns The upsampled feature maps.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      this.#checkShape(`run ${this.name}`, x.shape);
      const [batch, height, width, channels] = x.shape;
      const factor = this.#factor;
      const left = channels / factor ** 2;
      // [batch, height, width, c, i, j] → [batch, height, i, width, j, c]
      const apart = tf.reshape(x, [batch, height, width, left, factor, factor]);
      const moved = tf.transpose(apart, [0, 1, 4, 2, 5, 3]);
      return tf.reshape(moved, [batch, height * factor, width * factor, left]);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), factor: this.#factor };
  }

  #checkShape(action: string, shape: tf.Shape | tf.Shape[]): MapSizes {
    const sizes = mapSizes(action, shape);
    const square = this.#factor ** 2;
    if (sizes[2] % square === 0) return sizes;
    throw new RangeError(
      `Cannot ${action}: channels must be a multiple of ${square} (factor²), got ${formatShape(shape as tf.Shape)}`,
    );
  }
}
