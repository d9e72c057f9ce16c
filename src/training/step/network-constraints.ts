import * as tf from '@tensorflow/tfjs';
import { checkHooks } from '../../core/check-part.ts';
import { checkTensor } from '../../core/check-tensors.ts';
import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Constraint, BoundConstraint } from '../../constraints/constraint.ts';
import { modelWeights } from '../../models/model-weights.ts';
import type { StatefulPart } from '../state/stateful-part.ts';

/**
 * The active constraints of one network, called in the order that {@link BoundConstraint}
 * specifies.
 *
 * @internal
 */
export class NetworkConstraints {
  readonly #live: (readonly [name: string, rule: BoundConstraint])[] = [];
  readonly #network: string;
  #passing = false;

  /**
   * @param network - Name of the network whose weights they constrain.
   * @param model - The network's model.
   * @param constraints - All constraints of the trainer, by name; those for other networks are left
   * out.
   * @param seed - The trainer's.
   * @throws RangeError if two of them replace the same weight.
   */
  constructor(
    network: string,
    model: tf.LayersModel,
    constraints: readonly (readonly [name: string, constraint: Constraint])[],
    seed: number,
  ) {
    this.#network = network;
    const weights = modelWeights(model).filter((weight) => weight.trainable);
    try {
      for (const [name, constraint] of constraints) {
        if (constraint.target !== 'all' && constraint.target !== network) continue;
        const own = deriveSeed(seed, 'constraints', name, network);
        const rule = constraint.bind(model, network, own, weights);
        checkBound(name, rule);
        this.#live.push([name, rule]);
        this.#refuseTwice(name, rule);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The parts that a snapshot saves. */
  get parts(): readonly StatefulPart[] {
    return this.#live.map(([name, rule]) => ({
      key: `constraints/${name}/${this.#network}`,
      get state(): ReadonlyMap<string, tf.Tensor> {
        return rule.state;
      },
      setState: (tensor: string, value: tf.Tensor): void => {
        rule.setState(tensor, value);
      },
    }));
  }

  beforeStep(): void {
    for (const [, rule] of this.#live) rule.beforeStep?.();
  }

  beforeUpdate(): void {
    for (const [, rule] of this.#live) rule.beforeUpdate?.();
  }

  /** Whether any of them wraps forward passes. */
  get wraps(): boolean {
    return this.#live.some(([, rule]) => rule.wrapForward !== undefined);
  }

  /** Whether passes run under them now. */
  get isPassing(): boolean {
    return this.#passing;
  }

  /** Runs passes under all constraints; a nested pass is already under them. */
  wrapForward<T>(pass: () => T): T {
    if (this.#passing || this.#live.length === 0) return pass();
    this.#passing = true;
    try {
      return this.#live.reduceRight<() => T>(
        (inner, [name, rule]) =>
          rule.wrapForward === undefined ? inner : () => passedUnder(name, rule, inner),
        pass,
      )();
    } finally {
      this.#passing = false;
    }
  }

  afterUpdate(): void {
    for (const [, rule] of this.#live) rule.afterUpdate?.();
  }

  /** Ends the step of every constraint, in reverse order, even if one fails. */
  afterStep(): void {
    let failure: { readonly error: unknown } | undefined;
    for (const [, rule] of [...this.#live].reverse()) {
      try {
        rule.afterStep?.();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  /** Their metrics, by `constraint/number`; the caller owns the tensors. */
  observe(): Record<string, tf.Scalar> {
    const seen = this.#live.flatMap(([name, rule]) => {
      const from = `observe of the constraint '${name}'`;
      const scalars: unknown = rule.observe === undefined ? {} : rule.observe();
      if (!isRecord(scalars) || scalars instanceof tf.Tensor) {
        throw new TypeError(
          `Cannot train: ${from} must return scalars by name, got ${formatValue(scalars)}`,
        );
      }
      return Object.entries(scalars).map(([key, value]) => [
        `${name}/${key}`,
        checkTensor(from, key, value, []),
      ]);
    });
    return Object.fromEntries(seen) as Record<string, tf.Scalar>;
  }

  #refuseTwice(name: string, rule: BoundConstraint): void {
    for (const [otherName, other] of this.#live) {
      const shared = rule.overrides?.find((key) => other.overrides?.includes(key));
      if (other === rule || shared === undefined) continue;
      throw new RangeError(
        `Cannot create a Trainer: constraints must each replace other weights of the ${this.#network}, ` +
          `got '${otherName}' and '${name}', which both replace '${shared}'. Leave one out, or choose other layers for it`,
      );
    }
  }

  dispose(): void {
    for (const [, rule] of this.#live) rule.dispose();
    this.#live.length = 0;
  }
}

const hooks = ['beforeStep', 'beforeUpdate', 'wrapForward', 'afterUpdate', 'afterStep', 'observe'];

/** Refuses a result of `bind` that could not be saved or disposed. */
function checkBound(name: string, rule: BoundConstraint): void {
  const live = rule as Partial<Record<keyof BoundConstraint, unknown>> | null | undefined;
  const { get } = (live?.state ?? {}) as { readonly get?: unknown };
  if (
    typeof get === 'function' &&
    typeof live?.setState === 'function' &&
    typeof live.dispose === 'function'
  ) {
    checkHooks('create a Trainer', `the constraint '${name}'`, rule, hooks);
    return;
  }
  throw new TypeError(
    `Cannot create a Trainer: bind of the constraint '${name}' must return a BoundConstraint with a Map as state and ` +
      `the functions setState(name, value) and dispose(), got ${formatValue(rule)}`,
  );
}

/** The result of passes under a constraint, which has to return it. */
function passedUnder<T>(name: string, rule: BoundConstraint, pass: () => T): T {
  let given: T | undefined;
  const got: unknown = rule.wrapForward!(() => (given = pass()));
  if (given !== undefined && got === given) return given;
  throw new TypeError(
    `Cannot train: wrapForward of the constraint '${name}' must return the result of the pass, got ${formatValue(got)}. ` +
      'End it with return pass()',
  );
}
