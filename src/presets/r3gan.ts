import { checkNonNegative, checkOptions, checkPositiveInteger } from '../core/checks.ts';
import { deriveSeed } from '../core/random.ts';
import { cosineDecay } from '../core/schedules/cosine-decay.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { RelativisticLoss } from '../losses/adversarial/relativistic.ts';
import { R1Penalty } from '../losses/penalties/r1.ts';
import { R2Penalty } from '../losses/penalties/r2.ts';
import {
  type ClassConditioning,
  type ClassInputs,
  conditioningNames,
  conditioningOf,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
  type VectorInputs,
} from '../models/conditioning.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Unconditional } from '../models/generator-inputs.ts';
import { r3ganDiscriminator } from '../models/r3gan/r3gan-discriminator.ts';
import {
  r3ganGenerator,
  type R3ganGeneratorOptions,
  r3ganLatentNames,
} from '../models/r3gan/r3gan-generator.ts';
import { r3ganNames } from '../models/r3gan/r3gan-options.ts';
import { adam } from '../optimizers/adam.ts';
import { ruleNames } from '../training/check-parts.ts';
import type { Gan } from '../training/gan.ts';
import { assembleGan, pick, type PresetTrainerOptions, seenShape } from './assemble-gan.ts';
import { fillIn } from './fill-in.ts';

/**
 * Settings of {@link createR3gan}.
 *
 * @example Penalties of a fixed weight in every fourth step
 * ```ts
 * const options: CreateR3ganOptions = { imageShape: [8, 8, 1], baseFilters: 4, gamma: 0.5, penaltyEvery: 4 };
 * const gan = createR3gan(options);
 * const { steps } = await gan.trainer.fit(dataset, { steps: 4, batchSize: 8 });
 * console.log(steps.map(({ terms }) => Object.keys(terms.discriminator).length)); // [ 1, 1, 1, 3 ]
 * gan.dispose();
 * ```
 */
export type CreateR3ganOptions = Omit<R3ganGeneratorOptions, 'seed'> &
  PresetTrainerOptions & {
    /**
     * Weight γ of both penalties at the end of the run: a number of at least 0, which ten times as much falls to; or a schedule for all
     * of it. More steadies training, too much blurs; the paper raises it with the number of pixels.
     *
     * @defaultValue `0.1`
     */
    readonly gamma?: number | Schedule | undefined;
    /**
     * Add the penalties in every so many steps only, then as many times stronger. The paper has 1; more is faster, and may fail.
     *
     * @defaultValue `1`
     */
    readonly penaltyEvery?: number | undefined;
    /**
     * Number of steps in which γ, learning rate, β₂ and the average's half-life go from their first to their last values.
     *
     * @defaultValue all steps of the run
     */
    readonly burnIn?: number | undefined;
  };

const names: readonly (keyof CreateR3ganOptions)[] = [
  ...ruleNames,
  ...r3ganNames,
  ...r3ganLatentNames,
  ...(['gamma', 'penaltyEvery', 'burnIn'] as const),
];

/**
 * R3GAN in one call: residual networks without any normalization, a relativistic loss of pairs, and gradient penalties on real
 * and fake samples, which together are proven to converge locally.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | networks | {@link r3ganGenerator}, {@link r3ganDiscriminator} | paper's code, but for groups of channels and sizes |
 * | loss | softplus of the difference of each real and its fake partner | paper, section 2 |
 * | penalties | R1 and R2, γ/2 of the mean squared gradient, γ from 1 to 0.1 | paper; its γ ranges from 0.05 (32×32) to 150 (256×256) |
 * | optimizer | Adam, β₁ 0, β₂ from 0.9 to 0.99, learning rate from 0.0002 to 0.00005 | paper |
 * | averaged weights | half-life from 0 to 2,000 samples | paper: to 500,000 (FFHQ) or 5 million (CIFAR-10) of its long runs |
 * | changes | all by half a wave over the run | paper's code |
 * | latents | 64, normal | paper |
 * | batch | 64, which `fit` takes by itself (the paper has 256 and 512) | what a CPU trains in minutes |
 *
 * The paper also augments images with a probability that rises to 0.3 or 0.55: add
 * `adaptiveAugment({ probability: cosineDecay({ from: 0, to: 0.3 }) })` to `transforms` if you have few. It draws new real
 * samples for the generator's update; here it takes those of the discriminator's. Classes are learned as in the other presets.
 *
 * A schedule has to know the end of the run: give `fit` steps, epochs or `until`, or set `burnIn`.
 *
 * @param options - Image size, widths, γ, and any part of the training to be changed.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the image's sides cannot be halved, or a number is out of range.
 *
 * @example MNIST
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createR3gan({ imageShape: [28, 28, 1] });
 * await gan.trainer.fit(mnist, { epochs: 3 });
 * const images = gan.generator.sample(100, { seed: 7 });
 * ```
 *
 * @see Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024.
 * {@link https://arxiv.org/abs/2501.05441}
 */
export function createR3gan(options: CreateR3ganOptions & ClassConditioning): Gan<ClassInputs>;
/**
 * The same for conditions of several numbers: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createR3gan(options: CreateR3ganOptions & VectorConditioning): Gan<VectorInputs>;
/**
 * The same without conditions.
 *
 * @param options - Settings.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createR3gan(options: CreateR3ganOptions & NoConditioning): Gan<Unconditional>;
/**
 * The same for options of which a type does not know whether they ask for a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createR3gan(options: CreateR3ganOptions & ConditioningOptions): Gan;
export function createR3gan(options: CreateR3ganOptions & ConditioningOptions): Gan {
  const action = 'create an R3GAN';
  checkOptions(action, options, [...names, ...conditioningNames]);
  const { seed = 42, gamma = 0.1, penaltyEvery: every = 1, burnIn } = options;
  if (typeof gamma === 'number') checkNonNegative(action, 'gamma', gamma);
  checkPositiveInteger(action, 'penaltyEvery', every);
  if (burnIn !== undefined) checkPositiveInteger(action, 'burnIn', burnIn);
  const between = (from: number, to: number): Schedule => cosineDecay({ from, to, end: burnIn });
  const weight = typeof gamma === 'number' ? between(10 * gamma, gamma) : gamma;
  const both = { ...pick(options, r3ganNames), ...conditioningOf(options) };
  const generator = r3ganGenerator({
    ...both,
    ...pick(options, r3ganLatentNames),
    seed: deriveSeed(seed, 'generator'),
  });
  const makeDiscriminator = (): Discriminator<string, string> =>
    r3ganDiscriminator({
      ...both,
      imageShape: seenShape(action, options.imageShape, options),
      seed: deriveSeed(seed, 'discriminator'),
    });
  const optimizer = adam({
    learningRate: between(2e-4, 5e-5),
    beta1: 0,
    beta2: between(0.9, 0.99),
  });
  const optimizers = { generator: optimizer, discriminator: optimizer };
  const {
    loss = new RelativisticLoss({ average: false }),
    penalties = [new R1Penalty({ weight, every }), new R2Penalty({ weight, every })],
    ema = { halfLife: between(0, 2000) },
  } = options;
  return assembleGan(generator, makeDiscriminator, {
    ...options,
    loss,
    penalties,
    ema,
    optimizers: fillIn(optimizers, options.optimizers),
  });
}
