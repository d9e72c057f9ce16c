import type * as tf from '@tensorflow/tfjs';
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
        (inner, [, rule]) =>
          rule.whilePassing === undefined ? inner : () => rule.whilePassing!(inner),
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
    const seen = this.#live.flatMap(([name, rule]) =>
      Object.entries(rule.observe?.() ?? {}).map(([key, value]) => [`${name}/${key}`, value]),
    );
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
