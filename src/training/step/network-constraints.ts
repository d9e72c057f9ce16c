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
 * The constraints at work on one network, called in the order that {@link BoundConstraint} promises.
 *
 * @internal
 */
export class NetworkConstraints {
  readonly #live: (readonly [name: string, rule: BoundConstraint])[] = [];
  readonly #network: string;
  #passing = false;

  /**
   * @param network - Whose weights they rule.
   * @param model - The network's network.
   * @param constraints - Every constraint of the trainer, by name; those for the other network are left out.
   * @param seed - The trainer's.
   * @throws RangeError where two of them put another tensor in the place of one weight.
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

  /** What a snapshot has to hold of them. */
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

  /** Whether any of them works on passes. */
  get wraps(): boolean {
    return this.#live.some(([, rule]) => rule.wrapForward !== undefined);
  }

  /** Runs passes under all rules; a pass within a pass is under them already. */
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

  /** Ends the step for every rule, in the opposite order of its beginning, even where one fails. */
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

  /** What they show of themselves, by `constraint/number`; the tensors are the caller's. */
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
          `got '${otherName}' and '${name}', which both replace '${shared}'. Leave one out, or name other layers for it`,
      );
    }
  }

  dispose(): void {
    for (const [, rule] of this.#live) rule.dispose();
    this.#live.length = 0;
  }
}

const hooks = ['beforeStep', 'beforeUpdate', 'wrapForward', 'afterUpdate', 'afterStep', 'observe'];

/** Refuses what `bind` gave, where it could not be saved or freed. */
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

/** What passes give under a rule, which has to hand it on. */
function passedUnder<T>(name: string, rule: BoundConstraint, pass: () => T): T {
  let given: T | undefined;
  const got: unknown = rule.wrapForward!(() => (given = pass()));
  if (given !== undefined && got === given) return given;
  throw new TypeError(
    `Cannot train: wrapForward of the constraint '${name}' must return what the pass gave, got ${formatValue(got)}. ` +
      'End it in return pass()',
  );
}
