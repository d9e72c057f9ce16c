import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import { formatShape } from '../../core/format.ts';
import { BaseLayer } from '../base-layer.ts';
import { layerArguments, layerSettings } from '../layer-settings.ts';
import { registerLayer } from '../registration.ts';
import { mapSizes } from './feature-maps.ts';

/** A pixel belongs to the hole if its mask exceeds this. */
const threshold = 0.5;

/**
 * Replaces the pixels in a hole, and returns the others unchanged. A TensorFlow.js layer without
 * weights.
 *
 * A pixel is replaced if the mask is above 0.5 there: by the third input, or by 0 (gray in −1…1) if
 * there are only two. Gradients reach the image outside of the hole, the filling inside.
 *
 * - Shapes: an image `[batch, height, width, channels]`, a mask `[batch, height, width, 1]`, and a
 *   filling of the image's shape; the output has it too.
 * - Saving: as {@link InstanceNorm}.
 *
 * @example The middle pixel of three
 * ```ts
 * const [image, filling] = [tf.tensor4d([1, 2, 3], [1, 1, 3, 1]), tf.tensor4d([7, 8, 9], [1, 1, 3, 1])];
 * const hole = tf.tensor4d([0, 1, 0], [1, 1, 3, 1]);
 * const layer = new FillHole();
 * const outputs = [[image, hole], [image, hole, filling]].map((inputs) => layer.apply(inputs) as tf.Tensor);
 * console.log(outputs.map((output) => output.dataSync().join(' '))); // [ '1 0 3', '1 8 3' ]
 * ```
 */
export class FillHole extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'FillHole';

  /**
   * @param options - The name.
   * @throws TypeError if an option is unknown.
   */
  constructor(
    options: {
      /**
       * Name of the layer, unique in its model.
       *
       * @defaultValue `fill_hole_…`, numbered by TensorFlow.js
       */
      readonly name?: string | undefined;
    } = {},
  ) {
    checkOptions('create a FillHole', options, layerSettings);
    super(layerArguments(options));
    registerLayer(FillHole);
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Shapes of image, mask and filling.
   * @returns The shape of the image.
   * @throws TypeError or RangeError as {@link FillHole.call}.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const shapes = inputShape as tf.Shape[];
    checkShapes(`apply ${this.name}`, shapes);
    return [...shapes[0]!];
  }

  /**
   * Replaces pixels; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - Image, mask, and the filling if there is one.
   * @returns The image with other pixels in the hole.
   * @throws TypeError if there are not two or three inputs; RangeError if their shapes do not fit.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [image, hole, filling] = [inputs].flat() as [tf.Tensor, tf.Tensor, tf.Tensor?];
      checkShapes(
        `run ${this.name}`,
        [inputs].flat().map(({ shape }) => shape),
      );
      // Chosen, not weighted: what a hole holds may be NaN.
      return tf.where(tf.greater(hole, threshold), filling ?? tf.zerosLike(image), image);
    });
  }
}

function checkShapes(action: string, shapes: readonly (readonly (number | null)[])[]): void {
  const [image, hole, filling = image] = shapes;
  // A layer with one input gets its shape alone.
  const isList = shapes.every(Array.isArray);
  if (image === undefined || !isList || shapes.length < 2 || shapes.length > 3) {
    const count = isList ? shapes.length : 1;
    throw new TypeError(
      `Cannot ${action}: inputs must be an image, a hole and perhaps a filling, got ${count} of them`,
    );
  }
  mapSizes(action, image as tf.Shape);
  const wanted = [...image.slice(0, 3), 1];
  const isFilled = formatShape(filling!) === formatShape(image);
  if (isFilled && formatShape(hole!) === formatShape(wanted)) return;
  throw new RangeError(
    `Cannot ${action}: for images of the shape ${formatShape(image)} the hole must have the shape ${formatShape(wanted)}, ` +
      `and a filling that of the images, got ${shapes.slice(1).map(formatShape).join(' and ')}`,
  );
}
