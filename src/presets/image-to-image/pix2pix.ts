import type { Discriminator } from '../../models/discriminator.ts';
import type { Translator } from '../../models/translators/translator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * The result of {@link createPix2pix}: a translator, its discriminator and their trainer.
 *
 * @example Freed at once
 * ```ts
 * const gan: Pix2pix = createPix2pix({ sourceShape: [16, 16, 1], targetShape: [16, 16, 3], baseFilters: 4 });
 * console.log(gan.generator.targetShape); // [ 16, 16, 3 ]
 * gan.dispose();
 * ```
 */
export class Pix2pix {
  /** The translator. */
  readonly generator: Translator;
  /** The patch discriminator of pairs. */
  readonly discriminator: Discriminator<'source'>;
  /** The trainer of both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link Pix2pix.dispose} disposes them. */
  constructor(parts: Pick<Pix2pix, 'generator' | 'discriminator' | 'trainer'>) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the memory of the trainer and the networks. */
  dispose(): void {
    this.trainer.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link Pix2pix.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
