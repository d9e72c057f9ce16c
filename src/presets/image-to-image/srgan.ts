import type { Discriminator } from '../../models/discriminator.ts';
import type { Translator } from '../../models/translators/translator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * The result of {@link createSrgan}: a translator that enlarges, its discriminator and their
 * trainer.
 *
 * @example Freed at once
 * ```ts
 * const gan: Srgan = createSrgan({ imageShape: [16, 16, 1], baseFilters: 4, discriminatorFilters: 4 });
 * console.log(gan.generator.sourceShape, gan.generator.targetShape); // [ 8, 8, 1 ] [ 16, 16, 1 ]
 * gan.dispose();
 * ```
 */
export class Srgan {
  /** Enlarges images: `generator.translate(images)`. */
  readonly generator: Translator;
  /** The discriminator of large images. */
  readonly discriminator: Discriminator;
  /** The trainer of both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link Srgan.dispose} disposes them. */
  constructor(parts: Pick<Srgan, 'generator' | 'discriminator' | 'trainer'>) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the memory of the trainer and the networks, but not of the feature network. */
  dispose(): void {
    this.trainer.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link Srgan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
