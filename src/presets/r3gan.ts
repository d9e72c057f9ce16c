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
     * Weight γ of both penalties at the end of the run: a number of at least 0, reached by decay
     * from ten times its value; or a schedule. A larger γ stabilizes training, too large a γ blurs;
     * the paper increases it with the number of pixels.
     *
     * @defaultValue `0.1`
     */
    readonly gamma?: number | Schedule | undefined;
    /**
     * Interval, in steps, of the penalties; their weight is multiplied by it. The paper uses 1;
     * more is faster, but may fail.
     *
     * @defaultValue `1`
     */
    readonly penaltyEvery?: number | undefined;
    /**
     * Number of updates of a network over which γ, learning rate, β₂ and the half-life of the
     * average change from initial to final values.
     *
     * @defaultValue all of the run
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
 * R3GAN in one call: residual networks without normalization, a relativistic pairing loss, and
 * gradient penalties on real and fake samples, with proven local convergence.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | networks | {@link r3ganGenerator}, {@link r3ganDiscriminator} | paper's code, except for channel groups and sizes |
 * | loss | softplus of the logit difference of each real and fake pair | paper, section 2 |
 * | penalties | R1 and R2, γ/2 of the mean squared gradient, γ from 1 to 0.1 | paper; its γ ranges from 0.05 (32×32) to 150 (256×256) |
 * | optimizer | Adam, β₁ 0, β₂ from 0.9 to 0.99, learning rate from 0.0002 to 0.00005 | paper |
 * | averaged weights | half-life from 0 to 2,000 samples | paper: up to 500,000 (FFHQ) or 5 million (CIFAR-10), in longer runs |
 * | schedules | all half a cosine over the run | paper's code |
 * | latents | 64, normal | paper |
 * | batch | 64, the default of `fit` (the paper uses 256 and 512) | trains in minutes on a CPU |
 *
 * The paper also augments images with a probability that rises to 0.3 or 0.55: for small datasets,
 * add `adaptiveAugment({ probability: cosineDecay({ from: 0, to: 0.3 }) })` to `transforms`. The
 * paper draws new real samples for the generator's update; this preset reuses those of the
 * discriminator's update. Conditioning is as in the other presets.
 *
 * The schedules require the end of the run: pass steps, epochs, `until` or `minutes` to `fit`, or
 * set `burnIn`.
 *
 * @param options - Image size, widths, γ, and overrides for any part of the training.
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
 * The same for options whose type does not show whether they have a condition.
 *
 * @param options - Settings, with or without a condition.
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
