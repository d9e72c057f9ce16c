import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { BaseLayer } from '../base-layer.ts';
import { layerArguments, layerSettings } from '../layer-settings.ts';
import { registerLayer } from '../registration.ts';
import { mapSizes, onlyInput, slicedAlong } from './feature-maps.ts';

const interpolations = ['nearest', 'bilinear'] as const;

/**
 * Upsamples feature maps by nearest-neighbor or bilinear interpolation. A TensorFlow.js layer
 * without weights.
 *
 * Followed by a convolution, it is a resize-convolution, which has no checkerboard artifacts: every
 * output pixel sums equally many products, unlike in a transposed convolution whose kernel size is
 * not a multiple of its stride.
 *
 * Half-pixel centers: `bilinear` equals PyTorch with `align_corners=False` and browsers, unlike
 * `tf.layers.upSampling2d`.
 *
 * - Shapes: `[batch, height, width, channels]` to
 *   `[batch, height · factor, width · factor, channels]`.
 * - Saving: as {@link InstanceNorm}.
 *
 * @example A row of two pixels, four times as long
 * ```ts
 * const row = tf.tensor4d([0, 8], [1, 1, 2, 1]);
 * const longer = new Upsampling({ factor: 4, interpolation: 'bilinear' }).apply(row) as tf.Tensor4D;
 * console.log([...longer.slice([0, 0], [1, 1]).dataSync()].join(' ')); // 0 0 1 3 5 7 8 8
 * ```
 *
 * @example A resize-convolution
 * ```ts
 * const options = { factor: 2 };
 * const maps = tf.input({ shape: [8, 8, 16] });
 * const larger = new Upsampling(options).apply(maps) as tf.SymbolicTensor;
 * const outputs = tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(larger) as tf.SymbolicTensor;
 * console.log(outputs.shape); // [ null, 16, 16, 8 ]
 * ```
 *
 * @see Odena et al., Deconvolution and Checkerboard Artifacts, 2016.
 *   {@link https://distill.pub/2016/deconv-checkerboard/}
 */
export class Upsampling extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'Upsampling';

  readonly #factor: number;
  readonly #interpolation: 'nearest' | 'bilinear';

  /**
   * @param options - Factor and interpolation.
   * @throws RangeError if `factor` is not a positive integer or `interpolation` is unknown.
   */
  constructor(
    options: {
      /**
       * Factor by which height and width grow.
       *
       * @defaultValue `2`
       */
      readonly factor?: number | undefined;
      /**
       * The interpolation: copies of pixels, or means of neighbors weighted by distance.
       *
       * @defaultValue `'nearest'`
       */
      readonly interpolation?: 'nearest' | 'bilinear' | undefined;
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `upsampling_…`, numbered by TensorFlow.js
       */
      readonly name?: string | undefined;
    } = {},
  ) {
    const action = 'create an Upsampling';
    const defaults = { factor: 2, interpolation: 'nearest', name: undefined } as const;
    const { factor, interpolation } = withDefaults(action, options, defaults, layerSettings);
    checkPositiveInteger(action, 'factor', factor);
    checkOneOf(action, 'interpolation', interpolation, interpolations);
    super(layerArguments(options));
    this.#factor = factor;
    this.#interpolation = interpolation;
    registerLayer(Upsampling);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shape of the feature maps.
   * @returns `[batch, height · factor, width · factor, channels]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [height, width, channels] = mapSizes(`apply ${this.name}`, inputShape);
    const longer = (side: number | null): number | null =>
      side === null ? null : side * this.#factor;
    return [(inputShape as tf.Shape)[0]!, longer(height), longer(width), channels];
  }

  /**
   * Upsamples the input; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - Feature maps.
   * @returns The upsampled feature maps.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      mapSizes(`run ${this.name}`, x.shape);
      const enlarged = this.#interpolation === 'nearest' ? repeated : interpolated;
      return enlarged(enlarged(x, 1, this.#factor), 2, this.#factor);
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    const interpolation = this.#interpolation;
    return { ...super.getConfig(), factor: this.#factor, interpolation };
  }
}

// Slices and sums instead of tf.image.resizeBilinear and resizeNearestNeighbor, whose gradients are
// wrong on some backends.

function repeated(x: tf.Tensor4D, axis: 1 | 2, factor: number): tf.Tensor4D {
  return interleaved(new Array<tf.Tensor4D>(factor).fill(x), axis);
}

/**
 * Of the `factor` new pixels in each old one, number p lies (p + ½) / factor − ½ old pixels from
 * its center.
 */
function interpolated(x: tf.Tensor4D, axis: 1 | 2, factor: number): tf.Tensor4D {
  const phases = Array.from({ length: factor }, (_, p) => (p + 0.5) / factor - 0.5);
  return interleaved(
    phases.map((offset) => {
      if (offset === 0) return x;
      const share = Math.abs(offset);
      return tf.add(tf.mul(x, 1 - share), tf.mul(neighbors(x, axis, Math.sign(offset)), share));
    }),
    axis,
  );
}

/** The pixel before (−1) or after (1) each pixel; edge pixels repeat. */
function neighbors(x: tf.Tensor4D, axis: 1 | 2, side: number): tf.Tensor4D {
  const size = x.shape[axis];
  const from = (at: number, count: number): tf.Tensor4D => slicedAlong(x, axis, at, count);
  if (size === 1) return x;
  const parts = side < 0 ? [from(0, 1), from(0, size - 1)] : [from(1, size - 1), from(size - 1, 1)];
  return tf.concat(parts, axis);
}

/** Interleaves lines. */
function interleaved(phases: readonly tf.Tensor4D[], axis: 1 | 2): tf.Tensor4D {
  const [first] = phases as [tf.Tensor4D];
  const shape: [number, number, number, number] = [...first.shape];
  const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  shape[axis] *= phases.length;
  // Concat instead of stack, whose gradient is slow on most backends.
  const beside = phases.map((phase) => tf.reshape(phase, apart));
  return tf.reshape(tf.concat(beside, axis + 1), shape);
}
