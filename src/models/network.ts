import type * as tf from '@tensorflow/tfjs';
import type { LatentDistribution } from './latents.ts';

/**
 * An input for latents, which are drawn fresh for each pass: `pass.latents(network)`.
 *
 * @example Latents in −1…1 for a network of one's own
 * ```ts
 * const latents: LatentInput = { kind: 'latents', distribution: 'uniform' };
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [4] })] });
 * const painter = { model, inputs: { latents }, outputs: ['samples'] } satisfies Network;
 * ```
 */
export interface LatentInput {
  /** That it is for latents. */
  readonly kind: 'latents';
  /** @defaultValue `'normal'` */
  readonly distribution?: LatentDistribution | undefined;
}

/**
 * An input for class labels, `[batch]`, int32, that are drawn by `pass.conditions(network)`.
 *
 * @example Ten classes, drawn with equal probability
 * ```ts
 * const labels: LabelInput = { kind: 'condition', classes: 10, source: 'uniform' };
 * ```
 */
export interface LabelInput {
  /** That it is for a condition. */
  readonly kind: 'condition';
  /** Number of classes: labels are 0 … classes − 1. */
  readonly classes: number;
  /** None: with categorical codes it is a {@link CodeInput}. */
  readonly categorical?: undefined;
  /**
   * Where the labels of fake samples come from: the batch's tensor of the same name, or each class with equal probability.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | 'uniform' | undefined;
}

/**
 * An input for any other condition, such as an image, a vector or a code, that is drawn by `pass.conditions(network)`.
 *
 * @example A picture to be translated, from the batch, and two codes from a prior
 * ```ts
 * const inputs: NetworkInputs = {
 *   source: { kind: 'condition' } satisfies ValueInput,
 *   codes: { kind: 'condition', source: 'uniform' } satisfies ValueInput,
 * };
 * ```
 */
export interface ValueInput {
  /** That it is for a condition. */
  readonly kind: 'condition';
  /** None: with a number of classes it is a {@link LabelInput}. */
  readonly classes?: undefined;
  /** None: with categorical codes it is a {@link CodeInput}. */
  readonly categorical?: undefined;
  /**
   * Where the conditions of fake samples come from: the batch's tensor of the same name, or a prior: uniform in −1…1, or the
   * standard normal distribution.
   *
   * @defaultValue `'batch'`
   */
  readonly source?: 'batch' | LatentDistribution | undefined;
}

/**
 * An input for latent codes with a meaning that is learned, as an InfoGAN has them: categorical ones, each as a row of
 * zeros and a one, then numbers in −1…1. One vector of sum(categorical) + continuous numbers.
 *
 * @example One code of ten values, and two numbers
 * ```ts
 * const codes: CodeInput = { kind: 'condition', categorical: [10], continuous: 2 }; // a vector of 12 numbers
 * ```
 */
export interface CodeInput {
  /** That it is for a condition. */
  readonly kind: 'condition';
  /** None: codes are no class labels. */
  readonly classes?: undefined;
  /** How many values each categorical code has; all are drawn with equal probability. */
  readonly categorical: readonly number[];
  /** Number of continuous codes, each drawn uniformly from −1…1. */
  readonly continuous: number;
  /** None: codes are drawn from their own prior. */
  readonly source?: undefined;
}

/**
 * An input for a tensor that the game gives: the samples to be judged or encoded, a cutoff. Gradient penalties
 * differentiate with respect to inputs of this kind, never with respect to conditions.
 *
 * @example What an encoder is given
 * ```ts
 * const samples: TensorInput = { kind: 'tensor' };
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [2] })] });
 * const encoder: Network = { model, inputs: { samples }, outputs: ['latents'] };
 * ```
 */
export interface TensorInput {
  /** That the game gives it. */
  readonly kind: 'tensor';
}

/**
 * What an input of a network is for. Its shape is the model's.
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
 * A model whose inputs and outputs have names.
 *
 * A `Generator` and a `Discriminator` are networks; a model with several inputs or outputs becomes one by naming them:
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
  /** Any model; it stays its owner's. */
  readonly model: tf.LayersModel;
  /** What each input is for, in the model's order. */
  readonly inputs: I;
  /** Names of the outputs, in the model's order. A discriminator's only output is `logits`, a generator's `samples`. */
  readonly outputs: readonly O[];
}
