import { checkOneOf, checkOptions } from '../core/checks.ts';
import { deriveSeed } from '../core/random.ts';
import { HingeLoss } from '../losses/adversarial/hinge.ts';
import { SpectralNorm } from '../constraints/spectral-norm.ts';
import { dcganGenerator } from '../models/dcgan/dcgan-generator.ts';
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
import type { Unconditional } from '../models/generator-inputs.ts';
import type { Discriminator } from '../models/discriminator.ts';
import { resnetDiscriminator } from '../models/resnet/resnet-discriminator.ts';
import { resnetGenerator, type ResnetGeneratorOptions } from '../models/resnet/resnet-generator.ts';
import { latentNames } from '../models/latents.ts';
import { snganDiscriminator } from '../models/sngan/sngan-discriminator.ts';
import { adam } from '../optimizers/adam.ts';
import { ruleNames } from '../training/check-parts.ts';
import type { Gan } from '../training/gan.ts';
import { assembleGan, pick, type PresetTrainerOptions, seenShape } from './assemble-gan.ts';
import { fillIn } from './fill-in.ts';

/**
 * Settings of {@link createSngan}.
 *
 * @example Residual networks, and one update of the discriminator for each of the generator
 * ```ts
 * const networks = { networks: 'resnet', baseFilters: 4, latentSize: 16 } as const;
 * const options: CreateSnganOptions = { imageShape: [8, 8, 1], ...networks, updatesPerStep: { discriminator: 1 } };
 * const gan = createSngan(options);
 * await gan.trainer.fit(dataset, { steps: 1, batchSize: 8 });
 * gan.dispose();
 * ```
 */
export type CreateSnganOptions = Omit<ResnetGeneratorOptions, 'seed'> &
  PresetTrainerOptions & {
    /**
     * Which of the paper's networks to use: the DCGAN-like convolutional ones, or the residual
     * ones.
     *
     * @defaultValue `'dcgan'`
     */
    readonly networks?: 'dcgan' | 'resnet' | undefined;
  };

const names: readonly (keyof CreateSnganOptions)[] = [
  ...ruleNames,
  ...(['imageShape', 'baseFilters'] as const),
  ...latentNames,
  'networks',
];

/**
 * SNGAN in one call: a discriminator with spectral normalization, and the hinge loss.
 *
 * Use it if the discriminator of a DCGAN overpowers the generator: as stable as
 * {@link createWganGp} at much lower cost, because it needs no second backward pass.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | `'dcgan'` networks | {@link dcganGenerator} with 4×4 kernels, {@link snganDiscriminator} | paper, table 3 |
 * | `'resnet'` networks | {@link resnetGenerator}, {@link resnetDiscriminator} | paper, table 4 |
 * | constraint | spectral norm on the discriminator, one power iteration | paper, algorithm 1 |
 * | loss | hinge | paper, equations 16 and 17 |
 * | discriminator updates per step | 5 | paper's ResNet settings |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0, β₂ 0.9 | paper's ResNet settings |
 * | batch | 64, the default of `fit` | paper |
 * | latents | 128, normal | paper |
 * | base filters | 32 (the paper has 64, and 256 and 128 in the residual networks) | what a CPU trains in minutes |
 *
 * For its convolutional networks the paper also tries Adam with β₁ 0.5 and β₂ 0.999, at one
 * discriminator update per step. Differences from the paper: its last layer is a 3×3 convolution
 * (4×4 here), its first feature map has twice as many channels, its generator updates use twice the
 * batch size, and its learning rate decays to zero.
 *
 * @param options - Image size, networks, widths, and any training setting.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the image's sides cannot be halved, or a number is out of range.
 *
 * @example MNIST
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createSngan({ imageShape: [28, 28, 1], networks: 'resnet' });
 * await gan.trainer.fit(mnist, { epochs: 5 });
 * gan.dispose();
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export function createSngan(options: CreateSnganOptions & ClassConditioning): Gan<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createSngan(options: CreateSnganOptions & VectorConditioning): Gan<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createSngan(options: CreateSnganOptions & NoConditioning): Gan<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createSngan(options: CreateSnganOptions & ConditioningOptions): Gan;
export function createSngan(options: CreateSnganOptions & ConditioningOptions): Gan {
  const action = 'create an SNGAN';
  checkOptions(action, options, [...names, ...conditioningNames]);
  const { seed = 42, networks = 'dcgan', latentSize = 128 } = options;
  const { loss = new HingeLoss(), constraints = [new SpectralNorm()] } = options;
  checkOneOf(action, 'networks', networks, ['dcgan', 'resnet'] as const);
  const { imageShape, baseFilters } = options;
  const both = { imageShape, baseFilters, ...conditioningOf(options) };
  const shared = { ...both, seed: deriveSeed(seed, 'generator') };
  const judging = {
    ...both,
    imageShape: seenShape(action, imageShape, options),
    seed: deriveSeed(seed, 'discriminator'),
  };
  const latent = { ...pick(options, latentNames), latentSize };
  const generator =
    networks === 'resnet'
      ? resnetGenerator({ ...shared, ...latent })
      : dcganGenerator({ ...shared, ...latent, kernelSize: 4 });
  const makeDiscriminator = (): Discriminator<string, string> =>
    networks === 'resnet' ? resnetDiscriminator(judging) : snganDiscriminator(judging);
  const optimizer = adam({ learningRate: 2e-4, beta1: 0, beta2: 0.9 });
  const optimizers = { generator: optimizer, discriminator: optimizer };
  return assembleGan(generator, makeDiscriminator, {
    ...options,
    loss,
    constraints,
    optimizers: fillIn(optimizers, options.optimizers),
    updatesPerStep: fillIn({ discriminator: 5 }, options.updatesPerStep),
  });
}
