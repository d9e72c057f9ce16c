import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { formatValue } from '../../core/format.ts';
import { keyedLayers } from '../../models/model-weights.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Asks the generator for samples that on average look to the discriminator as real ones do, inside one of its layers.
 *
 * A steadier aim than to fool it: take it where the two networks circle, or where classes are learned from few labels.
 *
 * With f the answers of the layer:
 *
 *     penalty = ‖mean(f(x)) − mean(f(G(z)))‖²      means over the batch
 *
 * It costs two more passes of the discriminator in the generator's turn.
 *
 * - Shapes: the answers are `[batch, ...]` of any rank; the batches of real and fake samples may differ in size; the
 *   result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
 *
 * @example
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], latentSize: 2, penalties: [new FeatureMatching()] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example Match what the first layer answers, more gently
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
    /** The layer; left out, the features right before the logits. */
    readonly layer?: string;
  };

  /**
   * @param options - Strength and layer.
   * @throws RangeError where a number is out of range.
   * @throws TypeError where `layer` is no name.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength; at least 0. It stands beside the loss: the larger, the less the generator listens to that.
       *
       * @defaultValue `1`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The discriminator's layer whose answers are to match: its name, such as that of
       * `tf.layers.dense({ units: 64, name: 'features' })`, or its place and kind, such as `3.conv2D`.
       *
       * @defaultValue what the last layer with weights is given: the features right before the logits
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
   * Refuses a layer that the discriminator has not.
   *
   * @param networks - Both networks.
   * @throws RangeError where it has no layer of that name.
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
   * The term before it is weighted.
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

/** What layers can be asked for by, in models inside the model as well. */
function layerNames(model: tf.LayersModel): readonly string[] {
  const inside = ({ layers }: tf.LayersModel): string[] =>
    layers.flatMap((layer) =>
      layer instanceof tf.LayersModel ? [layer.name, ...inside(layer)] : [layer.name],
    );
  return [...keyedLayers(model).map(([key]) => key), ...inside(model)];
}
