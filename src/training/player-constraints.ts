import * as tf from '@tensorflow/tfjs';
import { checkHooks } from '../core/check-part.ts';
import { checkTensor } from '../core/check-tensors.ts';
import { isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { deriveSeed } from '../core/random.ts';
import type { Constraint, LiveConstraint } from '../losses/constraints/constraint.ts';
import { modelWeights } from '../models/model-weights.ts';
import type { StatefulPart } from './stateful-part.ts';

/**
 * The constraints at work on one player, called in the order that {@link LiveConstraint} promises.
 *
 * @internal
 */
export class PlayerConstraints {
  readonly #live: (readonly [name: string, rule: LiveConstraint])[] = [];
  readonly #player: 'generator' | 'discriminator';
  #passing = false;

  /**
   * @param player - Whose weights they rule.
   * @param model - The player's network.
   * @param constraints - Every constraint of the trainer, by name; those for the other player are left out.
   * @param seed - The trainer's.
   * @throws RangeError where two of them put another tensor in the place of one weight.
   */
  constructor(
    player: 'generator' | 'discriminator',
    model: tf.LayersModel,
    constraints: readonly (readonly [name: string, constraint: Constraint])[],
    seed: number,
  ) {
    this.#player = player;
    const weights = modelWeights(model).filter((weight) => weight.trainable);
    try {
      for (const [name, constraint] of constraints) {
        if (constraint.target !== 'both' && constraint.target !== player) continue;
        const own = deriveSeed(seed, 'constraints', name, player);
        const rule = constraint.attach(model, player, own, weights);
        checkLive(name, rule);
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
      key: `constraints/${name}/${this.#player}`,
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

  /** Runs passes under all rules; a pass within a pass is under them already. */
  whilePassing<T>(pass: () => T): T {
    if (this.#passing || this.#live.length === 0) return pass();
    this.#passing = true;
    try {
      return this.#live.reduceRight<() => T>(
        (inner, [name, rule]) =>
          rule.whilePassing === undefined ? inner : () => passedUnder(name, rule, inner),
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

  #refuseTwice(name: string, rule: LiveConstraint): void {
    for (const [otherName, other] of this.#live) {
      const shared = rule.replaced?.find((key) => other.replaced?.includes(key));
      if (other === rule || shared === undefined) continue;
      throw new RangeError(
        `Cannot create a Trainer: constraints must each replace other weights of the ${this.#player}, ` +
          `got '${otherName}' and '${name}', which both replace '${shared}'. Leave one out, or name other layers for it`,
      );
    }
  }

  dispose(): void {
    for (const [, rule] of this.#live) rule.dispose();
    this.#live.length = 0;
  }
}

const hooks = ['beforeStep', 'beforeUpdate', 'whilePassing', 'afterUpdate', 'afterStep', 'observe'];

/** Refuses what `attach` gave, where it could not be saved or freed. */
function checkLive(name: string, rule: LiveConstraint): void {
  const live = rule as Partial<Record<keyof LiveConstraint, unknown>> | null | undefined;
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
    `Cannot create a Trainer: attach of the constraint '${name}' must return a LiveConstraint with a Map as state and ` +
      `the functions setState(name, value) and dispose(), got ${formatValue(rule)}`,
  );
}

/** What passes give under a rule, which has to hand it on. */
function passedUnder<T>(name: string, rule: LiveConstraint, pass: () => T): T {
  let given: T | undefined;
  const got: unknown = rule.whilePassing!(() => (given = pass()));
  if (given !== undefined && got === given) return given;
  throw new TypeError(
    `Cannot train: whilePassing of the constraint '${name}' must return what the pass gave, got ${formatValue(got)}. ` +
      'End it in return pass()',
  );
}
