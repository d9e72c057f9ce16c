import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import {
  checkLayersModel,
  checkModelAlive,
  disposeModel,
  inputSampleShape,
  isModelDisposed,
  outputActivation,
  outputSampleShape,
} from './layers-model.ts';
import type { TensorInput } from './network.ts';

/**
 * Settings of {@link Discriminator}.
 *
 * @example A model that is freed together with its network
 * ```ts
 * const before = tf.memory().numTensors;
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const options: DiscriminatorOptions = { model, ownsModel: true };
 * new Discriminator(options).dispose();
 * console.log(tf.memory().numTensors - before); // 0
 * ```
 */
export interface DiscriminatorOptions {
  /** Any `tf.LayersModel` with one input and one output that answers logits: no sigmoid, softmax, tanh or ReLU at its end. */
  readonly model: tf.LayersModel;
  /**
   * Whether {@link Discriminator.dispose} also disposes the model.
   *
   * @defaultValue `false`: who made the model disposes it
   */
  readonly ownsModel?: boolean | undefined;
}

/**
 * The network that tells real samples from generated ones.
 *
 * It answers logits: large where a sample looks real, and of any size. {@link Discriminator.probability} shows the same
 * answer as a probability.
 *
 * @example Around a model of one's own
 * ```ts
 * const discriminator = new Discriminator({
 *   model: tf.sequential({
 *     layers: [
 *       tf.layers.dense({ units: 64, activation: 'relu', inputShape: [2] }),
 *       tf.layers.dense({ units: 1 }),
 *     ],
 *   }),
 * });
 * ```
 */
export class Discriminator {
  /** The network. */
  readonly model: tf.LayersModel;
  /** Shape of one sample it judges, without the batch. */
  readonly inputShape: readonly number[];
  /** What its input is for, in a game. @internal */
  readonly inputs: { readonly samples: TensorInput } = { samples: { kind: 'tensor' } };
  /** What its output is called in a game. @internal */
  readonly outputs: readonly ['logits'] = ['logits'];
  readonly #ownsModel: boolean;
  #disposed = false;

  /**
   * @param options - The network.
   * @throws TypeError where the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
   * @throws RangeError where it ends in a sigmoid, softmax, tanh or ReLU, or has more than one input or output.
   */
  constructor(options: DiscriminatorOptions) {
    const action = 'create a Discriminator';
    checkOptions(action, options, ['model', 'ownsModel']);
    const { ownsModel = false } = options;
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    checkLayersModel(action, options.model);
    checkAnswersLogits(action, options.model);
    this.model = options.model;
    this.inputShape = inputSampleShape(action, options.model);
    outputSampleShape(action, options.model);
    this.#ownsModel = ownsModel;
  }

  /**
   * Its answers as they are, moving statistics in use.
   *
   * @param samples - `[batch, ...inputShape]`; they stay the caller's.
   * @returns Logits, `[batch, 1]` from most networks; the caller disposes them.
   * @throws RangeError where the samples have another shape.
   */
  logits(samples: tf.Tensor): tf.Tensor {
    this.#check('judge samples', samples);
    return tf.tidy(() => this.model.apply(samples, { training: false }) as tf.Tensor);
  }

  /**
   * How sure it is that samples are real.
   *
   * @param samples - `[batch, ...inputShape]`; they stay the caller's.
   * @returns Probabilities in 0…1, `[batch, 1]` from most networks; the caller disposes them.
   * @throws RangeError where the samples have another shape.
   */
  probability(samples: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.sigmoid(this.logits(samples)));
  }

  /** Whether it was disposed, or its model was. */
  get isDisposed(): boolean {
    return this.#disposed || isModelDisposed(this.model);
  }

  /** Frees the model, where it is this discriminator's own. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#ownsModel) disposeModel(this.model);
  }

  /**
   * Refuses to continue if it was disposed or its weights were.
   *
   * @param name - What the message calls it.
   *
   * @internal
   */
  checkAlive(action: string, name = 'this Discriminator'): void {
    if (this.#disposed) throw new Error(`Cannot ${action}: ${name} was disposed`);
    checkModelAlive(action, name, this.model);
  }

  /** The same as {@link Discriminator.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #check(action: string, samples: tf.Tensor): void {
    this.checkAlive(action);
    const wanted = [null, ...this.inputShape];
    const fits =
      samples.shape.length === wanted.length &&
      wanted.every((size, axis) => size === null || size === samples.shape[axis]);
    if (fits) return;
    throw new RangeError(
      `Cannot ${action}: samples must have the shape ${formatShape(wanted)}, got ${formatShape(samples.shape)}`,
    );
  }
}

/** Activations that keep an answer from being of any size. */
const bounding: readonly string[] = ['sigmoid', 'softmax', 'tanh', 'relu'];

function checkAnswersLogits(action: string, model: tf.LayersModel): void {
  const activation = outputActivation(model);
  if (!bounding.includes(activation)) return;
  throw new RangeError(
    `Cannot ${action}: model must answer logits, got one that ends in ${activation}. ` +
      `Leave the last activation out; discriminator.probability(samples) gives probabilities`,
  );
}
