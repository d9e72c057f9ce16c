import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { GeneratorInputs } from '../models/generator-inputs.ts';
import type { Trainer } from './trainer.ts';

/**
 * A generator, a discriminator and the trainer that sets them against each other: what presets give.
 *
 * @typeParam I - The inputs of the generator: latents alone, or conditions as well.
 *
 * @example Everything it made is freed at once
 * ```ts
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4 });
 * const images = gan.generator.sample(4);
 * images.dispose();
 * gan.dispose();
 * ```
 */
export class Gan<I extends GeneratorInputs = GeneratorInputs> {
  /** The network that makes samples. */
  readonly generator: Generator<I>;
  /** The network that judges them. */
  readonly discriminator: Discriminator<Extract<Exclude<keyof I, 'latents'>, string>>;
  /** What trains both. */
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

  /** Frees the trainer's memory and the networks' models. */
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
