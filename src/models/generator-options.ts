import type * as tf from '@tensorflow/tfjs';
import type { GeneratorInputs } from './generator-inputs.ts';
import type { LatentDistribution } from './latents.ts';

/**
 * Settings of {@link Generator}.
 *
 * @typeParam I - The inputs of its model by name.
 *
 * @example A model of one's own, fed with numbers in −1…1
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [16] })] });
 * const options: GeneratorOptions = { model, latentDistribution: 'uniform', ownsModel: true };
 * const generator = new Generator(options);
 * console.log(generator.latentSize, generator.outputShape); // 16 [ 2 ]
 * generator.dispose();
 * ```
 */
export interface GeneratorOptions<I extends GeneratorInputs = GeneratorInputs> {
  /** Any `tf.LayersModel` with one output, from `[batch, latentSize]` to samples; or one with more inputs, named in `inputs`. */
  readonly model: tf.LayersModel;
  /**
   * What each input of the model is for, by name, in the model's order: `{ latents: 100, labels: { classes: 10 } }`.
   *
   * @defaultValue latents alone
   */
  readonly inputs?: I | undefined;
  /**
   * How many numbers one sample is made from.
   *
   * @defaultValue the size of the model's input
   */
  readonly latentSize?: number | undefined;
  /**
   * Where latents are drawn from: the standard normal distribution, or uniform in −1…1.
   *
   * @defaultValue `'normal'`
   */
  readonly latentDistribution?: LatentDistribution | undefined;
  /**
   * Whether {@link Generator.dispose} also disposes the model.
   *
   * @defaultValue `false`: who made the model disposes it
   */
  readonly ownsModel?: boolean | undefined;
}

/**
 * Settings of {@link Generator.generate} and {@link Generator.save}.
 *
 * @example The same latents through the averaged weights and through those that are trained
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], ema: { decay: 0.99 } });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * const latents = gan.generator.latents(4, { seed: 1 });
 * const trained: GenerateOptions = { averaged: false };
 * const [smooth, latest] = [gan.generator.generate(latents), gan.generator.generate(latents, trained)];
 * tf.dispose([latents, smooth, latest]);
 * ```
 */
export interface GenerateOptions {
  /**
   * Whether to use the averaged weights, where there are some; `false` looks at those that are trained.
   *
   * @defaultValue `true`
   */
  readonly averaged?: boolean | undefined;
}

/**
 * Settings of {@link Generator.sample}.
 *
 * @example The samples of the same latents before and after training
 * ```ts
 * const options: SampleOptions = { seed: 7 };
 * const before = gan.generator.sample(16, options);
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * const after = gan.generator.sample(16, options);
 * tf.dispose([before, after]);
 * ```
 */
export interface SampleOptions extends GenerateOptions {
  /**
   * Decides the latents: the same seed gives the same samples.
   *
   * @defaultValue none: each call goes on where the last one stopped, the same way in every run of the program
   */
  readonly seed?: number | undefined;
}
