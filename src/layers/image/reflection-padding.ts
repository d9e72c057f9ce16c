import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import { formatShape } from '../../core/format.ts';
import { BaseLayer } from '../base-layer.ts';
import { layerArguments, layerSettings } from '../layer-settings.ts';
import { registerLayer } from '../registration.ts';
import { mapSizes, onlyInput, slicedAlong } from './feature-maps.ts';

/**
 * Reflection padding of feature maps, without repeating the edge pixels: with a padding of 2,
 * `1 2 3` becomes `3 2 1 2 3 2 1`. A TensorFlow.js layer without weights.
 *
 * Before a convolution with `padding: 'valid'`, it avoids the dark borders that zero padding causes
 * in translated images.
 *
 * - Shapes: `[batch, height, width, channels]` to `[batch, height + 2p, width + 2p, channels]`;
 *   each side must exceed p.
 * - Saving: as {@link InstanceNorm}.
 *
 * @example A row of three pixels
 * ```ts
 * const padded = new ReflectionPadding({ padding: 1 }).apply(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])) as tf.Tensor;
 * console.log([...padded.dataSync()].join(' ')); // 4 3 4 3 2 1 2 1 4 3 4 3 2 1 2 1
 * ```
 *
 * @example The first layers of CycleGAN's translator
 * ```ts
 * const options = { padding: 3, name: 'reflection_first' };
 * const image = tf.input({ shape: [32, 32, 3] });
 * const padded = new ReflectionPadding(options).apply(image) as tf.SymbolicTensor;
 * const maps = tf.layers.conv2d({ filters: 64, kernelSize: 7 }).apply(padded) as tf.SymbolicTensor;
 * console.log(maps.shape); // [ null, 32, 32, 64 ]
 * ```
 *
 * @see Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, 2016,
 * supplementary material. {@link https://arxiv.org/abs/1603.08155}
 */
export class ReflectionPadding extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'ReflectionPadding';

  readonly #padding: number;

  /**
   * @param options - Number of pixels to add on each side.
   * @throws RangeError if it is not a positive integer.
   */
  constructor(options: {
    /** Number of pixels to add at the top, bottom, left and right. */
    readonly padding: number;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `reflection_padding_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
  }) {
    const action = 'create a ReflectionPadding';
    checkOptions(action, options, ['padding', ...layerSettings]);
    checkPositiveInteger(action, 'padding', options.padding);
    super(layerArguments(options));
    this.#padding = options.padding;
    registerLayer(ReflectionPadding);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the feature maps.
   * @returns `[batch, height + 2p, width + 2p, channels]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [height, width, channels] = this.#checkShape(`apply ${this.name}`, inputShape);
    const padded = (side: number | null): number | null =>
      side === null ? null : side + 2 * this.#padding;
    return [(inputShape as tf.Shape)[0]!, padded(height), padded(width), channels];
  }

  /**
   * Pads the input; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - Feature maps.
   * @returns The padded feature maps.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      this.#checkShape(`run ${this.name}`, x.shape);
      return reflected(reflected(x, 1, this.#padding), 2, this.#padding);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.#padding };
  }

  #checkShape(action: string, shape: tf.Shape | tf.Shape[]): ReturnType<typeof mapSizes> {
    const sizes = mapSizes(action, shape);
    const [height, width] = sizes;
    if ([height, width].every((side) => side === null || side > this.#padding)) return sizes;
    throw new RangeError(
      `Cannot ${action}: height and width must be more than the padding ${this.#padding}, ` +
        `got ${formatShape(shape as tf.Shape)}`,
    );
  }
}

/** Pads one axis by reflection, line by line: TensorFlow.js has no gradient for mirrorPad. */
function reflected(x: tf.Tensor4D, axis: 1 | 2, padding: number): tf.Tensor4D {
  const size = x.shape[axis];
  const line = (at: number): tf.Tensor4D => slicedAlong(x, axis, at, 1);
  const distances = Array.from({ length: padding }, (_, i) => i + 1);
  const before = distances.map((distance) => line(distance)).reverse();
  const after = distances.map((distance) => line(size - 1 - distance));
  return tf.concat([...before, x, ...after], axis);
}
