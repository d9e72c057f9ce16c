import * as tf from '@tensorflow/tfjs';
import {
  checkNonNegativeInteger,
  checkOptions,
  checkPerNetwork,
  withDefaults,
} from '../../core/checks.ts';
import { fitsShape } from '../../core/fits-shape.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled } from '../../core/schedules/scheduled-number.ts';
import { superResolutionGame } from '../../games/super-resolution-game.ts';
import { BceLoss } from '../../losses/adversarial/bce.ts';
import { checkLoss } from '../../losses/check-loss.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import { dcganDiscriminator } from '../../models/dcgan/dcgan-discriminator.ts';
import type { ImageShape } from '../../models/image-shape.ts';
import { leafLayers } from '../../models/layers-model.ts';
import {
  checkScale,
  msrResnet,
  type MsrResnetOptions,
} from '../../models/translators/msr-resnet.ts';
import { checkPictureShape } from '../../models/translators/translator-options.ts';
import { adam } from '../../optimizers/adam.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { freeingOnError } from '../freeing.ts';
import { TranslatorGan } from './translator-gan.ts';

/**
 * Settings of {@link createSrgan}.
 *
 * @example Four times as large, with a short first phase
 * ```ts
 * const options: CreateSrganOptions = { scale: 4, imageShape: [32, 32, 3], baseFilters: 4, contentSteps: 100 };
 * const gan = createSrgan(options);
 * console.log(gan.generator.sourceShape); // [ 8, 8, 3 ]
 * gan.dispose();
 * ```
 */
export interface CreateSrganOptions
  extends
    Omit<MsrResnetOptions, 'sourceShape'>,
    Pick<PresetTrainerOptions, 'loss' | 'optimizers' | 'ema' | 'constraints'> {
  /**
   * `[height, width, channels]` of the large images; height and width are multiples of `scale`, and
   * at least 8.
   */
  readonly imageShape: ImageShape;
  /**
   * Filters of the first convolution of the discriminator.
   *
   * @defaultValue `32` (the paper uses 64)
   */
  readonly discriminatorFilters?: number | undefined;
  /**
   * A trained network whose feature maps of the enlarged and of the true image are compared, such
   * as a classifier of the same kind of images, and the layer; its own output if `layer` is left
   * out. It receives images in −1…1, is never changed, and stays the caller's, who disposes it
   * after the trainer.
   *
   * @defaultValue none: there is no feature term
   */
  readonly features?:
    | {
        /** A model from `[batch, ...imageShape]`. */
        readonly model: tf.LayersModel;
        /** Name of the layer, best one before its activation. */
        readonly layer?: string | undefined;
      }
    | undefined;
  /**
   * Number of steps of the first phase, in which only the generator is trained, by L1 alone.
   *
   * @defaultValue `1500`
   */
  readonly contentSteps?: number | undefined;
  /**
   * Number of steps of the second phase in which the adversarial weight rises linearly from 0, while
   * the discriminator is still untrained.
   *
   * @defaultValue `200`
   */
  readonly rampSteps?: number | undefined;
  /**
   * Weight of the adversarial term in the second phase: a number of at least 0, or a schedule. At 0,
   * the discriminator is never updated.
   *
   * @defaultValue `0.005`
   */
  readonly adversarialWeight?: number | Schedule | undefined;
  /**
   * Weight of the L1 distance (mean) to the true image in the second phase; it is 1 in the first. A
   * number of at least 0, or a schedule.
   *
   * @defaultValue `0.01`
   */
  readonly contentWeight?: number | Schedule | undefined;
  /**
   * Weight of the feature term in the second phase, the mean square of the difference of features
   * divided by their variance: a number of at least 0, or a schedule.
   *
   * @defaultValue `1`
   */
  readonly featureWeight?: number | Schedule | undefined;
}

/**
 * SRGAN in one call: learns to enlarge images with sharp details.
 *
 * Train it with `fit(paired({ source, samples }))`: `source` holds the small images, `samples` the
 * large ones. Produce small images in training as those that you want to enlarge were produced: a
 * network that learned from means of 2×2 pixels does not undo another filter.
 *
 * In phase 1, the generator learns by L1 alone. In phase 2, it also has to look real, and to have the
 * features of the true image: in the papers, details become sharper then, and PSNR falls.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | generator | {@link msrResnet}: residual blocks without batch norm, pixel shuffle | ESRGAN, section 3.1, and its authors' code |
 * | discriminator | {@link dcganDiscriminator} of large images | DCGAN, in place of the VGG-like one |
 * | phase 1 | L1 | ESRGAN, section 4.1 |
 * | phase 2 | 0.01 · L1 + 1 · features + 0.005 · adversarial | ESRGAN, equation 3 |
 * | features | mean square, as in SRGAN, equation 5, in units of their variance, of a network that you pass (the papers use VGG-19) | |
 * | loss | binary cross-entropy | SRGAN, equation 6 |
 * | ramp | the adversarial weight rises over 200 steps (not in the papers) | |
 * | order | generator, then discriminator on the same enlarged images, once each | code of ESRGAN's authors |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5, β₂ 0.999 (the papers use β₁ 0.9) | DCGAN |
 * | batch | 64, the default of `fit`; 16 in the papers: pass `batchSize` | |
 * | sizes | 4 blocks, 32 filters (the papers use 16 or more, and 64) | fewer weights for a CPU |
 *
 * @param options - Shape, scale, feature network, and overrides for any part of the training.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the sides are not multiples of the scale or below 8, the feature network does not take
 *   such images or has no such layer, or a number is out of range; TypeError if an option is
 *   unknown or of the wrong kind.
 *
 * @example Small images from means of 2×2 pixels
 * ```ts
 * const large = tf.randomUniform<tf.Rank.R4>([8, 16, 16, 1], -1, 1);
 * const small = tf.avgPool(large, 2, 2, 'valid');
 * const data = paired({ source: await datasetFromTensor(small), samples: await datasetFromTensor(large) });
 * const gan = createSrgan({ imageShape: [16, 16, 1], blocks: 1, baseFilters: 4, discriminatorFilters: 4, contentSteps: 1 });
 * await gan.trainer.fit(data, { steps: 2, batchSize: 4 });
 * const enlarged = gan.generator.translate(small);
 * console.log(enlarged.shape); // [ 8, 16, 16, 1 ]
 * gan.dispose();
 * ```
 *
 * @see Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial
 * Network, 2017. {@link https://arxiv.org/abs/1609.04802}
 * @see Wang et al., ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks, 2018.
 * {@link https://arxiv.org/abs/1809.00219}
 */
export function createSrgan(options: CreateSrganOptions): TranslatorGan {
  const action = 'create an SRGAN';
  const settings = withDefaults<CreateSrganOptions, typeof defaults>(action, options, defaults);
  const { imageShape, scale, features, contentSteps, rampSteps, seed } = settings;
  const { loss = new BceLoss(), ema, constraints } = settings;
  checkPictureShape(action, 'imageShape', imageShape);
  checkScale(action, scale);
  const [height, width, channels] = imageShape;
  if (height % scale > 0 || width % scale > 0) {
    throw new RangeError(
      `Cannot ${action}: height and width of imageShape must be multiples of the scale ${scale}, got ` +
        `${formatShape(imageShape)}. It is the shape of the large images`,
    );
  }
  if (features !== undefined) checkFeatures(action, features, imageShape);
  checkLoss(action, loss);
  checkNonNegativeInteger(action, 'contentSteps', contentSteps);
  checkNonNegativeInteger(action, 'rampSteps', rampSteps);
  const weights = {
    adversarial: settings.adversarialWeight,
    content: settings.contentWeight,
    feature: settings.featureWeight,
  };
  for (const [name, weight] of Object.entries(weights)) {
    checkScheduled(action, `${name}Weight`, weight, penaltyWeights);
  }
  checkPerNetwork(action, 'optimizers', settings.optimizers ?? {});
  const { generator = adam(), discriminator = adam() } = settings.optimizers ?? {};
  return freeingOnError((built) => {
    const parts = {
      generator: built(
        msrResnet({
          sourceShape: [height / scale, width / scale, channels],
          scale,
          blocks: settings.blocks,
          baseFilters: settings.baseFilters,
          upsampling: settings.upsampling,
          seed: deriveSeed(seed, 'generator'),
        }),
      ),
      discriminator: built(
        dcganDiscriminator({
          imageShape,
          baseFilters: settings.discriminatorFilters,
          seed: deriveSeed(seed, 'discriminator'),
        }),
      ),
    };
    const optimizers = { generator, discriminator };
    const rules = { features, loss, weights, contentSteps, rampSteps };
    const game = superResolutionGame({ ...parts, ...rules, optimizers, ema });
    return new TranslatorGan({ ...parts, trainer: new Trainer({ game, constraints, seed }) });
  });
}

/** Refuses a feature network that would fail only when the second phase begins. */
function checkFeatures(
  action: string,
  features: NonNullable<CreateSrganOptions['features']>,
  imageShape: ImageShape,
): void {
  checkOptions(action, features, ['model', 'layer'], 'features');
  const { model, layer } = features;
  if (!(model instanceof tf.LayersModel) || model.inputs.length !== 1) {
    throw new TypeError(
      `Cannot ${action}: features.model must be a tf.LayersModel with one input, got ${formatValue(model)}`,
    );
  }
  const [, ...inputShape] = model.inputs[0]!.shape;
  if (!fitsShape(imageShape, inputShape)) {
    throw new RangeError(
      `Cannot ${action}: features.model must take images of the shape ${formatShape(imageShape)}, got one that takes ` +
        formatShape(inputShape),
    );
  }
  if (layer === undefined && model.outputs.length === 1) return;
  const names = leafLayers(model).map(({ name }) => name);
  if (layer !== undefined && names.includes(layer)) return;
  throw new RangeError(
    `Cannot ${action}: features.layer must be one of ${names.map(formatValue).join(', ')}, got ${formatValue(layer)}`,
  );
}

const defaults = {
  imageShape: undefined,
  scale: 2,
  blocks: undefined,
  baseFilters: undefined,
  upsampling: undefined,
  discriminatorFilters: undefined,
  features: undefined,
  contentSteps: 1500,
  rampSteps: 200,
  adversarialWeight: 0.005,
  contentWeight: 0.01,
  featureWeight: 1,
  loss: undefined,
  optimizers: undefined,
  ema: undefined,
  constraints: undefined,
  seed: 42,
} as const;
