import * as tf from '@tensorflow/tfjs';
import { checkTensors } from '../../core/check-tensors.ts';
import { uniqueNames } from '../../core/unique-part-names.ts';
import type { PenalizedWeight, Penalty } from '../../losses/penalties/penalty.ts';
import type { StepMemory } from './step-memory.ts';
import type { LearnedWeight } from './live-network.ts';

/** A penalty of a turn, and the place of its slots. */
interface LivePenalty {
  readonly penalty: Penalty;
  /** Prefix of the names of its slots. */
  readonly place: string;
}

/** The weights of an update. @internal */
export interface PenalizedUpdate {
  readonly weights: readonly LearnedWeight[];
  /** Number of the update over the trainer's life, from 1. */
  readonly update: number;
}

/**
 * The penalties of one turn and their slots for each weight.
 *
 * A penalty is added when a pass first uses it. If two have the same name, the second is `name_2`.
 *
 * @internal
 */
export class TurnPenalties {
  readonly #turn: string;
  readonly #memory: StepMemory;
  /** By penalty and the network that it runs. */
  readonly #live = new Map<Penalty, Map<string, LivePenalty>>();

  constructor(turn: string, memory: StepMemory) {
    this.#turn = turn;
    this.#memory = memory;
  }

  /** The names of the penalties. */
  get names(): readonly string[] {
    return [...this.#live.keys()].map(({ name }) => name);
  }

  /** What the names of a penalty's slots begin with. */
  place(penalty: Penalty, network: string): string {
    return this.#find(penalty, network).place;
  }

  /**
   * The weights with the slots of a penalty. A missing slot, because the weight was frozen or the
   * penalty starts late, is initialized as if the weight had always had its current value.
   */
  weights(penalty: Penalty, network: string, of: PenalizedUpdate): readonly PenalizedWeight[] {
    const live = this.#find(penalty, network);
    return of.weights.map((weight) => {
      const [first] = penalty.slots ?? [];
      if (first !== undefined && !this.#memory.state.has(slotName(live, weight, first))) {
        const zeros = tf.zeros(weight.value.shape);
        for (const slot of penalty.slots ?? []) {
          this.#memory.setState(slotName(live, weight, slot), zeros);
        }
        zeros.dispose();
        if (of.update > 1) this.#update(live, weight, 1);
      }
      return this.#penalized(live, weight);
    });
  }

  /**
   * Lets the penalties of an update change their slots afterwards.
   *
   * @param used - The penalties, each with the network that it ran.
   * @param after - Reads the weights after the update.
   */
  updateSlots(used: readonly (readonly [Penalty, string])[], after: () => PenalizedUpdate): void {
    const remembering = used.filter(([{ slots = [] }]) => slots.length > 0);
    if (remembering.length === 0) return;
    const { weights, update } = after();
    for (const [penalty, network] of remembering) {
      const live = this.#find(penalty, network);
      for (const weight of weights) this.#update(live, weight, update);
    }
  }

  #find(penalty: Penalty, network: string): LivePenalty {
    const known = this.#live.get(penalty)?.get(network);
    if (known !== undefined) return known;
    const before = [...this.#live].flatMap(([other, places]) =>
      places.has(network) ? [other] : [],
    );
    const place = slotPlaces(this.#turn, network, [...before, penalty]).at(-1)!;
    const live = { penalty, place };
    const places = this.#live.get(penalty) ?? new Map<string, LivePenalty>();
    this.#live.set(penalty, places.set(network, live));
    return live;
  }

  #penalized(live: LivePenalty, weight: LearnedWeight): PenalizedWeight {
    const slots = (live.penalty.slots ?? []).map((slot) =>
      this.#memory.state.get(slotName(live, weight, slot))!,
    );
    return { ...weight, slots };
  }

  #update(live: LivePenalty, weight: LearnedWeight, update: number): void {
    const { penalty } = live;
    const names = penalty.slots ?? [];
    tf.tidy(() => {
      const next = penalty.updateSlots!(this.#penalized(live, weight), update);
      const from = `updateSlots of the penalty '${penalty.name}'`;
      const shapes = names.map(() => weight.value.shape);
      checkTensors(from, 'slots', next, shapes).forEach((slot, i) => {
        this.#memory.setState(slotName(live, weight, names[i]!), slot);
      });
    });
  }
}

/**
 * The places of the slots of the penalties that a turn uses on one network, in that order:
 * `penalties/turn/network/name`.
 *
 * @internal
 */
export function slotPlaces(
  turn: string,
  network: string,
  penalties: readonly Penalty[],
): readonly string[] {
  return uniqueNames(penalties).map(([name]) => `penalties/${turn}/${network}/${name}`);
}

/** Whether a slot belongs to the penalty at this place. @internal */
export function isSlotOf(place: string, slot: string): boolean {
  return slot.startsWith(`${place}/`);
}

/** The place of a penalty's slot; `undefined` if the slot belongs to no penalty. @internal */
export function placeOfSlot(slot: string): string | undefined {
  const parts = slot.split('/');
  return parts[0] === 'penalties' && parts.length > 4 ? parts.slice(0, 4).join('/') : undefined;
}

function slotName({ place }: LivePenalty, { key }: LearnedWeight, slot: string): string {
  return `${place}/${key}#${slot}`;
}
