import { checkNonNegativeInteger, checkOptions, withDefaults } from '../../core/checks.ts';
import { formatShape } from '../../core/format.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled } from '../../core/schedules/scheduled-number.ts';
import { cycleGame } from '../../games/cycle-game.ts';
import { LeastSquaresLoss } from '../../losses/adversarial/least-squares.ts';
import { checkLoss } from '../../losses/check-loss.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import type { ImageShape } from '../../models/image-shape.ts';
import {
  patchDiscriminator,
  type PatchDiscriminatorOptions,
} from '../../models/translators/patch-discriminator.ts';
import {
  buildResnetTranslator,
  type ResnetTranslatorOptions,
} from '../../models/translators/resnet-translator.ts';
import { checkShapes } from '../../models/translators/translator-options.ts';
import { adam } from '../../optimizers/adam.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { CycleGan } from './cycle-gan.ts';
import { freeingOnError } from '../freeing.ts';

/**
 * Settings of {@link createCycleGan}.
 *
 * @example Gray pictures and color pictures, with weaker cycles
 * ```ts
 * const shapes = { a: [16, 16, 1], b: [16, 16, 3] } as const;
 * const options: CreateCycleGanOptions = { shapes, baseFilters: 4, blocks: 1, cycleWeight: 5 };
 * const gan = createCycleGan(options);
 * ```
 */
export interface CreateCycleGanOptions
  extends
    Omit<ResnetTranslatorOptions, 'sourceShape' | 'targetShape'>,
    Pick<PatchDiscriminatorOptions, 'levels'>,
    Pick<PresetTrainerOptions, 'loss' | 'ema' | 'constraints'> {
  /**
   * `[height, width, channels]` of the images of each set, with the same height and width,
   * multiples of 4.
   */
  readonly shapes: Readonly<Record<'a' | 'b', ImageShape>>;
  /**
   * Filters of the first convolution of the discriminators.
   *
   * @defaultValue `32` (the paper uses 64)
   */
  readonly discriminatorFilters?: number | undefined;
  /**
   * Optimizers of both generators and both discriminators.
   *
   * @defaultValue `adam()` for all: learning rate 0.0002, β₁ 0.5
   */
  readonly optimizers?:
    | Partial<Readonly<Record<'generators' | 'discriminators', OptimizerSpec | undefined>>>
    | undefined;
  /**
   * Weight of each adversarial term in the generators' loss: a number of at least 0, or a schedule.
   *
   * @defaultValue `2`: the paper's term is a mean square, that of {@link LeastSquaresLoss} half of
   *   it
   */
  readonly adversarialWeight?: number | Schedule | undefined;
  /**
   * Weight λ of the cycle term, the distance between an image and its translation there and back: a
   * number of at least 0, or a schedule.
   *
   * @defaultValue `10`
   */
  readonly cycleWeight?: number | Schedule | undefined;
  /**
   * Weight of the identity term, the distance between an image of the target set and its
   * translation, which preserves colors: a number of at least 0, or a schedule. Must be 0 if the
   * sets have different numbers of channels.
   *
   * @defaultValue `5`, half of the cycle's; 0 if the sets have different numbers of channels
   */
  readonly identityWeight?: number | Schedule | undefined;
  /**
   * Number of earlier fake samples in the pool of each discriminator; 0 uses only those of the
   * current step.
   *
   * @defaultValue `50`
   */
  readonly poolSize?: number | undefined;
}

/**
 * CycleGAN in one call: two networks that learn to translate between two sets of images, without
 * pairs.
 *
 * Train it with `fit(unpaired({ a, b }))`. A translation must look like the other set, and,
 * translated back, like its source image.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | generators | {@link resnetTranslator}: instance norm, reflection padding | paper, section 7.2 |
 * | upsampling | nearest neighbor and 3×3 convolution (the paper uses transposed 3×3 convolutions, which cause checkerboard artifacts) | Odena et al., 2016 |
 * | discriminators | {@link patchDiscriminator} of each set | section 7.2 |
 * | loss | least squares | section 4 |
 * | cycle | 10 · L1, both ways | equation 3 |
 * | identity | 5 · L1 | section 5.2 |
 * | order | both generators, then both discriminators on this step's fake samples | paper's code |
 * | pool | 50 fake samples | section 4 |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5, β₂ 0.999 | section 4; for the paper's learning rate decay, pass a schedule |
 * | initial weights | N(0, 0.02) | section 7.1 |
 * | batch | 64, the default of `fit`; 1 in the paper: pass `batchSize` | |
 * | base filters | 16 and 32 (the paper uses 64), 3 residual blocks below 128 pixels | trains in minutes on a CPU |
 *
 * @param options - Shapes, sizes, and overrides for any part of the training.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the sides differ or are not multiples of 4, or a number is out of range;
 *   TypeError if an option is unknown.
 *
 * @example Two sets of different sizes
 * ```ts
 * const a = await datasetFromTensor(tf.randomUniform([8, 16, 16, 1], -1, 1));
 * const b = await datasetFromTensor(tf.randomUniform([12, 16, 16, 3], -1, 1));
 * const gan = createCycleGan({ shapes: { a: [16, 16, 1], b: [16, 16, 3] }, baseFilters: 4, blocks: 1 });
 * await gan.trainer.fit(unpaired({ a, b }), { steps: 1, batchSize: 2 });
 * const translated = gan.generators.aToB.translate(tf.zeros<tf.Rank.R4>([1, 16, 16, 1]));
 * console.log(translated.shape); // [ 1, 16, 16, 3 ]
 * gan.dispose();
 * ```
 *
 * @see Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
 * 2017. {@link https://arxiv.org/abs/1703.10593}
 */
export function createCycleGan(options: CreateCycleGanOptions): CycleGan {
  const action = 'create a CycleGAN';
  const settings = withDefaults<CreateCycleGanOptions, typeof defaults>(action, options, defaults);
  const { shapes, baseFilters, normalization, levels, poolSize, seed } = settings;
  const { loss = new LeastSquaresLoss(), ema, constraints } = settings;
  checkOptions(action, shapes, ['a', 'b'], 'shapes');
  const { a, b } = shapes;
  checkShapes(action, { sourceShape: a, targetShape: b }, ['shapes.a', 'shapes.b']);
  checkLoss(action, loss);
  checkNonNegativeInteger(action, 'poolSize', poolSize);
  const { identityWeight = a[2] === b[2] ? 5 : 0 } = settings;
  const weights = {
    adversarial: settings.adversarialWeight,
    cycle: settings.cycleWeight,
    identity: identityWeight,
  };
  for (const [name, weight] of Object.entries(weights)) {
    checkScheduled(action, `${name}Weight`, weight, penaltyWeights);
  }
  if (identityWeight !== 0 && a[2] !== b[2]) {
    throw new RangeError(
      `Cannot ${action}: identityWeight must be 0 for sets with different numbers of channels, as a picture of one is no input ` +
        `of the other's translator, got shapes ${formatShape(a)} and ${formatShape(b)}`,
    );
  }
  checkOptions(action, settings.optimizers ?? {}, ['generators', 'discriminators'], 'optimizers');
  const { generators = adam(), discriminators = adam() } = settings.optimizers ?? {};
  const sizes = {
    baseFilters,
    normalization,
    blocks: settings.blocks,
    upsampling: settings.upsampling,
  };
  return freeingOnError((built) => {
    const translator = (way: 'aToB' | 'bToA'): ReturnType<typeof buildResnetTranslator> => {
      const [sourceShape, targetShape] = way === 'aToB' ? [a, b] : [b, a];
      const own = { sourceShape, targetShape, seed: deriveSeed(seed, way) };
      return built(buildResnetTranslator(action, { ...sizes, ...own }, way === 'aToB' ? 'a' : 'b'));
    };
    const judge = (set: 'a' | 'b'): ReturnType<typeof patchDiscriminator> =>
      built(
        patchDiscriminator({
          imageShape: shapes[set],
          levels,
          normalization,
          baseFilters: settings.discriminatorFilters,
          seed: deriveSeed(seed, 'discriminator', set),
        }),
      );
    const parts = {
      generators: { aToB: translator('aToB'), bToA: translator('bToA') },
      discriminators: { a: judge('a'), b: judge('b') },
    };
    const optimizers = { generators, discriminators };
    const game = cycleGame({ ...parts, loss, weights, poolSize, optimizers, ema });
    return new CycleGan({ ...parts, trainer: new Trainer({ game, constraints, seed }) });
  });
}

const defaults = {
  shapes: undefined,
  blocks: undefined,
  levels: undefined,
  upsampling: undefined,
  baseFilters: undefined,
  discriminatorFilters: undefined,
  normalization: undefined,
  loss: undefined,
  optimizers: undefined,
  ema: undefined,
  constraints: undefined,
  adversarialWeight: 2,
  cycleWeight: 10,
  identityWeight: undefined,
  poolSize: 50,
  seed: 42,
} as const;
