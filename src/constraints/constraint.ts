import type * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';

/** Refuses what cannot be the name of a network. @internal */
export function checkTarget(action: string, target: unknown): void {
  if (typeof target === 'string' && target !== '') return;
  throw new TypeError(
    `Cannot ${action}: target must be the name of a network or 'all', got ${formatValue(target)}`,
  );
}

/**
 * One trainable weight of the network a constraint rules.
 *
 * @example Which weights a constraint could rule
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
  /** Its name, such as `3.conv2D/kernel`: place and kind of the layer, role of the weight. */
  readonly key: string;
  /** The weight as it stands; not the constraint's to dispose. */
  read(): tf.Tensor;
  /**
   * Replaces the weight.
   *
   * @param value - Of the same shape; it stays the caller's.
   */
  write(value: tf.Tensor): void;
  /**
   * Lets the model compute with another tensor in the weight's place, as {@link SpectralNorm} does in
   * {@link BoundConstraint.wrapForward}; gradients go where that tensor came from. Name the weight in
   * {@link BoundConstraint.overrides}.
   *
   * @param value - Of the same shape; it stays the caller's.
   * @returns Ends it: the model computes with the weight again.
   */
  override(value: tf.Tensor): () => void;
}

/**
 * A rule that a network's weights keep at every step.
 *
 * The rule itself has no memory, so one constraint may serve both networks and several trainers; {@link Constraint.bind}
 * makes the live one, whose state the trainer saves.
 *
 * @example Weights that stay small
 * ```ts no-run
 * const trainer = new Trainer({ generator, discriminator, constraints: [new WeightClipping({ limit: 0.01 })] });
 * ```
 */
export interface Constraint {
  /** What it is called: in the history, in errors and in snapshots. */
  readonly name: string;
  /** The network whose weights it rules, such as `discriminator`, or `all`: every network that is trained. */
  readonly target: string;
  /** Its settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Begins to rule a model.
   *
   * @param model - The network's network; it stays its owner's and is not rebuilt.
   * @param network - Which network it is, for error messages.
   * @param seed - Decides random initial state.
   * @param weights - The network's weights that are trainable as the trainer is made, by name. Leave a weight alone in steps
   * in which its layer is frozen.
   * @throws RangeError where the model has nothing to rule, or a layer that was named is not there.
   */
  bind(
    model: tf.LayersModel,
    network: string,
    seed: number,
    weights: readonly ConstrainedWeight[],
  ): BoundConstraint;
}

/**
 * A constraint at work on one model. The trainer calls it in this order:
 * `beforeStep`, then for each update of this network `beforeUpdate` → passes, each inside `wrapForward` → `afterUpdate`;
 * passes in the other network's turn are inside `wrapForward` as well; at last `afterStep`.
 * Outside of a step the model's weights are those to be sampled from and saved.
 *
 * @example A rule of one's own: no weight is negative
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
  /** What it remembers, by name; the tensors stay its own. Tensors are overrides, never changed in place. */
  readonly state: ReadonlyMap<string, tf.Tensor>;
  /**
   * Keys of the weights that the model computes without while it passes, because another tensor is in their place,
   * such as `3.conv2D/kernel`. A trainer refuses two constraints that do this to one weight: only the later would
   * be heard.
   *
   * @defaultValue none
   */
  readonly overrides?: readonly string[] | undefined;
  /**
   * Puts back what was remembered, between steps and after the model's weights of that time were put back.
   *
   * @param name - A name in {@link BoundConstraint.state}.
   * @param value - It stays the caller's.
   */
  setState(name: string, value: tf.Tensor): void;
  /** Called once as a step begins: puts the weights that are learned in place of those that are saved. */
  beforeStep?(): void;
  /** Called before each update of the network. */
  beforeUpdate?(): void;
  /**
   * Called around every pass through the model in a step, inside the function that is differentiated.
   *
   * @param pass - The pass, or several.
   * @returns What the pass gave.
   */
  wrapForward?<T>(pass: () => T): T;
  /** Called after each update of the network's weights. */
  afterUpdate?(): void;
  /** Called once as a step ends, whether it succeeded or not: leaves the weights that are saved in place. */
  afterStep?(): void;
  /** Numbers worth seeing, such as the largest singular value of each layer; the tensors are the caller's. */
  observe?(): Readonly<Record<string, tf.Scalar>>;
  /** Frees its memory; the model stays as it is. */
  dispose(): void;
}
