import { checkOptions, checkPerNetwork, isRecord } from '../core/checks.ts';
import { deriveSeed } from '../core/random.ts';
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
import { dcganDiscriminator } from '../models/dcgan/dcgan-discriminator.ts';
import { dcganGenerator, type DcganGeneratorOptions } from '../models/dcgan/dcgan-generator.ts';
import type { Normalization } from '../models/dcgan/dcgan-options.ts';
import { latentNames } from '../models/latents.ts';
import { ruleNames } from '../training/check-parts.ts';
import type { Gan } from '../training/gan.ts';
import { assembleGan, pick, type PresetTrainerOptions, seenShape } from './assemble-gan.ts';

/**
 * Settings of {@link createDcgan}.
 *
 * @example Color images, with kernels that the stride divides
 * ```ts
 * const options: CreateDcganOptions = { imageShape: [32, 32, 3], kernelSize: 4, stages: 2, baseFilters: 8 };
 * const gan = createDcgan(options);
 * console.log(gan.generator.outputShape, gan.generator.latentSize); // [ 32, 32, 3 ] 100
 * gan.dispose();
 * ```
 */
export type CreateDcganOptions = Omit<DcganGeneratorOptions, 'seed' | 'normalization'> &
  PresetTrainerOptions & {
    /**
     * Normalization between the layers, in both networks or in each.
     *
     * @defaultValue `'batch'`
     */
    readonly normalization?:
      | Normalization
      | Partial<Readonly<Record<'generator' | 'discriminator', Normalization | undefined>>>
      | undefined;
  };

/** Names of the settings that both networks share, except normalization. @internal */
export const sharedNames = [
  'imageShape',
  'baseFilters',
  'kernelSize',
  'stages',
  'initializer',
] as const;

/** The names of {@link CreateDcganOptions}. @internal */
export const dcganNames: readonly (keyof CreateDcganOptions)[] = [
  ...ruleNames,
  ...sharedNames,
  ...latentNames,
  'normalization',
];

/**
 * A GAN for images in one call: DCGAN's two networks, binary cross-entropy, Adam.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | weights | N(0, 0.02) | paper |
 * | batch norm | in all layers but the generator's last, the discriminator's first | paper |
 * | activations | ReLU and tanh; LeakyReLU 0.2 | paper |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5 | paper |
 * | loss | binary cross-entropy, non-saturating | paper |
 * | batch | 64, the default of `fit` (the paper has 128) | what a CPU trains in minutes |
 * | latents | 100, normal (the paper has uniform in −1…1) | tutorials since |
 * | kernels | 5×5, stride 2 | paper's code |
 * | base filters | 32 (the paper has 128) | what a CPU trains in minutes |
 *
 * With fewer than 1,000 images, pass `transforms`: the guide *Few images* has a measured recipe. A
 * long run on so few without transforms prints this advice.
 *
 * You can build the same with {@link dcganGenerator}, {@link dcganDiscriminator} and
 * {@link Trainer}.
 *
 * @param options - Image size, widths, loss, optimizers, seed.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the image's sides cannot be halved, or a number is out of range.
 *
 * @example MNIST
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createDcgan({ imageShape: [28, 28, 1] });
 * await gan.trainer.fit(mnist, { epochs: 5, batchSize: 64 });
 * const images = gan.generator.sample(100, { seed: 7 });
 * await saveImageGrid('samples.png', images, { columns: 10 });
 * images.dispose();
 * gan.dispose();
 * ```
 *
 * @example No batch statistics in the discriminator, as a gradient penalty requires
 * ```ts
 * const normalization = { generator: 'batch', discriminator: 'layer' } as const;
 * const penalties = [new GradientPenalty()];
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, normalization, penalties });
 * await gan.trainer.fit(dataset, { steps: 1, batchSize: 8 });
 * gan.dispose();
 * ```
 *
 * @see Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2016.
 * {@link https://arxiv.org/abs/1511.06434}
 */
export function createDcgan(options: CreateDcganOptions & ClassConditioning): Gan<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createDcgan(options: CreateDcganOptions & VectorConditioning): Gan<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createDcgan(options: CreateDcganOptions & NoConditioning): Gan<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createDcgan(options: CreateDcganOptions & ConditioningOptions): Gan;
export function createDcgan(options: CreateDcganOptions & ConditioningOptions): Gan {
  const action = 'create a DCGAN';
  checkOptions(action, options, [...dcganNames, ...conditioningNames]);
  const { imageShape, normalization, seed = 42 } = options;
  const shared = { ...pick(options, sharedNames), ...conditioningOf(options) };
  const byPlayer = isRecord(normalization);
  if (byPlayer) checkPerNetwork(action, 'normalization', normalization);
  const between = byPlayer
    ? normalization
    : { generator: normalization, discriminator: normalization };
  const generator = dcganGenerator({
    ...shared,
    ...pick(options, latentNames),
    normalization: between.generator,
    seed: deriveSeed(seed, 'generator'),
  });
  const makeDiscriminator = (): Discriminator<string, string> =>
    dcganDiscriminator({
      ...shared,
      normalization: between.discriminator,
      imageShape: seenShape(action, imageShape, options),
      seed: deriveSeed(seed, 'discriminator'),
    });
  return assembleGan(generator, makeDiscriminator, options);
}
