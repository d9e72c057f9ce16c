import type { Discriminator } from '../../models/discriminator.ts';
import type { Translator } from '../../models/translators/translator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * A translator, its discriminator and their trainer: what {@link createPix2pix} returns.
 *
 * @example Freed at once
 * ```ts
 * const gan: Pix2pix = createPix2pix({ sourceShape: [16, 16, 1], targetShape: [16, 16, 3], baseFilters: 4 });
 * console.log(gan.generator.targetShape); // [ 16, 16, 3 ]
 * gan.dispose();
 * ```
 */
export class Pix2pix {
  /** The network that translates. */
  readonly generator: Translator;
  /** The network that judges pairs, patch by patch. */
  readonly discriminator: Discriminator<'source'>;
  /** What trains both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link Pix2pix.dispose} disposes them. */
  constructor(parts: Pick<Pix2pix, 'generator' | 'discriminator' | 'trainer'>) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the trainer's memory and the networks' models. */
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
