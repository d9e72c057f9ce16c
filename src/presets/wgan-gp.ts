import { checkOptions } from '../core/checks.ts';
import { WassersteinLoss } from '../losses/adversarial/wasserstein.ts';
import { GradientPenalty } from '../losses/penalties/gradient-penalty.ts';
import { adam } from '../optimizers/adam.ts';
import {
  type ClassConditioning,
  type ClassInputs,
  conditioningNames,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
  type VectorInputs,
} from '../models/conditioning.ts';
import type { Unconditional } from '../models/generator-inputs.ts';
import type { Gan } from '../training/gan.ts';
import { createDcgan, type CreateDcganOptions, dcganNames } from './dcgan.ts';
import { fillIn } from './fill-in.ts';

/**
 * WGAN with gradient penalty in one call: DCGAN's networks and a critic without batch norm, whose
 * gradient norm is kept near one.
 *
 * Use it if a DCGAN collapses or oscillates. It is stable, but slower: five critic updates per
 * step, each with a second backward pass.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | generator | {@link dcganGenerator} with batch norm | paper, section 5 |
 * | critic | {@link dcganDiscriminator} without normalization | paper's MNIST code; `'layer'` is the paper's other choice |
 * | loss | Wasserstein | paper, algorithm 1 |
 * | penalty | gradient norm between real and fake, λ 10 | algorithm 1 |
 * | critic updates per step | 5 | algorithm 1 |
 * | optimizer | Adam, learning rate 0.0001, β₁ 0, β₂ 0.9 | algorithm 1; the MNIST code has β₁ 0.5 |
 * | batch | 64, the default of `fit` | algorithm 1; the MNIST code has 50 |
 * | latents | 128, normal | MNIST code |
 * | base filters | 32 (the MNIST code has 64) | what a CPU trains in minutes |
 *
 * @param options - Image size, widths, and any training setting.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the image's sides cannot be halved, or a number is out of range.
 *
 * @example MNIST
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createWganGp({ imageShape: [28, 28, 1] });
 * await gan.trainer.fit(mnist, { epochs: 5 });
 * gan.dispose();
 * ```
 *
 * @see Gulrajani et al., Improved Training of Wasserstein GANs, 2017.
 *   {@link https://arxiv.org/abs/1704.00028}
 */
export function createWganGp(options: CreateDcganOptions & ClassConditioning): Gan<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createWganGp(options: CreateDcganOptions & VectorConditioning): Gan<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createWganGp(options: CreateDcganOptions & NoConditioning): Gan<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createWganGp(options: CreateDcganOptions & ConditioningOptions): Gan;
export function createWganGp(options: CreateDcganOptions & ConditioningOptions): Gan {
  checkOptions('create a WGAN-GP', options, [...dcganNames, ...conditioningNames]);
  const { loss = new WassersteinLoss(), penalties = [new GradientPenalty({ weight: 10 })] } =
    options;
  const { latentSize = 128, normalization } = options;
  const optimizer = adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 });
  const both = { generator: optimizer, discriminator: optimizer };
  const between = { generator: 'batch', discriminator: 'none' } as const;
  return createDcgan({
    ...options,
    loss,
    penalties,
    latentSize,
    normalization:
      typeof normalization === 'string' ? normalization : fillIn(between, normalization),
    optimizers: fillIn(both, options.optimizers),
    // The auxiliary weights of the authors' code.
    auxiliaryWeights: fillIn({ discriminator: 1, generator: 0.1 }, options.auxiliaryWeights),
    updatesPerStep: fillIn({ discriminator: 5 }, options.updatesPerStep),
  });
}
