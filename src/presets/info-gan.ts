import { checkOptions, checkPositiveInteger, isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { deriveSeed } from '../core/random.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { type CodeInputs, Conditioning } from '../models/conditioning.ts';
import { buildDiscriminator } from '../models/dcgan/dcgan-discriminator.ts';
import { buildGenerator, type DcganGeneratorOptions } from '../models/dcgan/dcgan-generator.ts';
import { dcganSizes } from '../models/dcgan/dcgan-options.ts';
import { checkCodeSizes } from '../models/generator-inputs.ts';
import { latentNames } from '../models/latents.ts';
import type { CodeInput } from '../models/network.ts';
import { adam } from '../optimizers/adam.ts';
import type { Gan } from '../training/gan.ts';
import { assembleGan, pick, type PresetTrainerOptions, seenShape } from './assemble-gan.ts';
import { dcganNames, sharedNames } from './dcgan.ts';
import { fillIn } from './fill-in.ts';

/**
 * Settings of {@link createInfoGan}.
 *
 * @example Two categorical codes of three values each, and one continuous code
 * ```ts
 * const codes = { categorical: [3, 3], continuous: 1 };
 * const options: CreateInfoGanOptions = { imageShape: [8, 8, 1], baseFilters: 4, codes, informationWeight: 0.5 };
 * const gan = createInfoGan(options);
 * const images = gan.generator.sample(4, { codes: { categorical: [2, 0], continuous: [0.5] } });
 * ```
 */
export type CreateInfoGanOptions = Omit<DcganGeneratorOptions, 'seed'> &
  Omit<PresetTrainerOptions, 'auxiliaryWeights'> & {
    /** The number of values of each categorical code, and the number of continuous codes. */
    readonly codes: Partial<Pick<CodeInput, 'categorical' | 'continuous'>>;
    /**
     * Units of the dense layer after latents and codes in the generator, and of the one that the
     * discriminator's two outputs share.
     *
     * @defaultValue 32 times `baseFilters`: 1,024, as in the paper, for the default of 32
     */
    readonly denseUnits?: number | undefined;
    /**
     * Weight λ of the mutual information between samples and codes: a number of at least 0, or a
     * schedule.
     *
     * @defaultValue `1`
     */
    readonly informationWeight?: number | Schedule | undefined;
  };

/** `informationWeight` replaces `auxiliaryWeights`. */
const names = [...dcganNames, 'codes', 'denseUnits', 'informationWeight'].filter(
  (name) => name !== 'auxiliaryWeights',
);

/**
 * InfoGAN in one call: a GAN that learns interpretable factors of its samples without labels.
 *
 * Besides the latents the generator receives codes, and a second output of the discriminator
 * predicts them from the sample. Both networks minimize the same term, −λ · L_I, a bound on the
 * mutual information between samples and codes: the cross-entropy of the categorical codes, and
 * half the squared distance of the continuous ones (a normal distribution with standard deviation
 * 1).
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | networks | {@link dcganGenerator}, {@link dcganDiscriminator}, each with a dense layer of 1,024 units at its small end | paper, appendix C.1 |
 * | code head | dense 128, batch norm, LeakyReLU, dense, on the discriminator's dense layer | paper, appendix C.1 |
 * | codes | categorical with equal probability; continuous uniform in −1…1 | paper, appendix C.1 |
 * | λ | 1 | paper's code |
 * | latents | 62, uniform in −1…1 | paper's code |
 * | optimizer | Adam, β₁ 0.5; learning rate 0.001 (generator), 0.0002 (discriminator) | paper, appendix C |
 * | loss | binary cross-entropy | paper |
 *
 * @param options - Image size, codes, widths, and any training setting.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws TypeError if `codes` is empty; RangeError if a number is out of range.
 *
 * @example Digits without labels
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'train' });
 * const gan = createInfoGan({ imageShape: [28, 28, 1], codes: { categorical: [10], continuous: 2 } });
 * await gan.trainer.fit(mnist, { epochs: 3 });
 * const row = gan.generator.sample(10, { codes: { categorical: [3], continuous: [0.5, -1] } });
 * ```
 *
 * @see Chen et al., InfoGAN: Interpretable Representation Learning by Information Maximizing
 *   Generative Adversarial Nets,
 * 2016. {@link https://arxiv.org/abs/1606.03657}
 */
export function createInfoGan(options: CreateInfoGanOptions): Gan<CodeInputs> {
  const action = 'create an InfoGAN';
  checkOptions(action, options, names);
  const { seed = 42, informationWeight = 1 } = options;
  const { latentSize = 62, latentDistribution = 'uniform' } = options;
  if (!isRecord(options.codes)) {
    throw new TypeError(
      `Cannot ${action}: codes must be { categorical, continuous }, such as { categorical: [10], continuous: 2 }, ` +
        `got ${formatValue(options.codes)}`,
    );
  }
  checkOptions(action, options.codes, ['categorical', 'continuous'], 'codes');
  const { categorical = [], continuous = 0 } = options.codes;
  const codes = checkCodeSizes(action, 'codes', categorical, continuous);
  const shared = pick(options, [...sharedNames, 'normalization']);
  const making = {
    ...shared,
    ...pick(options, latentNames),
    latentSize,
    latentDistribution,
    seed: deriveSeed(seed, 'generator'),
  };
  const judging = {
    ...shared,
    imageShape: seenShape(action, options.imageShape, options),
    seed: deriveSeed(seed, 'discriminator'),
  };
  const sizes = dcganSizes(action, making, latentNames);
  const { denseUnits = 32 * sizes.baseFilters } = options;
  checkPositiveInteger(action, 'denseUnits', denseUnits);
  const generator = buildGenerator(
    action,
    making,
    { ...sizes, denseUnits },
    Conditioning.ofCodes(codes),
  );
  const optimizers = {
    generator: adam({ learningRate: 1e-3 }),
    discriminator: adam({ learningRate: 2e-4 }),
  };
  const gan = assembleGan(
    generator,
    () =>
      buildDiscriminator(
        judging,
        { ...dcganSizes(action, judging, [], true), denseUnits },
        Conditioning.ofCodes(codes),
      ),
    {
      ...options,
      optimizers: fillIn(optimizers, options.optimizers),
      auxiliaryWeights: { generator: informationWeight, discriminator: informationWeight },
    },
  );
  // The inputs are those of the codes above.
  return gan as unknown as Gan<CodeInputs>;
}
