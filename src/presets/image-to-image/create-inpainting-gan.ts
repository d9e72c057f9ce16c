import { SpectralNorm } from '../../constraints/spectral-norm.ts';
import { checkPerNetwork, withDefaults } from '../../core/checks.ts';
import { deriveSeed, type Random } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled } from '../../core/schedules/scheduled-number.ts';
import { inpaintingGame } from '../../games/inpainting-game.ts';
import { HingeLoss } from '../../losses/adversarial/hinge.ts';
import { checkLoss } from '../../losses/check-loss.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import { Discriminator } from '../../models/discriminator.ts';
import { checkHoles, type HoleOptions, holesOf } from '../../models/inpainting/draw-holes.ts';
import { gatedUnet } from '../../models/inpainting/gated-unet.ts';
import type { ImageShape } from '../../models/image-shape.ts';
import { Inpainter } from '../../models/inpainting/inpainter.ts';
import {
  patchDiscriminator,
  type PatchDiscriminatorOptions,
} from '../../models/translators/patch-discriminator.ts';
import { adam } from '../../optimizers/adam.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { freeingOnError } from '../freeing.ts';
import { InpaintingGan } from './inpainting-gan.ts';

/**
 * Settings of {@link createInpaintingGan}.
 *
 * @example Boxes and strokes
 * ```ts
 * const options: CreateInpaintingGanOptions = { imageShape: [16, 16, 1], hole: { box: [6, 6], strokes: 2 }, baseFilters: 2 };
 * const gan = createInpaintingGan(options);
 * gan.dispose();
 * ```
 */
export interface CreateInpaintingGanOptions
  extends
    Pick<PatchDiscriminatorOptions, 'levels' | 'seed'>,
    Pick<PresetTrainerOptions, 'loss' | 'optimizers' | 'ema' | 'constraints'> {
  /** `[height, width, channels]` of the images; height and width are multiples of 4. */
  readonly imageShape: ImageShape;
  /**
   * Filters of the first gated convolution; each of the two halvings doubles them.
   *
   * @defaultValue `16`, which a CPU trains (the paper uses 48)
   */
  readonly baseFilters?: number | undefined;
  /**
   * The holes of training: which ones are drawn anew for each batch; or `'batch'`, if you have masks
   * of your own, which batches then hold as `hole`: `fit(paired({ samples, hole }))`.
   *
   * @defaultValue a box of half the height and half the width, at a random place
   */
  readonly hole?: HoleOptions | 'batch' | undefined;
  /**
   * Filters of the first convolution of the discriminator.
   *
   * @defaultValue `16`, as in the generator (the paper uses 64)
   */
  readonly discriminatorFilters?: number | undefined;
  /**
   * Weight of the adversarial term in the generator's loss: a number of at least 0, or a schedule.
   * At 0, the discriminator is never updated, and the generator learns by L1 alone.
   *
   * @defaultValue `1`
   */
  readonly adversarialWeight?: number | Schedule | undefined;
  /**
   * Weight of the L1 distance to the true pixels, a mean over those of the holes: a number of at
   * least 0, or a schedule.
   *
   * @defaultValue `10`
   */
  readonly l1Weight?: number | Schedule | undefined;
}

/**
 * Inpainting in one call: learns to fill holes in images so that the filling fits.
 *
 * Train it with `fit(images)`: the game makes the holes. Then `gan.inpainter.fill(images, hole)`.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | generator | U-Net of gated convolutions, which receives the image with gray in the hole, and the hole | DeepFill v2, section 3.1 |
 * | known pixels | put back by the network itself, bit-for-bit | section 3.2 |
 * | discriminator | {@link patchDiscriminator} of the whole completed image, beside the hole | section 3.3 (SN-PatchGAN) |
 * | constraint | {@link SpectralNorm} on the discriminator | section 3.3 |
 * | loss | hinge, for every patch | section 3.3 |
 * | L1 | 10 · mean over the hole (the paper: over the image, weight 1) | |
 * | holes | a box of half of each side at a random place (the paper: of a quarter to a half, and strokes) | section 3.4 |
 * | order | generator, then discriminator on the same completed images, once each (the paper's code: the discriminator first) | one pass of the generator less |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5, β₂ 0.999 (the paper's code uses 0.0001) | DCGAN |
 * | one stage | the paper has a coarse network before, attention, and dilated convolutions | fewer weights for a CPU |
 *
 * @param options - Shape, holes, and overrides for any part of the training.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the sides are not multiples of 4, a hole does not fit, or a number is out of
 *   range; TypeError if an option is unknown.
 *
 * @example Boxes in noise
 * ```ts
 * const images = await datasetFromTensor(tf.randomUniform([8, 16, 16, 1], -1, 1));
 * const gan = createInpaintingGan({ imageShape: [16, 16, 1], hole: { box: [6, 6] }, baseFilters: 2, discriminatorFilters: 2 });
 * await gan.trainer.fit(images, { steps: 1, batchSize: 4 });
 * const hole = drawHoles(2, { imageShape: [16, 16, 1], box: [6, 6], seed: 1 });
 * const completed = gan.inpainter.fill(tf.zeros<tf.Rank.R4>([2, 16, 16, 1]), hole);
 * console.log(completed.shape); // [ 2, 16, 16, 1 ]
 * gan.dispose();
 * ```
 *
 * @see Yu et al., Free-Form Image Inpainting with Gated Convolution, 2019.
 * {@link https://arxiv.org/abs/1806.03589}
 */
export function createInpaintingGan(options: CreateInpaintingGanOptions): InpaintingGan {
  const action = 'create an inpainting GAN';
  const settings = withDefaults<CreateInpaintingGanOptions, typeof defaults>(
    action,
    options,
    defaults,
  );
  const { imageShape, baseFilters, hole, levels, adversarialWeight, l1Weight, seed } = settings;
  const { loss = new HingeLoss(), ema } = settings;
  const { constraints = [new SpectralNorm({ target: 'discriminator' })] } = settings;
  checkLoss(action, loss);
  checkScheduled(action, 'adversarialWeight', adversarialWeight, penaltyWeights);
  checkScheduled(action, 'l1Weight', l1Weight, penaltyWeights);
  checkPerNetwork(action, 'optimizers', settings.optimizers ?? {});
  const holes = hole === 'batch' ? hole : checkHoles(action, hole, imageShape, 'hole.');
  const { generator = adam(), discriminator = adam() } = settings.optimizers ?? {};
  return freeingOnError((built) => {
    const model = gatedUnet(action, {
      imageShape,
      baseFilters,
      seed: deriveSeed(seed, 'generator'),
    });
    const drawHoles =
      holes === 'batch'
        ? undefined
        : (random: Random, count: number) => holesOf(random, count, imageShape, holes);
    const inpainter = built(new Inpainter({ model, drawHoles, ownsModel: true }));
    const [height, width] = imageShape;
    const patches = built(
      patchDiscriminator({
        sourceShape: [height, width, 1],
        imageShape,
        levels,
        baseFilters: settings.discriminatorFilters,
        normalization: 'none',
        seed: deriveSeed(seed, 'discriminator'),
      }),
    );
    const parts = {
      inpainter,
      discriminator: new Discriminator({
        model: patches.model,
        inputs: ['hole', 'samples'],
        ownsModel: true,
      }),
    };
    const rules = { holes, loss, adversarialWeight, l1Weight };
    const optimizers = { generator, discriminator };
    const game = inpaintingGame({ ...parts, ...rules, optimizers, ema });
    return new InpaintingGan({ ...parts, trainer: new Trainer({ game, constraints, seed }) });
  });
}

const defaults = {
  imageShape: undefined,
  baseFilters: 16,
  discriminatorFilters: 16,
  levels: undefined,
  hole: {},
  loss: undefined,
  optimizers: undefined,
  ema: undefined,
  constraints: undefined,
  adversarialWeight: 1,
  l1Weight: 10,
  seed: 42,
} as const;
