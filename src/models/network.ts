import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import type { LatentDistribution } from './latents.ts';

/**
 * An input for latents, which are drawn for each pass: `pass.latents(network)`.
 *
 * @example Latents in −1…1 for a custom network
 * ```ts
 * const latents: LatentInput = { kind: 'latents', distribution: 'uniform' };
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [4] })] });
 * const painter = { model, inputs: { latents }, outputs: ['samples'] } satisfies Network;
 * ```
 */
export interface LatentInput {
  /** Marks an input for latents. */
  readonly kind: 'latents';
  /** @defaultValue `'normal'` */
  readonly distribution?: LatentDistribution | undefined;
}

/**
 * An input for class labels, `[batch]`, int32, drawn by `pass.conditions(network)`.
 *
 * @example Ten classes, drawn uniformly
 * ```ts
 * const labels: LabelInput = { kind: 'condition', classes: 10, source: 'uniform' };
 * ```
 */
export interface LabelInput {
  /** Marks a condition. */
  readonly kind: 'condition';
  /** Number of classes: labels are 0 … classes − 1. */
  readonly classes: number;
  /** Not allowed: with categorical codes it is a {@link CodeInput}. */
  readonly categorical?: undefined;
  /**
   * Source of the labels of fake samples: the batch's tensor with the same name, or a uniform
   * distribution.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | 'uniform' | undefined;
}

/**
 * An input for any other condition, such as an image, a vector or a code, drawn by
 * `pass.conditions(network)`.
 *
 * @example A source image from the batch, and two codes from a prior
 * ```ts
 * const inputs: NetworkInputs = {
 *   source: { kind: 'condition' } satisfies ValueInput,
 *   codes: { kind: 'condition', source: 'uniform' } satisfies ValueInput,
 * };
 * ```
 */
export interface ValueInput {
  /** Marks a condition. */
  readonly kind: 'condition';
  /** Not allowed: with a number of classes it is a {@link LabelInput}. */
  readonly classes?: undefined;
  /** Not allowed: with categorical codes it is a {@link CodeInput}. */
  readonly categorical?: undefined;
  /**
   * Source of the conditions of fake samples: the batch's tensor with the same name, or a prior:
   * uniform in −1…1, or standard normal.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | LatentDistribution | undefined;
  /**
   * Draws values in place of a prior, such as masks of holes: `[count, ...shape]`. It is not saved.
   *
   * @internal
   */
  readonly draw?: ((random: Random, count: number) => tf.Tensor) | undefined;
}

/**
 * An input for latent codes whose meaning is learned, as in InfoGAN: categorical codes one-hot
 * encoded, then numbers in −1…1. One vector of sum(categorical) + continuous numbers.
 *
 * @example One code with ten values, and two continuous codes
 * ```ts
 * const codes: CodeInput = { kind: 'condition', categorical: [10], continuous: 2 }; // a vector of 12 numbers
 * ```
 */
export interface CodeInput {
  /** Marks a condition. */
  readonly kind: 'condition';
  /** Not allowed: codes are not class labels. */
  readonly classes?: undefined;
  /** Number of values of each categorical code; values are drawn uniformly. */
  readonly categorical: readonly number[];
  /** Number of continuous codes, each drawn uniformly from −1…1. */
  readonly continuous: number;
  /** Not allowed: codes are drawn from their own prior. */
  readonly source?: undefined;
}

/**
 * An input for a tensor that the game passes: the samples to score or encode, a cutoff. Gradient
 * penalties differentiate with respect to inputs of this kind, never with respect to conditions.
 *
 * @example The input of an encoder
 * ```ts
 * const samples: TensorInput = { kind: 'tensor' };
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [2] })] });
 * const encoder: Network = { model, inputs: { samples }, outputs: ['latents'] };
 * ```
 */
export interface TensorInput {
  /** Marks a tensor that the game passes. */
  readonly kind: 'tensor';
}

/**
 * The kind of an input of a network. Its shape is that of the model's input.
 *
 * @example Whether a network draws latents
 * ```ts
 * const draws = ({ inputs }: Network): boolean => Object.values(inputs).some(({ kind }: NetworkInput) => kind === 'latents');
 * console.log(draws({ model: generator.model, inputs: { latents: { kind: 'latents' } }, outputs: ['samples'] })); // true
 * ```
 */
export type NetworkInput = LatentInput | LabelInput | ValueInput | CodeInput | TensorInput;

/**
 * The inputs of a network by name, in the model's order.
 *
 * @example A discriminator of pairs
 * ```ts
 * const inputs: NetworkInputs = { source: { kind: 'condition' }, samples: { kind: 'tensor' } };
 * ```
 */
export type NetworkInputs = Readonly<Record<string, NetworkInput>>;

/**
 * A model with named inputs and outputs.
 *
 * A `Generator` and a `Discriminator` are networks; a model with several inputs or outputs becomes
 * one by naming them:
 * `{ model, inputs: { source: { kind: 'condition' }, samples: { kind: 'tensor' } }, outputs: ['logits'] }`.
 *
 * @typeParam I - Its inputs by name.
 * @typeParam O - Names of its outputs.
 *
 * @example A model with two inputs, named
 * ```ts
 * const [source, samples] = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
 * const joined = tf.layers.concatenate().apply([source, samples]) as tf.SymbolicTensor;
 * const outputs = tf.layers.dense({ units: 1 }).apply(joined) as tf.SymbolicTensor;
 * const critic: Network = {
 *   model: tf.model({ inputs: [source, samples], outputs }),
 *   inputs: { source: { kind: 'condition' }, samples: { kind: 'tensor' } },
 *   outputs: ['logits'],
 * };
 * ```
 */
export interface Network<I extends NetworkInputs = NetworkInputs, O extends string = string> {
  /** Any model; its owner disposes it. */
  readonly model: tf.LayersModel;
  /** The kind of each input, in the model's order. */
  readonly inputs: I;
  /**
   * Names of the outputs, in the model's order. A discriminator's only output is `logits`, a
   * generator's `samples`.
   */
  readonly outputs: readonly O[];
}
