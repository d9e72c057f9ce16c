import type { Discriminator } from '../../models/discriminator.ts';
import type { Inpainter } from '../../models/inpainting/inpainter.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * The result of {@link createInpaintingGan}: an inpainter, its discriminator and their trainer.
 *
 * @example Freed at once
 * ```ts
 * const gan: InpaintingGan = createInpaintingGan({ imageShape: [16, 16, 1], baseFilters: 2, discriminatorFilters: 2 });
 * console.log(gan.inpainter.imageShape); // [ 16, 16, 1 ]
 * gan.dispose();
 * ```
 */
export class InpaintingGan {
  /** Fills holes: `inpainter.fill(images, hole)`. */
  readonly inpainter: Inpainter;
  /** The patch discriminator of images beside their holes. */
  readonly discriminator: Discriminator<'hole'>;
  /** The trainer of both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link InpaintingGan.dispose} disposes them. */
  constructor(parts: Pick<InpaintingGan, 'inpainter' | 'discriminator' | 'trainer'>) {
    this.inpainter = parts.inpainter;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the memory of the trainer and the networks. */
  dispose(): void {
    this.trainer.dispose();
    this.inpainter.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link InpaintingGan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
