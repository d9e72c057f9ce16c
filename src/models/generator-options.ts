import type * as tf from '@tensorflow/tfjs';
import type { LatentDistribution } from './latents.ts';

/** Settings of {@link Generator}. */
export interface GeneratorOptions {
  /** Any `tf.LayersModel` from `[batch, latentSize]` to samples. */
  readonly model: tf.LayersModel;
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

/** Settings of {@link Generator.generate} and {@link Generator.save}. */
export interface GenerateOptions {
  /**
   * Whether to use the averaged weights, where there are some; `false` looks at those that are trained.
   *
   * @defaultValue `true`
   */
  readonly averaged?: boolean | undefined;
}

/** Settings of {@link Generator.sample}. */
export interface SampleOptions extends GenerateOptions {
  /**
   * Decides the latents: the same seed gives the same samples.
   *
   * @defaultValue none: each call goes on where the last one stopped, the same way in every run of the program
   */
  readonly seed?: number | undefined;
}
