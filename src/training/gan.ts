import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { GeneratorInputs } from '../models/generator-inputs.ts';
import type { Trainer } from './trainer.ts';

/**
 * A generator, a discriminator and the trainer of both: what presets return.
 *
 * @typeParam I - The inputs of the generator: latents alone, or conditions as well.
 *
 * @example Free everything at once
 * ```ts
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4 });
 * const images = gan.generator.sample(4);
 * images.dispose();
 * gan.dispose();
 * ```
 */
export class Gan<I extends GeneratorInputs = GeneratorInputs> {
  /** Creates samples. */
  readonly generator: Generator<I>;
  /** Classifies samples as real or fake. */
  readonly discriminator: Discriminator<Extract<Exclude<keyof I, 'latents'>, string>>;
  /** Trains both. */
  readonly trainer: Trainer;

  /** @param parts - The three parts; {@link Gan.dispose} disposes them. */
  constructor(parts: {
    readonly generator: Gan<I>['generator'];
    readonly discriminator: Gan<I>['discriminator'];
    readonly trainer: Trainer;
  }) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /** Frees the trainer's tensors and the networks' models. */
  dispose(): void {
    this.trainer.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link Gan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
