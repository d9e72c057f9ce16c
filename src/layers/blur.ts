import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../core/checks.ts';
import { BaseLayer } from './base-layer.ts';
import { mapSizes, onlyInput } from './image/feature-maps.ts';
import { layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

/** The 1-D filter. */
const weights = [0.25, 0.5, 0.25] as const;

/**
 * Blurs images with the separable filter [1, 2, 1] / 4, for resampling without aliasing. A
 * TensorFlow.js layer without weights, with zero padding.
 *
 * After `upSampling2d`, the result is linear interpolation. Before 2×2 average pooling, the
 * combined filter is the [1, 3, 3, 1] of R3GAN and StyleGAN2.
 *
 * - Shapes: input and output are `[batch, height, width, channels]`.
 * - Saving: as {@link ConditionalBatchNorm}.
 *
 * @example Half as large, without jagged edges
 * ```ts
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.inputLayer({ inputShape: [28, 28, 3] }),
 *     new Blur(),
 *     tf.layers.averagePooling2d({ poolSize: 2 }),
 *   ],
 * });
 * console.log(model.outputs[0]!.shape); // [ null, 14, 14, 3 ]
 * ```
 *
 * @see Zhang, Making Convolutional Networks Shift-Invariant Again, 2019.
 *   {@link https://arxiv.org/abs/1904.11486}
 */
export class Blur extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'Blur';

  /**
   * @param options - Name of the layer.
   * @throws TypeError if an option is unknown.
   */
  constructor(
    options: {
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `blur_…`, numbered by TensorFlow.js
       */
      readonly name?: string | undefined;
    } = {},
  ) {
    checkOptions('create a Blur', options, layerSettings);
    super(layerArguments(options));
    registerLayer(Blur);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the images.
   * @returns The same shape.
   * @throws RangeError if it is not the shape of images.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    mapSizes(`apply ${this.name}`, inputShape);
    return inputShape as tf.Shape;
  }

  /**
   * Blurs the images; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The images.
   * @returns Images of the same shape.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      const [, , channels] = mapSizes(`run ${this.name}`, x.shape);
      const square = weights.flatMap((a) => weights.map((b) => a * b));
      const filter = tf.tile(tf.tensor4d(square, [3, 3, 1, 1]), [1, 1, channels, 1]);
      return tf.depthwiseConv2d(x, filter, 1, 'same');
    });
  }
}
