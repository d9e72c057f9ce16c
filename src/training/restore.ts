import { CheckpointError } from '../core/errors.ts';
import { arrayDifferences, type NamedArrays, readTensors, toTensor } from '../core/named-arrays.ts';
import type { Random } from '../core/random.ts';
import { configurationDifferences, type TrainerConfiguration } from './configuration.ts';
import type { ModelWeight } from '../models/model-weights.ts';
import type { LiveNetwork } from './live-network.ts';
import { checkSnapshotData } from './snapshot-data.ts';
import { type Held, holdPart, type StatefulPart } from './stateful-part.ts';
import type { OptimizerSnapshot, TrainerSnapshot } from './trainer-snapshot.ts';
import type { NetworkEma } from './ema.ts';

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
   * what the trainer was made with then counts. `'ema'` allows all that begins with that word, up to a dot or a
   * space.
   *
   * Memory that the snapshot does not hold begins anew: an optimizer of another name with zeros and its first update,
   * averages and constraints at the restored weights. Memory that nothing uses any more is dropped. A warning lists both.
   *
   * @defaultValue `[]`
   */
  readonly allow?: readonly string[] | undefined;
}

/** What {@link readState} reads. @internal */
export interface TrainedParts {
  readonly networks: Readonly<Record<'generator' | 'discriminator', LiveNetwork>>;
  readonly random: Readonly<Record<'latents' | 'layers' | 'penalties', Random>>;
  readonly parts: readonly StatefulPart[];
}

/** What {@link restoreState} writes. @internal */
export interface RestoredParts extends TrainedParts {
  /** One of the parts, whose averages begin at the restored weights. */
  readonly average: NetworkEma | undefined;
}

/** Weights, moments, what other parts remember, and random states as plain data. @internal */
export async function readState(
  trained: TrainedParts,
): Promise<Pick<TrainerSnapshot, 'networks' | 'optimizers' | 'random' | 'parts'>> {
  const { generator, discriminator } = trained.networks;
  const { latents, layers, penalties } = trained.random;
  // Taken before the first read is awaited, so that all of it is of one moment.
  const random = { latents: latents.state, layers: layers.state, penalties: penalties.state };
  const remembered = trained.parts.map(
    async ({ key, state }) => [key, await readTensors(state)] as const,
  );
  const [generatorWeights, discriminatorWeights, generatorOptimizer, discriminatorOptimizer] =
    await Promise.all([
      readTensors(weightsOf(generator)),
      readTensors(weightsOf(discriminator)),
      readOptimizer(generator),
      readOptimizer(discriminator),
    ]);
  return {
    random,
    parts: Object.fromEntries(await Promise.all(remembered)),
    networks: { generator: generatorWeights, discriminator: discriminatorWeights },
    optimizers: { generator: generatorOptimizer, discriminator: discriminatorOptimizer },
  };
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
  trained: RestoredParts,
  options: RestoreOptions,
): void {
  const memory = checkSnapshot(snapshot, configuration, trained, options);
  const held = [...Object.values(trained.networks).map((network) => network.hold())];
  if (trained.average !== undefined) held.push(holdPart(trained.average));
  try {
    writeState(snapshot, configuration, trained);
  } catch (error) {
    for (const part of held) revert(part);
    throw error;
  } finally {
    for (const part of held) part.release();
  }
  if (memory.length === 0) return;
  console.warn(
    'tfjs-gan: restored what snapshot and trainer share. As was allowed, what "was none" begins anew and what ' +
      `"is none" is dropped:${listed(memory)}`,
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
  trained: RestoredParts,
  options: RestoreOptions,
): string[] {
  checkSnapshotData(snapshot);
  const { allow = [] } = options;
  const { networks, parts } = trained;
  const settings = configurationDifferences(snapshot.configuration, configuration);
  const memory = [
    ...networkDifferences(snapshot, configuration, networks.generator),
    ...networkDifferences(snapshot, configuration, networks.discriminator),
    ...parts.flatMap(({ key, state }) => arrayDifferences(key, snapshot.parts[key] ?? {}, state)),
  ];
  const keys = parts.map(({ key }) => key);
  // The configuration names such a part: to leave it out is allowed with its settings.
  const dropped = Object.keys(snapshot.parts)
    .filter((key) => !keys.includes(key))
    .map((key) => `${key}: was remembered, is none`);
  const differences = [...settings, ...memory].filter(
    (line) => !allow.some((name) => isNamed(line, name)),
  );
  if (differences.length === 0) return [...memory, ...dropped];
  throw new CheckpointError(
    `Cannot restore: the trainer must be made with the settings of the snapshot, got these differences:` +
      `${listed([...differences, ...dropped])}\n` +
      "Name a setting in { allow: [...] } to let it differ; 'ema' allows all that begins with that word. " +
      'What "was none" then begins anew, and what "is none" is dropped',
    differences,
  );
}

/** Whether a difference is allowed by a name: its own, or the beginning of its own up to a dot or a space. */
function isNamed(line: string, name: string): boolean {
  return [':', '.', ' '].some((end) => line.startsWith(`${name}${end}`));
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, 12).map((line) => `\n  ${line}`);
  return `${shown.join('')}${lines.length > 12 ? `\n  … and ${lines.length - 12} more` : ''}`;
}

/** Puts all of it in place that fits; the rest begins anew. */
function writeState(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: RestoredParts,
): void {
  const { networks, random, parts } = trained;
  for (const network of [networks.generator, networks.discriminator]) {
    const arrays = snapshot.networks[network.name];
    for (const weight of network.weights) {
      withTensor(arrays, weight.key, weight.read().shape, (tensor) => {
        weight.restore(tensor);
      });
    }
    const { optimizer, weights } = network;
    const moving = weights.filter((weight) => weight.trainable);
    const was = snapshot.optimizers[network.name];
    if (isReplaced(snapshot, configuration, network)) optimizer.replace(was, moving);
    else optimizer.restore(was, weights, moving);
  }
  for (const part of parts) {
    for (const [name, { shape }] of [...part.state]) {
      const isThere = withTensor(snapshot.parts[part.key] ?? {}, name, shape, (tensor) => {
        part.setState(name, tensor);
      });
      if (!isThere) part.removeState?.(name);
    }
  }
  trained.average?.begin();
  networks.generator.beginPenalties();
  networks.discriminator.beginPenalties();
  random.latents.state = snapshot.random.latents;
  random.layers.state = snapshot.random.layers;
  random.penalties.state = snapshot.random.penalties;
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

async function readOptimizer(network: LiveNetwork): Promise<OptimizerSnapshot> {
  const { step, slots, missed, former } = network.optimizer;
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
  const weights = arrayDifferences(
    `${network.name} weight`,
    snapshot.networks[network.name],
    weightsOf(network),
  );
  return [...weights, ...momentDifferences(snapshot, configuration, network)];
}

function momentDifferences(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  network: LiveNetwork,
): string[] {
  const { name, optimizer, weights } = network;
  const { slots } = snapshot.optimizers[name];
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
