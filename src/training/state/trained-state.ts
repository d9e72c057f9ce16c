import { type NamedArrays, readTensors, toTensor } from '../../core/named-arrays.ts';
import type { LiveOptimizer, OptimizerState } from '../../optimizers/live-optimizer.ts';
import type { LiveNetwork } from '../step/live-network.ts';
import type { StepMemory } from '../step/step-memory.ts';
import { isSlotOf, placeOfSlot } from '../step/turn-penalties.ts';
import { isOptimizerReplaced, type TrainerConfiguration } from './configuration.ts';
import type { StatefulPart } from './stateful-part.ts';
import type { TrainerSnapshot } from './trainer-snapshot.ts';

/** The parts of a snapshot's source. @internal */
export interface TrainedParts {
  readonly networks: ReadonlyMap<string, LiveNetwork>;
  readonly memory: StepMemory;
  /** The places of the penalties' slots; `undefined` if only the turns of the game know them. */
  readonly penaltyPlaces: readonly string[] | undefined;
}

/** Weights, optimizer moments, state of other parts, and random states, as plain data. @internal */
export async function readState({
  networks,
  memory,
}: TrainedParts): Promise<
  Pick<TrainerSnapshot, 'networks' | 'optimizers' | 'random' | 'parts' | 'updates'>
> {
  // Collected before the first read is awaited, so that all of it is from the same step.
  const [random, updates] = [memory.randomStates, Object.fromEntries(memory.updates)];
  const all = [...networks];
  const [weights, optimizers, parts] = await Promise.all([
    named(all.map(([name, network]) => [name, readTensors(weightsOf(network))])),
    named(
      all.flatMap(([name, { optimizer }]) =>
        optimizer === undefined ? [] : [[name, readOptimizer(optimizer)]],
      ),
    ),
    named(partsOf(networks, memory).map(({ key, state }) => [key, readTensors(state)])),
  ]);
  return {
    networks: weights as TrainerSnapshot['networks'],
    optimizers: optimizers as TrainerSnapshot['optimizers'],
    random,
    updates,
    parts,
  };
}

/** Objects with tensors besides weights and optimizers; empty ones are left out of snapshots. */
function partsOf(
  networks: ReadonlyMap<string, LiveNetwork>,
  memory: StepMemory,
): readonly StatefulPart[] {
  const own = [...networks.values()].flatMap((network) => network.parts);
  return memory.state.size > 0 ? [...own, memory] : own;
}

async function named<T>(
  entries: readonly (readonly [name: string, value: Promise<T>])[],
): Promise<Readonly<Record<string, T>>> {
  const all = entries.map(async ([name, value]) => [name, await value] as const);
  return Object.fromEntries(await Promise.all(all));
}

async function readOptimizer(optimizer: LiveOptimizer): Promise<OptimizerState> {
  const { step, slots, missed, former } = optimizer;
  return {
    step,
    ...(Object.keys(missed).length > 0 && { missed }),
    ...(former > 0 && { former }),
    slots: await readTensors(slots),
  };
}

/** Restores the parts of a snapshot that fit; initializes the others. @internal */
export function writeState(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
): void {
  for (const network of trained.networks.values()) {
    const arrays = snapshot.networks[network.name] ?? {};
    for (const weight of network.weights) {
      withTensor(arrays, weight.key, weight.read().shape, (tensor) => {
        weight.restore(tensor);
      });
    }
    const { name, optimizer, weights } = network;
    const was = snapshot.optimizers[name];
    if (optimizer !== undefined && was !== undefined) {
      const moving = weights.filter((weight) => weight.trainable);
      if (isOptimizerReplaced(name, snapshot.configuration, configuration))
        optimizer.replace(was, moving);
      else optimizer.restore(was, weights, moving);
    }
    for (const part of network.parts) {
      for (const [tensorName, { shape }] of [...part.state]) {
        const isThere = withTensor(snapshot.parts[part.key] ?? {}, tensorName, shape, (tensor) => {
          part.setState(tensorName, tensor);
        });
        if (!isThere) part.removeState?.(tensorName);
      }
    }
    network.ema?.begin();
  }
  writeMemory(snapshot, trained);
}

/**
 * Slots are created at first use, so all of the snapshot's are restored, except those of removed
 * penalties.
 */
function writeMemory(snapshot: TrainerSnapshot, { memory, penaltyPlaces }: TrainedParts): void {
  for (const name of [...memory.state.keys()]) memory.removeState(name);
  for (const [name, array] of Object.entries(snapshot.parts[memory.key] ?? {})) {
    if (isOfDroppedPenalty(name, penaltyPlaces)) continue;
    const tensor = toTensor(array);
    memory.setState(name, tensor);
    tensor.dispose();
  }
  memory.randomStates = snapshot.random;
  memory.updates.clear();
  for (const [turn, count] of Object.entries(snapshot.updates)) memory.updates.set(turn, count);
}

/** Whether a slot belongs to a penalty that is not at one of these places. @internal */
export function isOfDroppedPenalty(slot: string, places: readonly string[] | undefined): boolean {
  if (places === undefined || placeOfSlot(slot) === undefined) return false;
  return !places.some((place) => isSlotOf(place, slot));
}

/** @returns Whether there is an array with that name and shape. */
function withTensor(
  arrays: NamedArrays,
  name: string,
  shape: readonly number[],
  use: (tensor: ReturnType<typeof toTensor>) => void,
): boolean {
  const array = arrays[name];
  if (array === undefined || String(array.shape) !== String(shape)) return false;
  const tensor = toTensor(array);
  try {
    use(tensor);
  } finally {
    tensor.dispose();
  }
  return true;
}

/** The weights of a network as named tensors. @internal */
export function weightsOf(network: LiveNetwork): [string, ReturnType<typeof toTensor>][] {
  return network.weights.map((weight) => [weight.key, weight.read()]);
}
