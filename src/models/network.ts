import type * as tf from '@tensorflow/tfjs';
import type { LatentDistribution } from './latents.ts';

/** An input for latents, which are drawn fresh for each pass: `pass.latents(network)`. */
export interface LatentInput {
  readonly kind: 'latents';
  /** @defaultValue `'normal'` */
  readonly distribution?: LatentDistribution | undefined;
}

/** An input for class labels, `[batch]`, int32, that are drawn by `pass.conditions(network)`. */
export interface LabelInput {
  readonly kind: 'condition';
  /** Number of classes: labels are 0 … classes − 1. */
  readonly classes: number;
  /**
   * Where the labels of fake samples come from: the batch's tensor of the same name, the frequencies in the data, or each
   * class with equal probability.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | 'frequencies' | 'uniform' | undefined;
}

/** An input for any other condition, such as an image, a vector or a code, that is drawn by `pass.conditions(network)`. */
export interface ValueInput {
  readonly kind: 'condition';
  readonly classes?: undefined;
  /**
   * Where the conditions of fake samples come from: the batch's tensor of the same name, or a prior: uniform in −1…1, or the
   * standard normal distribution.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | LatentDistribution | undefined;
}

/**
 * An input for a tensor that the game gives: the samples to be judged or encoded, a cutoff. Gradient penalties
 * differentiate with respect to inputs of this kind, never with respect to conditions.
 */
export interface TensorInput {
  readonly kind: 'tensor';
}

/** What an input of a network is for. Its shape is the model's. */
export type NetworkInput = LatentInput | LabelInput | ValueInput | TensorInput;

/** The inputs of a network by name, in the model's order. */
export type NetworkInputs = Readonly<Record<string, NetworkInput>>;

/**
 * A model whose inputs and outputs have names.
 *
 * A `Generator` and a `Discriminator` are networks; a model with several inputs or outputs becomes one by naming them:
 * `{ model, inputs: { source: { kind: 'condition' }, samples: { kind: 'tensor' } }, outputs: ['logits'] }`.
 *
 * @typeParam I - Its inputs by name.
 * @typeParam O - Names of its outputs.
 */
export interface Network<I extends NetworkInputs = NetworkInputs, O extends string = string> {
  readonly model: tf.LayersModel;
  /** What each input is for, in the model's order. */
  readonly inputs: I;
  /** Names of the outputs, in the model's order. A discriminator's only output is `logits`, a generator's `samples`. */
  readonly outputs: readonly O[];
}
