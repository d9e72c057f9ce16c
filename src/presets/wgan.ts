import { checkOptions } from '../core/checks.ts';
import { WassersteinLoss } from '../losses/adversarial/wasserstein.ts';
import { WeightClipping } from '../constraints/weight-clipping.ts';
import { rmsprop } from '../optimizers/rmsprop.ts';
import type { Gan } from '../training/gan.ts';
import { createDcgan, type CreateDcganOptions, dcganNames } from './dcgan.ts';
import { fillIn } from './fill-in.ts';

/**
 * The original WGAN in one call: DCGAN's networks, the Wasserstein loss, a critic with weight
 * clipping.
 *
 * Use it to reproduce the paper; {@link createWganGp} and {@link createSngan} learn better in the
 * same number of steps. The negative critic loss decreases as samples improve, unlike the loss of a
 * DCGAN.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | networks | those of {@link createDcgan}, batch norm in both networks | paper, section 4.1 |
 * | latents | 100, normal | the paper's code |
 * | base filters | 32 (the paper's code has 64) | what a CPU trains in minutes |
 * | loss | Wasserstein | paper, algorithm 1 |
 * | weights of the critic | clipped to ±0.01 | algorithm 1 |
 * | critic updates per step | 5 | algorithm 1 |
 * | optimizer | RMSProp, learning rate 0.00005, decay 0.99 | algorithm 1; the decay from the paper's code |
 * | batch | 64, the default of `fit` | algorithm 1 |
 *
 * The paper's code performs 100 critic updates in each of the first 25 steps; this preset always
 * performs 5.
 *
 * @param options - Image size, widths, and any training setting.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if the image's sides cannot be halved, or a number is out of range.
 *
 * @example MNIST
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createWgan({ imageShape: [28, 28, 1] });
 * await gan.trainer.fit(mnist, { epochs: 5 });
 * gan.dispose();
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017. {@link https://arxiv.org/abs/1701.07875}
 */
export function createWgan(options: CreateDcganOptions): Gan {
  checkOptions('create a WGAN', options, dcganNames);
  const { loss = new WassersteinLoss(), constraints = [new WeightClipping()] } = options;
  const optimizer = rmsprop({ learningRate: 5e-5, decay: 0.99 });
  const both = { generator: optimizer, discriminator: optimizer };
  return createDcgan({
    ...options,
    loss,
    constraints,
    optimizers: fillIn(both, options.optimizers),
    updatesPerStep: fillIn({ discriminator: 5 }, options.updatesPerStep),
  });
}
