import type * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';

/** Refuses values that cannot be the name of a network. @internal */
export function checkTarget(action: string, target: unknown): void {
  if (typeof target === 'string' && target !== '') return;
  throw new TypeError(
    `Cannot ${action}: target must be the name of a network or 'all', got ${formatValue(target)}`,
  );
}

/**
 * One trainable weight of the network that a constraint applies to.
 *
 * @example List the weights that a constraint may change
 * ```ts
 * const bind: Constraint['bind'] = (_model, _network, _seed, weights) => {
 *   console.log(weights.map(({ key }: ConstrainedWeight) => key).slice(0, 2)); // [ '0.dense/kernel', '0.dense/bias' ]
 *   return { state: new Map(), setState: () => undefined, dispose: () => undefined };
 * };
 * const looking: Constraint = { name: 'looking', target: 'discriminator', bind };
 * const gan = createMlpGan({ sampleShape: [2], constraints: [looking] });
 * ```
 */
export interface ConstrainedWeight {
  /** Its name, such as `3.conv2D/kernel`: index and kind of the layer, role of the weight. */
  readonly key: string;
  /** The current value; the constraint must not dispose it. */
  read(): tf.Tensor;
  /**
   * Replaces the weight.
   *
   * @param value - Of the same shape; the caller keeps owning it.
   */
  write(value: tf.Tensor): void;
  /**
   * Lets the model compute with another tensor in place of the weight, as {@link SpectralNorm} does
   * in {@link BoundConstraint.wrapForward}; gradients flow to the origin of that tensor. List the
   * weight in {@link BoundConstraint.overrides}.
   *
   * @param value - Of the same shape; the caller keeps owning it.
   * @returns A function that ends it: the model computes with the weight again.
   */
  override(value: tf.Tensor): () => void;
}

/**
 * A constraint on a network's weights at every step.
 *
 * A constraint has no state, so one object may serve both networks and several trainers;
 * {@link Constraint.bind} creates the bound one, whose state the trainer saves.
 *
 * @example Keep weights small
 * ```ts no-run
 * const trainer = new Trainer({ generator, discriminator, constraints: [new WeightClipping({ limit: 0.01 })] });
 * ```
 */
export interface Constraint {
  /** Its name in the history, in errors and in snapshots. */
  readonly name: string;
  /**
   * The network whose weights it constrains, such as `discriminator`, or `all`: every trained
   * network.
   */
  readonly target: string;
  /** Its settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Binds the constraint to a model.
   *
   * @param model - The network's model; its owner keeps owning it, and it is not rebuilt.
   * @param network - Name of the network, for error messages.
   * @param seed - Determines random initial state.
   * @param weights - The network's weights that are trainable when the trainer is created, by name.
   * Do not change a weight in steps in which its layer is frozen.
   * @throws RangeError if the model has no weights to constrain, or a named layer does not exist.
   */
  bind(
    model: tf.LayersModel,
    network: string,
    seed: number,
    weights: readonly ConstrainedWeight[],
  ): BoundConstraint;
}

/**
 * A constraint that is bound to one model. The trainer calls it in this order: `beforeStep`, then
 * for each update of this network `beforeUpdate` → passes, each inside `wrapForward` →
 * `afterUpdate`; passes in the other network's turn are inside `wrapForward` as well; finally
 * `afterStep`. Outside of a step the model has the weights for sampling and saving.
 *
 * @example A custom constraint: no weight is negative
 * ```ts
 * const nonNegative = ({ trainableWeights }: tf.LayersModel): BoundConstraint => ({
 *   ...{ state: new Map(), setState: () => undefined, dispose: () => undefined },
 *   afterUpdate: () => tf.tidy(() => trainableWeights.forEach((weight) => weight.write(tf.relu(weight.read())))),
 * });
 * const constraint: Constraint = { name: 'nonNegative', target: 'discriminator', bind: nonNegative };
 * await createMlpGan({ sampleShape: [2], constraints: [constraint] }).trainer.fit(ring8(), { steps: 1 });
 * ```
 */
export interface BoundConstraint {
  /**
   * Its state, by name; the constraint owns the tensors. They are replaced, never changed in place.
   */
  readonly state: ReadonlyMap<string, tf.Tensor>;
  /**
   * Keys of the weights that another tensor replaces during passes, such as `3.conv2D/kernel`. A
   * trainer refuses two constraints that replace the same weight, because only the later one would
   * have an effect.
   *
   * @defaultValue none
   */
  readonly overrides?: readonly string[] | undefined;
  /**
   * Restores state, between steps and after the model's weights of that time were restored.
   *
   * @param name - A name in {@link BoundConstraint.state}.
   * @param value - The caller keeps owning it.
   */
  setState(name: string, value: tf.Tensor): void;
  /** Called once at the beginning of a step: replaces the saved weights with the learned ones. */
  beforeStep?(): void;
  /** Called before each update of the network. */
  beforeUpdate?(): void;
  /**
   * Wraps every pass through the model in a step, inside the differentiated function.
   *
   * @param pass - The pass, or several.
   * @returns The result of the pass.
   */
  wrapForward?<T>(pass: () => T): T;
  /** Called after each update of the network's weights. */
  afterUpdate?(): void;
  /** Called once at the end of a step, successful or not: puts the weights for saving in place. */
  afterStep?(): void;
  /** Metrics, such as the largest singular value of each layer; the caller owns the tensors. */
  observe?(): Readonly<Record<string, tf.Scalar>>;
  /** Frees its state; the model is not changed. */
  dispose(): void;
}
