import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { formatValue } from '../../core/format.ts';
import { keyedLayers } from '../../models/model-weights.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * A generator loss that matches the mean features of fake and real samples in a layer of the
 * discriminator.
 *
 * A more stable objective than the adversarial one: use it if training oscillates, or for learning
 * classes from few labels.
 *
 * With f the features of the layer:
 *
 *     penalty = ‖mean(f(x)) − mean(f(G(z)))‖²      means over the batch
 *
 * It requires two more passes of the discriminator in the generator's turn.
 *
 * - Shapes: the features are `[batch, ...]` of any rank; the batches of real and fake samples may
 *   differ in size; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], latentSize: 2, penalties: [new FeatureMatching()] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example Match the features of the first layer, with a smaller weight
 * ```ts
 * const options = { layer: '0.dense', weight: 0.1 };
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new FeatureMatching(options)] });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * console.log(Object.keys(steps[0]!.terms.generator)); // [ 'bce', 'featureMatching' ]
 * ```
 *
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1.
 * {@link https://arxiv.org/abs/1606.03498}
 */
export class FeatureMatching implements Penalty {
  readonly name = 'featureMatching';
  readonly target = 'generator';
  readonly weight: number | Schedule;
  readonly every: number;
  readonly settings: {
    /** The layer; if left out, the features right before the logits. */
    readonly layer?: string;
  };

  /**
   * @param options - Weight and layer.
   * @throws RangeError if a number is out of range.
   * @throws TypeError if `layer` is not a name.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Weight of the penalty relative to the adversarial loss; at least 0.
       *
       * @defaultValue `1`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The discriminator's layer whose features are matched: its name, such as that of
       * `tf.layers.dense({ units: 64, name: 'features' })`, or its index and kind, such as
       * `3.conv2D`.
       *
       * @defaultValue the input of the last layer with weights: the features right before the
       * logits
       */
      readonly layer?: string | undefined;
    } = {},
  ) {
    const action = 'create a FeatureMatching';
    const own = ['layer'];
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 1, own));
    const { layer } = options;
    if (layer !== undefined && typeof layer !== 'string') {
      throw new TypeError(
        `Cannot ${action}: layer must be the name of a layer, got ${formatValue(layer)}`,
      );
    }
    this.settings = Object.freeze(layer === undefined ? {} : { layer });
  }

  /**
   * Refuses a layer that the discriminator does not have.
   *
   * @param networks - Both networks.
   * @throws RangeError if it has no layer with that name.
   */
  check(networks: Parameters<NonNullable<Penalty['check']>>[0]): void {
    const { layer } = this.settings;
    const { discriminator } = networks;
    if (layer === undefined || layerNames(discriminator).includes(layer)) return;
    const known = keyedLayers(discriminator).map(([key, { name }]) => `${key} ('${name}')`);
    throw new RangeError(
      `Cannot create a Trainer: layer of the penalty '${this.name}' must be a layer of the discriminator, ` +
        `got ${formatValue(layer)}. It has ${known.join(', ')}`,
    );
  }

  /**
   * The unweighted term.
   *
   * @param context - The discriminator's features of real and fake samples.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return tf.tidy(() => {
      const { real, fake } = context.features(this.settings.layer);
      return tf.sum(tf.square(tf.sub(tf.mean(real, 0), tf.mean(fake, 0)))).asScalar();
    });
  }
}

/** The names of all layers, including those of nested models. */
function layerNames(model: tf.LayersModel): readonly string[] {
  const inside = ({ layers }: tf.LayersModel): string[] =>
    layers.flatMap((layer) =>
      layer instanceof tf.LayersModel ? [layer.name, ...inside(layer)] : [layer.name],
    );
  return [...keyedLayers(model).map(([key]) => key), ...inside(model)];
}
