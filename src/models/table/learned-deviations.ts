import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import { BaseLayer } from '../../layers/base-layer.ts';
import { layerArguments, type LayerSettings, layerSettings } from '../../layers/layer-settings.ts';
import { registerLayer } from '../../layers/registration.ts';

/** The smallest deviation; the largest is 1. */
const least = 0.01;
/** Lets a deviation change about as fast as a weight that is the deviation itself. */
const speed = 10;

/**
 * Appends learned standard deviations to each row, the same ones to all rows: 0.01^sigmoid(10 w),
 * which is between 0.01 and 1, and 0.1 at first.
 *
 * - Shapes: `[batch, size]` to `[batch, size + count]`.
 *
 * @internal
 */
export class LearnedDeviations extends BaseLayer {
  /** Name of the class in saved models. */
  static readonly className: string = 'LearnedDeviations';

  readonly #count: number;
  #weight: tf.LayerVariable | undefined;

  /** @param options - The number of deviations. */
  constructor(options: { readonly count: number } & LayerSettings) {
    const action = 'create a LearnedDeviations';
    checkOptions(action, options, ['count', ...layerSettings]);
    checkPositiveInteger(action, 'count', options.count);
    super(layerArguments(options));
    this.#count = options.count;
    registerLayer(LearnedDeviations);
  }

  override build(): void {
    const zeros = tf.initializers.zeros();
    this.#weight = this.addWeight('deviations', [this.#count], 'float32', zeros);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, size] = inputShape as tf.Shape;
    return [batch!, size! + this.#count];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const rows = [inputs].flat()[0]!;
      const power = tf.sigmoid(tf.mul(this.#weight!.read(), speed));
      const deviations = tf.exp(tf.mul(power, Math.log(least)));
      return tf.concat([rows, tf.tile(tf.reshape(deviations, [1, -1]), [rows.shape[0], 1])], 1);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), count: this.#count };
  }
}
