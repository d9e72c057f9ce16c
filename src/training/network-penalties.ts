import * as tf from '@tensorflow/tfjs';
import { checkTensors } from '../core/check-tensors.ts';
import type { PenalizedWeight, Penalty, PenaltyContext } from '../losses/penalties/penalty.ts';
import { checkTerm, type LossTerm } from './loss-term.ts';
import type { StatefulPart } from './stateful-part.ts';

/** What every penalty of a network sees alike. @internal */
export type PenaltyView = Omit<PenaltyContext, 'weights' | 'update'>;

/** A weight as it is learned: before any constraint divides it for a pass. @internal */
export type LearnedWeight = Omit<PenalizedWeight, 'slots'>;

/** What an update of a network is about. @internal */
export interface PenalizedUpdate {
  /** The network's trainable weights. */
  readonly weights: readonly LearnedWeight[];
  /** Number of the update over the trainer's life, from 1. */
  readonly update: number;
}

/** A penalty and what it remembers. */
interface LivePenalty {
  readonly name: string;
  readonly penalty: Penalty;
  /** By `weight#slot`. */
  readonly slots: Map<string, tf.Tensor>;
}

/**
 * The penalties of one network at work: which are due, how strong they are, and what they remember.
 *
 * @internal
 */
export class NetworkPenalties {
  readonly #live: readonly LivePenalty[];

  /**
   * @param network - Whose loss they are added to.
   * @param penalties - Every penalty of the trainer, by name; those for the other network, and those of weight 0, are
   * left out.
   * @param weights - The network's trainable weights.
   */
  constructor(
    network: 'generator' | 'discriminator',
    penalties: readonly (readonly [name: string, penalty: Penalty])[],
    weights: readonly LearnedWeight[],
  ) {
    this.#live = penalties
      .filter(([, { target, weight }]) => target === network && weight > 0)
      .map(([name, penalty]) => ({ name, penalty, slots: emptySlots(penalty, weights) }));
  }

  /** What they are called. */
  get names(): readonly string[] {
    return this.#live.map(({ name }) => name);
  }

  /** What a snapshot has to hold of them. */
  get parts(): readonly StatefulPart[] {
    return this.#live
      .filter(({ slots }) => slots.size > 0)
      .map(({ name, slots }) => ({
        key: `penalties/${name}`,
        state: slots,
        setState: (slot: string, value: tf.Tensor): void => {
          replace(slots, slot, value);
        },
        removeState: (slot: string): void => {
          slots.get(slot)?.dispose();
          slots.delete(slot);
        },
      }));
  }

  /**
   * Fills the slots of weights that have none, as their layer was frozen or the penalty begins late: as if they had stood
   * where they stand now before.
   */
  begin({ weights, update }: PenalizedUpdate): void {
    for (const live of this.#live) {
      for (const weight of weights) {
        const name = live.penalty.slots?.[0];
        if (name === undefined || live.slots.has(`${weight.key}#${name}`)) continue;
        for (const [slot, empty] of emptySlots(live.penalty, [weight])) live.slots.set(slot, empty);
        if (update > 1) updateSlotsOf(live, weight, 1);
      }
    }
  }

  /**
   * The terms that are due in this step, weighted.
   *
   * @param view - What the penalties look at.
   * @param network - The network's trainable weights, and the number of the update that is under way.
   * @returns The terms; the caller disposes them.
   */
  terms(view: PenaltyView, network: PenalizedUpdate): readonly LossTerm[] {
    return this.#live
      .filter(({ penalty }) => view.step % (penalty.every ?? 1) === 0)
      .map((live) => {
        const { name, penalty } = live;
        const weights = network.weights.map((weight) => penalized(live, weight));
        const context = { ...view, weights, update: network.update };
        const term = checkTerm(`the penalty '${name}'`, penalty.compute(context));
        const factor = penalty.weight * (penalty.every ?? 1);
        return { name, value: factor === 1 ? term : tf.mul(term, factor).asScalar() };
      });
  }

  /**
   * Lets penalties with slots remember the weights after an update.
   *
   * @param network - The network's trainable weights, and the number of the update that was made.
   */
  updateSlots({ weights, update }: PenalizedUpdate): void {
    for (const live of this.#live) {
      if ((live.penalty.slots ?? []).length === 0) continue;
      for (const weight of weights) updateSlotsOf(live, weight, update);
    }
  }

  dispose(): void {
    for (const { slots } of this.#live) {
      for (const slot of slots.values()) slot.dispose();
      slots.clear();
    }
  }
}

function updateSlotsOf(live: LivePenalty, weight: LearnedWeight, update: number): void {
  const { penalty, slots } = live;
  const names = penalty.slots ?? [];
  tf.tidy(() => {
    const next = penalty.updateSlots!(penalized(live, weight), update);
    const from = `updateSlots of the penalty '${live.name}'`;
    const shapes = names.map(() => weight.value.shape);
    checkTensors(from, 'slots', next, shapes).forEach((slot, i) => {
      replace(slots, `${weight.key}#${names[i]!}`, slot);
    });
  });
}

function penalized({ penalty, slots }: LivePenalty, weight: LearnedWeight): PenalizedWeight {
  const own = (penalty.slots ?? []).map((slot) => slots.get(`${weight.key}#${slot}`)!);
  return { ...weight, slots: own };
}

function emptySlots(penalty: Penalty, weights: readonly LearnedWeight[]): Map<string, tf.Tensor> {
  const slots = new Map<string, tf.Tensor>();
  for (const weight of weights) {
    for (const slot of penalty.slots ?? []) {
      slots.set(`${weight.key}#${slot}`, tf.keep(tf.zeros(weight.value.shape)));
    }
  }
  return slots;
}

function replace(slots: Map<string, tf.Tensor>, key: string, value: tf.Tensor): void {
  const held = slots.get(key);
  slots.set(key, tf.keep(value.clone()));
  held?.dispose();
}
