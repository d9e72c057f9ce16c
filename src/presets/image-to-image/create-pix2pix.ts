import { checkPerNetwork, withDefaults } from '../../core/checks.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled } from '../../core/schedules/scheduled-number.ts';
import { pix2pixGame } from '../../games/pix2pix-game.ts';
import { BceLoss } from '../../losses/adversarial/bce.ts';
import { checkLoss } from '../../losses/check-loss.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import {
  patchDiscriminator,
  type PatchDiscriminatorOptions,
} from '../../models/translators/patch-discriminator.ts';
import { checkShapes } from '../../models/translators/translator-options.ts';
import {
  unetTranslator,
  type UnetTranslatorOptions,
} from '../../models/translators/unet-translator.ts';
import { adam } from '../../optimizers/adam.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { freeingOnError } from '../freeing.ts';
import { TranslatorGan } from './translator-gan.ts';

/**
 * Settings of {@link createPix2pix}.
 *
 * @example A small one with the hinge loss
 * ```ts
 * const shapes = { sourceShape: [16, 16, 1], targetShape: [16, 16, 3] } as const;
 * const options: CreatePix2pixOptions = { ...shapes, baseFilters: 4, loss: new HingeLoss(), l1Weight: 10 };
 * const gan = createPix2pix(options);
 * ```
 */
export interface CreatePix2pixOptions
  extends
    UnetTranslatorOptions,
    Pick<PatchDiscriminatorOptions, 'levels'>,
    Pick<PresetTrainerOptions, 'loss' | 'optimizers' | 'ema' | 'constraints'> {
  /**
   * Weight of the adversarial term in the generator's loss: a number of at least 0, or a schedule.
   * At 0, the discriminator is never updated, and the generator learns by L1 alone.
   *
   * @defaultValue `1`
   */
  readonly adversarialWeight?: number | Schedule | undefined;
  /**
   * Weight λ of the L1 distance (mean) to the target: a number of at least 0, or a schedule.
   *
   * @defaultValue `100`
   */
  readonly l1Weight?: number | Schedule | undefined;
}

/**
 * pix2pix in one call: learns image-to-image translation from pairs, such as drawings to paintings.
 *
 * Train it with `fit(paired({ source, samples }))`: `source` holds the input images, `samples` the
 * targets.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | generator | {@link unetTranslator}: 4×4 convolutions of stride 2, skips, tanh | paper, section 6.1.1 |
 * | discriminator | {@link patchDiscriminator}, which receives source and image | section 6.1.2 |
 * | generator's loss | adversarial + 100 · L1 | equation 4 |
 * | discriminator's loss | half of the binary cross-entropy | section 3.3 |
 * | order | discriminator, generator, once each | paper's code |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5, β₂ 0.999 | section 3.3 |
 * | initial weights | N(0, 0.02) | section 6.2 |
 * | normalization | instance (the paper uses batch norm, on batches of 1 to 10, with batch statistics at inference) | the name of section 3.3 for batches of 1 |
 * | dropout | 0.5 in training in layers 8 times as wide as the first, none at inference (the paper keeps it) | section 3.2 reports hardly any variety from it |
 * | batch | 64, the default of `fit`; 1 to 10 in the paper: pass `batchSize` | |
 * | base filters | 32 (the paper uses 64) | trains in minutes on a CPU |
 *
 * @param options - Shapes, sizes, and overrides for any part of the training.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the sides differ or cannot be halved, or a number is out of range;
 *   TypeError if an option is unknown.
 *
 * @example Color for gray pictures
 * ```ts
 * const samples = await datasetFromTensor(tf.randomUniform([8, 16, 16, 3], -1, 1));
 * const source = await datasetFromTensor(tf.randomUniform([8, 16, 16, 1], -1, 1));
 * const gan = createPix2pix({ sourceShape: [16, 16, 1], targetShape: [16, 16, 3], baseFilters: 4 });
 * await gan.trainer.fit(paired({ source, samples }), { steps: 2, batchSize: 4 });
 * const colored = gan.generator.translate(tf.zeros<tf.Rank.R4>([1, 16, 16, 1]));
 * console.log(colored.shape); // [ 1, 16, 16, 3 ]
 * gan.dispose();
 * ```
 *
 * @see Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017.
 * {@link https://arxiv.org/abs/1611.07004}
 */
export function createPix2pix(options: CreatePix2pixOptions): TranslatorGan<'source'> {
  const action = 'create a pix2pix';
  const settings = withDefaults<CreatePix2pixOptions, typeof defaults>(action, options, defaults);
  const { sourceShape, targetShape, baseFilters, normalization, levels, seed } = settings;
  const { loss = new BceLoss(), adversarialWeight, l1Weight, ema, constraints } = settings;
  checkShapes(action, options);
  checkLoss(action, loss);
  checkScheduled(action, 'adversarialWeight', adversarialWeight, penaltyWeights);
  checkScheduled(action, 'l1Weight', l1Weight, penaltyWeights);
  checkPerNetwork(action, 'optimizers', settings.optimizers ?? {});
  const { generator = adam(), discriminator = adam() } = settings.optimizers ?? {};
  return freeingOnError((built) => {
    const parts = {
      generator: built(
        unetTranslator({
          sourceShape,
          targetShape,
          baseFilters,
          normalization,
          depth: settings.depth,
          upsampling: settings.upsampling,
          dropout: settings.dropout,
          seed: deriveSeed(seed, 'generator'),
        }),
      ),
      discriminator: built(
        patchDiscriminator({
          sourceShape,
          imageShape: targetShape,
          baseFilters,
          normalization,
          levels,
          seed: deriveSeed(seed, 'discriminator'),
        }),
      ),
    };
    const optimizers = { generator, discriminator };
    const game = pix2pixGame({ ...parts, loss, adversarialWeight, l1Weight, ema, optimizers });
    return new TranslatorGan({ ...parts, trainer: new Trainer({ game, constraints, seed }) });
  });
}

const defaults = {
  sourceShape: undefined,
  targetShape: undefined,
  depth: undefined,
  levels: undefined,
  baseFilters: 32,
  upsampling: undefined,
  normalization: undefined,
  dropout: undefined,
  loss: undefined,
  optimizers: undefined,
  ema: undefined,
  constraints: undefined,
  adversarialWeight: 1,
  l1Weight: 100,
  seed: 42,
} as const;
