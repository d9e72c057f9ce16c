import type { Discriminator } from '../../models/discriminator.ts';
import type { Translator } from '../../models/translators/translator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * A translator, its discriminator and their trainer: what {@link createPix2pix} and
 * {@link createSrgan} return.
 *
 * @typeParam C - What the discriminator sees beside images: `'source'` for pix2pix, nothing for
 *   SRGAN.
 *
 * @example Freed at once
 * ```ts
 * const gan: TranslatorGan<'source'> = createPix2pix({ sourceShape: [16, 16, 1], targetShape: [16, 16, 3], baseFilters: 4 });
 * console.log(gan.generator.targetShape); // [ 16, 16, 3 ]
 * gan.dispose();
 * ```
 */
export class TranslatorGan<C extends string = never> {
  /** Translates images: `generator.translate(images)`. */
  readonly generator: Translator;
  /** The discriminator of translated images. */
  readonly discriminator: Discriminator<C>;
  /** The trainer of both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link TranslatorGan.dispose} disposes them. */
  constructor(parts: Pick<TranslatorGan<C>, 'generator' | 'discriminator' | 'trainer'>) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the memory of the trainer and both networks, but not of a feature network. */
  dispose(): void {
    this.trainer.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link TranslatorGan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
