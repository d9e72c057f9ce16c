import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../core/checks.ts';
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
 * @example A model that is freed together with its network
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
   * Any `tf.LayersModel` with one input and one output that returns logits: no sigmoid, softmax, tanh or ReLU at its end. One
   * with more of them names them in `inputs` and `outputs`.
   */
  readonly model: tf.LayersModel;
  /**
   * Names of the model's inputs in its order: `samples`, and the conditions they are judged with, by the names that the
   * generator's have, such as `labels`.
   *
   * @defaultValue `['samples']`
   */
  readonly inputs?: readonly ('samples' | I)[] | undefined;
  /**
   * Names of the model's outputs in its order: `logits`, and heads that tell a sample's condition: `classes`, logits of the
   * labels; `codes`, logits of each categorical code and means of the continuous ones.
   *
   * @defaultValue `['logits']`
   */
  readonly outputs?: readonly ('logits' | O)[] | undefined;
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
 * It returns logits: large where a sample looks real, and of any size. {@link Discriminator.probability} shows the same
 * as a probability. It may be given the condition that a sample was made with, or tell it.
 *
 * @typeParam I - Names of its inputs.
 * @typeParam O - Names of its outputs.
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
export class Discriminator<I extends string = 'samples', O extends string = 'logits'> {
  /** The network. */
  readonly model: tf.LayersModel;
  /** Shape of one sample it judges, without the batch. */
  readonly inputShape: readonly number[];
  /** What each input of the model is for, in its order. */
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
   * @throws TypeError where the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
   * @throws RangeError where it ends in a sigmoid, softmax, tanh or ReLU, or has more than one input or output.
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
   * Its logits, moving statistics in use.
   *
   * @param samples - `[batch, ...inputShape]`; they stay the caller's.
   * @param conditions - A tensor for each further input, such as `{ labels }`, int32 `[batch]`; they stay the caller's.
   * @returns Logits, `[batch, 1]` from most networks; the caller disposes them.
   * @throws RangeError where the samples have another shape or a condition is missing.
   */
  logits(
    samples: tf.Tensor,
    conditions: Readonly<Record<Exclude<I, 'samples'>, tf.Tensor>> = noConditions,
  ): tf.Tensor {
    const action = 'judge samples';
    this.#check(action, samples);
    const given: Readonly<Record<string, tf.Tensor>> = { ...conditions, samples };
    const names = Object.keys(this.inputs);
    const known = Object.keys(given).every((name) => names.includes(name));
    if (!known || !names.every((name) => given[name] instanceof tf.Tensor)) {
      throw new TypeError(
        `Cannot ${action}: the discriminator must be given tensors for ${names.join(', ')}, ` +
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
   * How sure it is that samples are real.
   *
   * @param samples - `[batch, ...inputShape]`; they stay the caller's.
   * @param conditions - A tensor for each further input; they stay the caller's.
   * @returns Probabilities in 0…1, `[batch, 1]` from most networks; the caller disposes them.
   * @throws RangeError where the samples have another shape or a condition is missing.
   */
  probability(
    samples: tf.Tensor,
    conditions: Readonly<Record<Exclude<I, 'samples'>, tf.Tensor>> = noConditions,
  ): tf.Tensor {
    return tf.tidy(() => tf.sigmoid(this.logits(samples, conditions)));
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

/** What a discriminator of samples alone is given beside them. */
const noConditions = {} as never;

/** Activations that keep a logit from being of any size. */
const bounding: readonly string[] = ['sigmoid', 'softmax', 'tanh', 'relu'];

function checkReturnsLogits(action: string, model: tf.LayersModel, place: number): void {
  const activation = outputActivation(model, place);
  if (!bounding.includes(activation)) return;
  throw new RangeError(
    `Cannot ${action}: model must answer logits, got one that ends in ${activation}. ` +
      `Leave the last activation out; discriminator.probability(samples) gives probabilities`,
  );
}

/**
 * Refuses a head that tells classes by probabilities: the cross-entropy makes them of logits itself.
 *
 * @param head - Name of an output, which the model need not have.
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
    `Cannot ${action}: the head '${head}' must answer logits, got one that ends in ${activation}. ` +
      'Leave its last activation out; tf.softmax(logits) gives probabilities',
  );
}

/** Refuses names that are not those of the model's inputs or outputs, one each. */
function checkNames(
  action: string,
  option: string,
  names: readonly string[],
  count: number,
  main: string,
): void {
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  const isNumber = (name: string): boolean => /^\d+$/.test(name);
  // JavaScript puts names that are numbers first, whatever the order was.
  const fits =
    isList && names.length === count && new Set(names).size === count && !names.some(isNumber);
  if (fits && names.includes(main)) return;
  throw new RangeError(
    `Cannot ${action}: ${option} must be the names of the model's ${count} ${option}, '${main}' among them, ` +
      `got ${formatValue(names)}`,
  );
}
