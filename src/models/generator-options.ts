import type * as tf from '@tensorflow/tfjs';
import type { GeneratorInputs } from './generator-inputs.ts';
import type { LatentDistribution } from './latents.ts';

/**
 * Settings of {@link Generator}.
 *
 * @typeParam I - The inputs of its model by name.
 *
 * @example Your own model, with latents in −1…1
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [16] })] });
 * const options: GeneratorOptions = { model, latentDistribution: 'uniform', ownsModel: true };
 * const generator = new Generator(options);
 * console.log(generator.latentSize, generator.outputShape); // 16 [ 2 ]
 * generator.dispose();
 * ```
 */
export interface GeneratorOptions<I extends GeneratorInputs = GeneratorInputs> {
  /**
   * Any `tf.LayersModel` with one output, from `[batch, latentSize]` to samples; or one with more
   * inputs, named in `inputs`.
   */
  readonly model: tf.LayersModel;
  /**
   * The kind of each input of the model, by name, in the model's order:
   * `{ latents: 100, labels: { classes: 10 } }`.
   *
   * @defaultValue only latents
   */
  readonly inputs?: I | undefined;
  /**
   * Number of latents of one sample.
   *
   * @defaultValue the size of the model's input
   */
  readonly latentSize?: number | undefined;
  /**
   * Distribution of the latents: standard normal, or uniform in −1…1.
   *
   * @defaultValue `'normal'`
   */
  readonly latentDistribution?: LatentDistribution | undefined;
  /**
   * Whether {@link Generator.dispose} also disposes the model.
   *
   * @defaultValue `false`: the creator of the model disposes it
   */
  readonly ownsModel?: boolean | undefined;
}

/**
 * Settings of {@link Generator.generate} and {@link Generator.save}.
 *
 * @example The same latents with the averaged weights and with the trained ones
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
   * Whether to use the averaged weights, if there are any; `false` uses the trained ones.
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
   * Determines the latents: the same seed gives the same samples.
   *
   * @defaultValue none: each call continues the random sequence of the last one, which is the same
   * in every run of the program
   */
  readonly seed?: number | undefined;
}
