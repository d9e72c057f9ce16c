import { arrayDifferences } from '../../core/named-arrays.ts';
import type { ModelWeight } from '../../models/model-weights.ts';
import type { LiveNetwork } from '../step/live-network.ts';
import { isSlotOf, placeOfSlot } from '../step/turn-penalties.ts';
import { isOptimizerReplaced, type TrainerConfiguration } from './configuration.ts';
import { isOfDroppedPenalty, type TrainedParts, weightsOf } from './trained-state.ts';
import type { TrainerSnapshot } from './trainer-snapshot.ts';

/**
 * Differences in weights and state between a snapshot and a trainer, one line for each.
 *
 * @internal
 */
export interface StateDifferences {
  /** Differences that must be allowed by their own names. */
  readonly named: readonly string[];
  /**
   * State that is dropped or initialized because of a setting; allowed by the name of the setting.
   */
  readonly implied: readonly string[];
}

/** Compares weights and state of a snapshot with those of a trainer. @internal */
export function stateDifferences(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
): StateDifferences {
  const networks = [...trained.networks.values()];
  const parts = networks.flatMap((network) => network.parts);
  const keys = [...parts.map(({ key }) => key), trained.memory.key];
  const dropped = [
    ...Object.keys(snapshot.parts).filter((key) => !keys.includes(key)),
    ...droppedPenalties(snapshot, trained),
  ];
  return {
    named: [
      ...networkNameDifferences(snapshot, trained),
      ...networks.flatMap((network) => networkDifferences(snapshot, configuration, network)),
      ...parts.flatMap(({ key, state }) => arrayDifferences(key, snapshot.parts[key] ?? {}, state)),
    ],
    implied: [
      ...dropped.map((place) => `${place}: was remembered, is none`),
      ...begunPenalties(snapshot, trained).map((place) => `${place}: was none, is there`),
    ],
  };
}

/** Penalties that have slots in the snapshot but not in the trainer. */
function droppedPenalties(
  snapshot: TrainerSnapshot,
  { memory, penaltyPlaces }: TrainedParts,
): readonly string[] {
  const slots = Object.keys(snapshot.parts[memory.key] ?? {});
  const dropped = slots.filter((slot) => isOfDroppedPenalty(slot, penaltyPlaces));
  return [...new Set(dropped.map((slot) => placeOfSlot(slot)!))];
}

/** Penalties of the trainer that have no slots in the snapshot although their turn was played. */
function begunPenalties(
  snapshot: TrainerSnapshot,
  { memory, penaltyPlaces = [] }: TrainedParts,
): readonly string[] {
  if (!Object.values(snapshot.updates).some((count) => count > 0)) return [];
  const slots = Object.keys(snapshot.parts[memory.key] ?? {});
  return penaltyPlaces.filter((place) => !slots.some((slot) => isSlotOf(place, slot)));
}

/** Networks that only one of both has. */
function networkNameDifferences(
  snapshot: TrainerSnapshot,
  { networks }: TrainedParts,
): readonly string[] {
  const was = Object.keys(snapshot.networks).filter((name) => !networks.has(name));
  const is = [...networks.keys()].filter((name) => snapshot.networks[name] === undefined);
  const learning = [...networks].filter(([, { optimizer }]) => optimizer !== undefined);
  const unmoved = learning.filter(([name]) => snapshot.optimizers[name] === undefined);
  return [
    ...was.map((name) => `networks.${name}: was there, is none`),
    ...is.map((name) => `networks.${name}: was none, is there`),
    ...unmoved.map(([name]) => `optimizers.${name}: was none, is there`),
  ];
}

function networkDifferences(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  network: LiveNetwork,
): string[] {
  const was = snapshot.networks[network.name];
  if (was === undefined) return [];
  const weights = arrayDifferences(`${network.name} weight`, was, weightsOf(network));
  return [...weights, ...momentDifferences(snapshot, configuration, network)];
}

function momentDifferences(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  network: LiveNetwork,
): string[] {
  const { name, optimizer, weights } = network;
  if (optimizer === undefined) return [];
  const { slots = {} } = snapshot.optimizers[name] ?? {};
  if (isOptimizerReplaced(name, snapshot.configuration, configuration)) {
    const was = [...new Set(Object.keys(slots).map((key) => key.split('#').at(-1)))];
    const [before, after] = [was, optimizer.slotNames].map((all) => all.join(', ') || 'none');
    return before === 'none' && after === 'none'
      ? []
      : [`${name} moments: was ${before} of the former optimizer, is ${after}, from zero`];
  }
  const keysOf = (some: readonly ModelWeight[]): Set<string> =>
    new Set(some.flatMap((weight) => optimizer.slotKeys(weight)));
  const moving = keysOf(weights.filter((weight) => weight.trainable));
  const resting = keysOf(weights.filter((weight) => !weight.trainable));
  return arrayDifferences(
    `${name} moment`,
    // The optimizer's memory of a frozen weight is kept for later.
    Object.fromEntries(Object.entries(slots).filter(([key]) => !resting.has(key))),
    [...optimizer.slots].filter(([key]) => moving.has(key)),
  );
}
