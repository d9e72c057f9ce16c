import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../core/checks.ts';
import { fitsShape } from '../core/fits-shape.ts';
import { formatShape, formatValue } from '../core/format.ts';
import {
  applyModel,
  checkLayersModel,
  checkModelAlive,
  disposeModel,
  inputSampleShape,
  isModelDisposed,
  outputActivation,
  outputSampleShape,
} from './layers-model.ts';
import type { NetworkInput, TensorInput, ValueInput } from './network.ts';

/**
 * Settings of {@link Discriminator}.
 *
 * @typeParam I - Names of its inputs.
 * @typeParam O - Names of its outputs.
 *
 * @example A model that is disposed together with its network
 * ```ts
 * const before = tf.memory().numTensors;
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const options: DiscriminatorOptions = { model, ownsModel: true };
 * new Discriminator(options).dispose();
 * console.log(tf.memory().numTensors - before); // 0
 * ```
 */
export interface DiscriminatorOptions<I extends string = 'samples', O extends string = 'logits'> {
  /**
   * Any `tf.LayersModel` that returns logits from one input and one output: no sigmoid, softmax,
   * tanh or ReLU at its end. If it has more of them, name them in `inputs` and `outputs`.
   */
  readonly model: tf.LayersModel;
  /**
   * Names of the model's inputs in its order: `samples`, and their conditions, with the same names
   * as in the generator, such as `labels`.
   *
   * @defaultValue `['samples']`
   */
  readonly inputs?: readonly ('samples' | I)[] | undefined;
  /**
   * Names of the model's outputs in its order: `logits`, and heads that predict a sample's
   * condition: `classes`, logits of the labels; `codes`, logits of each categorical code and means
   * of the continuous ones.
   *
   * @defaultValue `['logits']`
   */
  readonly outputs?: readonly ('logits' | O)[] | undefined;
  /**
   * Whether {@link Discriminator.dispose} also disposes the model.
   *
   * @defaultValue `false`: the creator of the model disposes it
   */
  readonly ownsModel?: boolean | undefined;
}

/**
 * The network that distinguishes real samples from generated ones.
 *
 * It returns logits: large if a sample looks real, unbounded. {@link Discriminator.probability}
 * returns probabilities instead. It may receive the condition of a sample as an input, or predict
 * it.
 *
 * @typeParam I - Names of its inputs.
 * @typeParam O - Names of its outputs.
 *
 * @example Wrap your own model
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
export class Discriminator<I extends string = 'samples', O extends string = 'logits'> {
  /** The network. */
  readonly model: tf.LayersModel;
  /** Shape of one sample, without the batch. */
  readonly inputShape: readonly number[];
  /** The kind of each input of the model, in its order. */
  readonly inputs: {
    readonly [K in 'samples' | I]: string extends K
      ? NetworkInput
      : K extends 'samples'
        ? TensorInput
        : ValueInput;
  };
  /** Names of the model's outputs, in its order. */
  readonly outputs: readonly ('logits' | O)[];
  readonly #ownsModel: boolean;
  #disposed = false;

  /**
   * @param options - The network.
   * @throws TypeError if the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
   * @throws RangeError if it ends in a sigmoid, softmax, tanh or ReLU, or the number of inputs or
   * outputs is wrong.
   */
  constructor(options: DiscriminatorOptions<I, O>) {
    const action = 'create a Discriminator';
    checkOptions(action, options, ['model', 'inputs', 'outputs', 'ownsModel']);
    const { model, inputs = ['samples'], outputs = ['logits'], ownsModel = false } = options;
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    checkLayersModel(action, model, {
      manyInputs: options.inputs !== undefined,
      manyOutputs: options.outputs !== undefined,
    });
    checkNames(action, 'inputs', inputs, model.inputs.length, 'samples');
    checkNames(action, 'outputs', outputs, model.outputs.length, 'logits');
    const place = outputs.indexOf('logits');
    checkReturnsLogits(action, model, place);
    checkHeadLogits(action, model, outputs, 'classes');
    this.model = model;
    this.inputShape = inputSampleShape(action, model, inputs.indexOf('samples'));
    outputSampleShape(action, model, place);
    const kinds = inputs.map((name) => [
      name,
      { kind: name === 'samples' ? 'tensor' : 'condition' },
    ]);
    // The names are those of the options.
    this.inputs = Object.fromEntries(kinds) as typeof this.inputs;
    this.outputs = [...outputs];
    this.#ownsModel = ownsModel;
  }

  /**
   * Its logits, computed in inference mode.
   *
   * @param samples - `[batch, ...inputShape]`; the caller keeps owning them.
   * @param conditions - A tensor for each further input, such as `{ labels }`, int32 `[batch]`; the
   * caller keeps owning them.
   * @returns Logits, `[batch, 1]` for most networks; the caller disposes them.
   * @throws RangeError if the samples have another shape or a condition is missing.
   */
  logits(
    samples: tf.Tensor,
    conditions: Readonly<Record<Exclude<I, 'samples'>, tf.Tensor>> = noConditions,
  ): tf.Tensor {
    const action = 'score samples';
    this.#check(action, samples);
    const given: Readonly<Record<string, tf.Tensor>> = { ...conditions, samples };
    const names = Object.keys(this.inputs);
    const known = Object.keys(given).every((name) => names.includes(name));
    if (!known || !names.every((name) => given[name] instanceof tf.Tensor)) {
      throw new TypeError(
        `Cannot ${action}: the discriminator must receive tensors for ${names.join(', ')}, ` +
          `got ${Object.keys(given).join(', ')}`,
      );
    }
    const place = this.outputs.indexOf('logits');
    return tf.tidy(() => {
      const inputs = names.map((name) => given[name]!);
      return applyModel(this.model, inputs, { training: false })[place]!;
    });
  }

  /**
   * The probability that samples are real.
   *
   * @param samples - `[batch, ...inputShape]`; the caller keeps owning them.
   * @param conditions - A tensor for each further input; the caller keeps owning them.
   * @returns Probabilities in 0…1, `[batch, 1]` for most networks; the caller disposes them.
   * @throws RangeError if the samples have another shape or a condition is missing.
   */
  probability(
    samples: tf.Tensor,
    conditions: Readonly<Record<Exclude<I, 'samples'>, tf.Tensor>> = noConditions,
  ): tf.Tensor {
    return tf.tidy(() => tf.sigmoid(this.logits(samples, conditions)));
  }

  /** Whether it or its model was disposed. */
  get isDisposed(): boolean {
    return this.#disposed || isModelDisposed(this.model);
  }

  /** Frees the model if this discriminator owns it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#ownsModel) disposeModel(this.model);
  }

  /**
   * Throws if it or its weights were disposed.
   *
   * @param name - Its name in the message.
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
    if (fitsShape(samples.shape, wanted)) return;
    throw new RangeError(
      `Cannot ${action}: samples must have the shape ${formatShape(wanted)}, got ${formatShape(samples.shape)}`,
    );
  }
}

/** The further inputs of a discriminator of samples alone: none. */
const noConditions = {} as never;

/** Activations that bound a logit. */
const bounding: readonly string[] = ['sigmoid', 'softmax', 'tanh', 'relu'];

function checkReturnsLogits(action: string, model: tf.LayersModel, place: number): void {
  const activation = outputActivation(model, place);
  if (!bounding.includes(activation)) return;
  throw new RangeError(
    `Cannot ${action}: model must return logits, got one that ends in ${activation}. ` +
      `Leave the last activation out; discriminator.probability(samples) gives probabilities`,
  );
}

/**
 * Refuses a class head that returns probabilities: the cross-entropy requires logits.
 *
 * @param head - Name of an output that may exist.
 *
 * @internal
 */
export function checkHeadLogits(
  action: string,
  model: tf.LayersModel,
  outputs: readonly string[],
  head: string,
): void {
  const place = outputs.indexOf(head);
  if (place < 0) return;
  const activation = outputActivation(model, place);
  if (!bounding.includes(activation)) return;
  throw new RangeError(
    `Cannot ${action}: the head '${head}' must return logits, got one that ends in ${activation}. ` +
      'Leave its last activation out; tf.softmax(logits) gives probabilities',
  );
}

/** Refuses names that do not match the model's inputs or outputs. */
function checkNames(
  action: string,
  option: string,
  names: readonly string[],
  count: number,
  main: string,
): void {
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  const isNumber = (name: string): boolean => /^\d+$/.test(name);
  // JavaScript sorts numeric names first.
  const fits =
    isList && names.length === count && new Set(names).size === count && !names.some(isNumber);
  if (fits && names.includes(main)) return;
  throw new RangeError(
    `Cannot ${action}: ${option} must be the names of the model's ${count} ${option}, '${main}' among them, ` +
      `got ${formatValue(names)}`,
  );
}
