import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../../core/format.ts';
import { leafLayers } from '../../models/layers-model.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/** Settings of {@link FeatureMatching}. */
export interface FeatureMatchingOptions extends PenaltyOptions {
  /**
   * Strength; at least 0. It stands beside the loss: the larger, the less the generator listens to that.
   *
   * @defaultValue `1`
   */
  readonly weight?: number | undefined;
  /**
   * Name of the discriminator's layer whose answers are to match; give the layer a name of its own as you make it:
   * `tf.layers.dense({ units: 64, name: 'features' })`.
   *
   * @defaultValue the last layer before the logits
   */
  readonly layer?: string | undefined;
}

/**
 * Asks the generator for samples that on average look to the discriminator as real ones do, inside one of its layers.
 *
 * A steadier aim than to fool it: take it where the two players circle, or where classes are learned from few labels.
 *
 * With f the answers of the layer:
 *
 *     penalty = ‖mean(f(x)) − mean(f(G(z)))‖²      means over the batch
 *
 * It needs one pass of the discriminator on real samples in the generator's turn.
 *
 * - Shapes: the answers are `[batch, ...]` of any rank; the batches of real and fake samples may differ in size; the
 *   result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
 *
 * @example
 * ```ts no-run
 * const gan = createMlpGan({ sampleShape: [2], latentSize: 2, penalties: [new FeatureMatching()] });
 * ```
 *
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1.
 * {@link https://arxiv.org/abs/1606.03498}
 */
export class FeatureMatching implements Penalty {
  readonly name = 'featureMatching';
  readonly target = 'generator';
  readonly weight: number;
  readonly every: number;
  readonly settings: {
    /** Name of the layer; left out, the last one before the logits. */
    readonly layer?: string;
  };

  /**
   * @param options - Strength and layer.
   * @throws RangeError where a number is out of range.
   * @throws TypeError where `layer` is no name.
   */
  constructor(options: FeatureMatchingOptions = {}) {
    const asked = 'create a FeatureMatching';
    const { layer } = options;
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(asked, options, 1));
    if (layer !== undefined && typeof layer !== 'string') {
      throw new TypeError(
        `Cannot ${asked}: layer must be the name of a layer, got ${formatValue(layer)}`,
      );
    }
    this.settings = Object.freeze(layer === undefined ? {} : { layer });
  }

  /**
   * Refuses a layer that the discriminator has not.
   *
   * @param players - Both networks.
   * @throws RangeError where it has no layer of that name.
   */
  check(players: Parameters<NonNullable<Penalty['check']>>[0]): void {
    const { layer } = this.settings;
    const names = leafLayers(players.discriminator).map(({ name }) => name);
    if (layer === undefined || names.includes(layer)) return;
    throw new RangeError(
      `Cannot create a Trainer: layer of the penalty '${this.name}' must be one of the discriminator's, got ` +
        `${formatValue(layer)}. It has ${names.map(formatValue).join(', ')}`,
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
