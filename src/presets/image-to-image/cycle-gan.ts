import type { Discriminator } from '../../models/discriminator.ts';
import type { Translator } from '../../models/translators/translator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * The result of {@link createCycleGan}: two translators, two discriminators and their trainer.
 *
 * @example Freed at once
 * ```ts
 * const gan: CycleGan = createCycleGan({ shapes: { a: [16, 16, 1], b: [16, 16, 3] }, baseFilters: 4 });
 * console.log(gan.generators.bToA.targetShape); // [ 16, 16, 1 ]
 * gan.dispose();
 * ```
 */
export class CycleGan {
  /** The translators, one per direction. */
  readonly generators: Readonly<Record<'aToB' | 'bToA', Translator>>;
  /** The patch discriminators, one per set. */
  readonly discriminators: Readonly<Record<'a' | 'b', Discriminator>>;
  /** The trainer of all four. */
  readonly trainer: Trainer;

  /** @param parts - Networks and trainer; {@link CycleGan.dispose} disposes them. */
  constructor(parts: Pick<CycleGan, 'generators' | 'discriminators' | 'trainer'>) {
    this.generators = parts.generators;
    this.discriminators = parts.discriminators;
    this.trainer = parts.trainer;
  }

  /** Frees the memory of the trainer and the networks. */
  dispose(): void {
    this.trainer.dispose();
    for (const generator of Object.values(this.generators)) generator.dispose();
    for (const discriminator of Object.values(this.discriminators)) discriminator.dispose();
  }

  /** The same as {@link CycleGan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
