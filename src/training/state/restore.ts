import { CheckpointError } from '../../core/errors.ts';
import {
  arrayDifferences,
  type NamedArrays,
  readTensors,
  toTensor,
} from '../../core/named-arrays.ts';
import { configurationDifferences, type TrainerConfiguration } from './configuration.ts';
import type { ModelWeight } from '../../models/model-weights.ts';
import type { LiveNetwork } from '../step/live-network.ts';
import { checkSnapshotData } from './snapshot-data.ts';
import { type Held, holdPart, type StatefulPart } from './stateful-part.ts';
import type { OptimizerSnapshot, TrainerSnapshot } from './trainer-snapshot.ts';
import type { LiveOptimizer } from '../../optimizers/live-optimizer.ts';
import type { StepMemory } from '../step/step-memory.ts';

/**
 * Settings of `Trainer.restore`.
 *
 * @example Go on with a lower learning rate
 * ```ts
 * const snapshot = await createMlpGan({ sampleShape: [2] }).trainer.snapshot();
 * const optimizers = { generator: adam({ learningRate: 1e-4 }) };
 * const { trainer } = createMlpGan({ sampleShape: [2], optimizers });
 * const options: RestoreOptions = { allow: ['optimizers.generator.learningRate'] };
 * await trainer.restore(snapshot, options);
 * ```
 */
export interface RestoreOptions {
  /**
   * Names of what may differ from the snapshot, such as `'optimizers.generator.learningRate'`, as the error lists them;
   * what the trainer was made with then counts. `'ema'` allows all that begins with that word, up to a dot, a
   * stroke or a space.
   *
   * Memory that the snapshot does not hold begins anew: an optimizer of another name with zeros and its first update,
   * averages and constraints at the restored weights. Memory that nothing uses any more is dropped. A warning lists both.
   *
   * @defaultValue `[]`
   */
  readonly allow?: readonly string[] | undefined;
}

/** What a snapshot is taken of. @internal */
export interface TrainedParts {
  readonly networks: ReadonlyMap<string, LiveNetwork>;
  readonly memory: StepMemory;
}

/** Weights, moments, what other parts hold, and random states as plain data. @internal */
export async function readState({
  networks,
  memory,
}: TrainedParts): Promise<
  Pick<TrainerSnapshot, 'networks' | 'optimizers' | 'random' | 'parts' | 'updates'>
> {
  // Taken before the first read is awaited, so that all of it is of one moment.
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
    ...{ random, updates, parts },
  };
}

/** What has tensors beside weights and optimizers; those that hold none now are left out of snapshots. */
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

/**
 * Goes to where a snapshot was taken, or, if it does not fit, leaves everything as it is. Says once what of the memory
 * began anew or was dropped, as far as that was allowed.
 *
 * @throws CheckpointError if something differs that is not allowed to.
 *
 * @internal
 */
export function restoreState(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
  options: RestoreOptions,
): void {
  const differences = checkSnapshot(snapshot, configuration, trained, options);
  const held = [...trained.networks.values()].map((network) => network.hold());
  held.push(holdPart(trained.memory));
  try {
    writeState(snapshot, configuration, trained);
  } catch (error) {
    for (const part of held) revert(part);
    throw error;
  } finally {
    for (const part of held) part.release();
  }
  if (differences.length === 0) return;
  console.warn(
    'tfjs-gan: restored what snapshot and trainer share. As was allowed, what "was none" begins anew and what ' +
      `"is none" is dropped:${listed(differences)}`,
  );
}

/** Goes back as far as it can: what failed before may fail here again, and was reported already. */
function revert(part: Held): void {
  try {
    part.revert();
  } catch {
    // The error that is thrown is the first one.
  }
}

/**
 * Refuses a snapshot that does not fit, before anything is changed.
 *
 * @returns What of weights and memory does not fit but may.
 */
function checkSnapshot(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
  options: RestoreOptions,
): string[] {
  checkSnapshotData(snapshot);
  const { allow = [] } = options;
  const settings = configurationDifferences(snapshot.configuration, configuration);
  const parts = [...trained.networks.values()].flatMap((network) => network.parts);
  const memory = [
    ...networkNameDifferences(snapshot, trained),
    ...[...trained.networks.values()].flatMap((network) =>
      networkDifferences(snapshot, configuration, network),
    ),
    ...parts.flatMap(({ key, state }) => arrayDifferences(key, snapshot.parts[key] ?? {}, state)),
  ];
  const keys = [...parts.map(({ key }) => key), trained.memory.key];
  // The configuration names such a part: to leave it out is allowed with its settings.
  const dropped = [
    ...Object.keys(snapshot.parts).filter((key) => !keys.includes(key)),
    ...droppedPenalties(snapshot, configuration, trained),
  ].map((key) => `${key}: was remembered, is none`);
  const begun = begunPenalties(snapshot, configuration);
  const differences = [...settings, ...memory].filter(
    (line) => !allow.some((name) => isNamed(line, name)),
  );
  if (differences.length === 0) return [...memory, ...dropped, ...begun];
  throw new CheckpointError(
    `Cannot restore: the trainer must be made with the settings of the snapshot, got these differences:` +
      `${listed([...differences, ...dropped, ...begun])}\n` +
      "Name a setting in { allow: [...] } to let it differ; 'ema' allows all that begins with that word. " +
      'What "was none" then begins anew, and what "is none" is dropped',
    differences,
  );
}

/** Whether a difference is allowed by a name: its own, or the beginning of its own up to a dot, a stroke or a space. */
function isNamed(line: string, name: string): boolean {
  return [':', '.', ' ', '/'].some((end) => line.startsWith(`${name}${end}`));
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, 12).map((line) => `\n  ${line}`);
  return `${shown.join('')}${lines.length > 12 ? `\n  … and ${lines.length - 12} more` : ''}`;
}

/** Puts all of it in place that fits; the rest begins anew. */
function writeState(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  { networks, memory }: TrainedParts,
): void {
  for (const network of networks.values()) {
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
      if (isReplaced(snapshot, configuration, network)) optimizer.replace(was, moving);
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
  writeMemory(snapshot, configuration, memory);
}

/** Slots are made as they are first used, so all of the snapshot's are taken over, but those of penalties that are gone. */
function writeMemory(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  memory: StepMemory,
): void {
  const gone = droppedPenalties(snapshot, configuration, { memory });
  const arrays = snapshot.parts[memory.key] ?? {};
  for (const name of [...memory.state.keys()]) memory.removeState(name);
  for (const [name, array] of Object.entries(arrays)) {
    if (gone.some((place) => name.startsWith(`${place}/`))) continue;
    const tensor = toTensor(array);
    memory.setState(name, tensor);
    tensor.dispose();
  }
  memory.randomStates = snapshot.random;
  memory.updates.clear();
  for (const [turn, count] of Object.entries(snapshot.updates)) memory.updates.set(turn, count);
}

/** Penalties with slots that the snapshot's configuration has and the trainer's has not: `penalties/turn/network/name`. */
function droppedPenalties(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  { memory }: Pick<TrainedParts, 'memory'>,
): readonly string[] {
  const places = Object.keys(snapshot.parts[memory.key] ?? {}).flatMap((key) => {
    const place = /^penalties\/[^/]+\/[^/]+\/([^/]+)/.exec(key);
    return place === null ? [] : [place];
  });
  const gone = places.filter(([, name]) => {
    const setting = `penalties.${name}.weight`;
    return setting in snapshot.configuration && (configuration[setting] ?? 0) === 0;
  });
  return [...new Set(gone.map(([place]) => place))];
}

/** Penalties that the snapshot's configuration has not: if they have slots, these begin anew. */
function begunPenalties(
  { configuration: was }: TrainerSnapshot,
  is: TrainerConfiguration,
): readonly string[] {
  const names = Object.keys(is).flatMap(
    (key) => /^penalties\.([^.]+)\.weight$/.exec(key)?.[1] ?? [],
  );
  return names
    .filter((name) => was[`penalties.${name}.weight`] === undefined)
    .map((name) => `penalties/${name}: was none, is there`);
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

/** Whether the snapshot's optimizer is another one, so that its memory means something else. */
function isReplaced(
  { configuration: was }: TrainerSnapshot,
  is: TrainerConfiguration,
  { name }: LiveNetwork,
): boolean {
  const setting = `optimizers.${name}.name`;
  return was[setting] !== is[setting];
}

/** @returns Whether there was an array of that name and shape. */
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

async function readOptimizer(optimizer: LiveOptimizer): Promise<OptimizerSnapshot> {
  const { step, slots, missed, former } = optimizer;
  return {
    ...{ step, ...(Object.keys(missed).length > 0 && { missed }), ...(former > 0 && { former }) },
    slots: await readTensors(slots),
  };
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
  if (isReplaced(snapshot, configuration, network)) {
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
    // What it remembers of a frozen weight is kept for later.
    Object.fromEntries(Object.entries(slots).filter(([key]) => !resting.has(key))),
    [...optimizer.slots].filter(([key]) => moving.has(key)),
  );
}

function weightsOf(network: LiveNetwork): [string, ReturnType<typeof toTensor>][] {
  return network.weights.map((weight) => [weight.key, weight.read()]);
}
