import { CheckpointError } from '../core/errors.ts';
import { arrayDifferences, type NamedArrays, readTensors, toTensor } from '../core/named-arrays.ts';
import type { Random } from '../core/random.ts';
import { configurationDifferences, type TrainerConfiguration } from './configuration.ts';
import type { LearningPlayer } from './learning-player.ts';
import { checkSnapshotData } from './snapshot-data.ts';
import type { StatefulPart } from './stateful-part.ts';
import type { OptimizerSnapshot, TrainerSnapshot } from './trainer-snapshot.ts';

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
   * Names of settings that may differ from the snapshot's, such as `'optimizers.generator.learningRate'`; what the
   * trainer was made with then counts.
   *
   * @defaultValue `[]`
   */
  readonly allow?: readonly string[] | undefined;
}

/** What {@link readState} reads and {@link writeState} writes. @internal */
export interface TrainedParts {
  readonly players: Readonly<Record<'generator' | 'discriminator', LearningPlayer>>;
  readonly random: Readonly<Record<'latents' | 'layers' | 'penalties', Random>>;
  readonly parts: readonly StatefulPart[];
}

/** Weights, moments, what other parts remember, and random states as plain data. @internal */
export async function readState(
  trained: TrainedParts,
): Promise<Pick<TrainerSnapshot, 'players' | 'optimizers' | 'random' | 'parts'>> {
  const { generator, discriminator } = trained.players;
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
    players: { generator: generatorWeights, discriminator: discriminatorWeights },
    optimizers: { generator: generatorOptimizer, discriminator: discriminatorOptimizer },
  };
}

/** Refuses a snapshot that does not fit, before anything is changed. @internal */
export function checkSnapshot(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
  options: RestoreOptions,
): void {
  checkSnapshotData(snapshot);
  const { allow = [] } = options;
  const { players, parts } = trained;
  const differences = [
    ...configurationDifferences(snapshot.configuration, configuration).filter(
      (line) => !allow.some((name) => line.startsWith(`${name}: `)),
    ),
    ...playerDifferences(snapshot, players.generator),
    ...playerDifferences(snapshot, players.discriminator),
    // What only the snapshot has belongs to a part that the configuration names: to leave it out can be allowed.
    ...parts.flatMap(({ key, state }) => arrayDifferences(key, snapshot.parts[key] ?? {}, state)),
  ];
  if (differences.length === 0) return;
  const shown = differences.slice(0, 12).map((line) => `\n  ${line}`);
  const more = differences.length > 12 ? `\n  … and ${differences.length - 12} more` : '';
  throw new CheckpointError(
    `Cannot restore: the trainer must be made with the settings of the snapshot, got these differences:` +
      `${shown.join('')}${more}\nName a setting in { allow: [...] } to let it differ`,
    differences,
  );
}

/** Puts all of it in place; call {@link checkSnapshot} first. @internal */
export function writeState(snapshot: TrainerSnapshot, trained: TrainedParts): void {
  const { players, random, parts } = trained;
  for (const player of [players.generator, players.discriminator]) {
    const arrays = snapshot.players[player.name];
    for (const weight of player.weights) {
      withTensor(arrays, weight.key, (tensor) => {
        weight.restore(tensor);
      });
    }
    const { step, slots } = snapshot.optimizers[player.name];
    player.optimizer.step = step;
    for (const key of player.optimizer.slots.keys()) {
      withTensor(slots, key, (tensor) => {
        player.optimizer.setSlot(key, tensor);
      });
    }
  }
  for (const part of parts) {
    for (const name of [...part.state.keys()]) {
      withTensor(snapshot.parts[part.key] ?? {}, name, (tensor) => {
        part.setState(name, tensor);
      });
    }
  }
  random.latents.state = snapshot.random.latents;
  random.layers.state = snapshot.random.layers;
  random.penalties.state = snapshot.random.penalties;
}

function withTensor(
  arrays: NamedArrays,
  name: string,
  use: (tensor: ReturnType<typeof toTensor>) => void,
): void {
  const array = arrays[name];
  if (array === undefined) return;
  const tensor = toTensor(array);
  use(tensor);
  tensor.dispose();
}

async function readOptimizer(player: LearningPlayer): Promise<OptimizerSnapshot> {
  const { step, slots } = player.optimizer;
  return { step, slots: await readTensors(slots) };
}

function playerDifferences(snapshot: TrainerSnapshot, player: LearningPlayer): string[] {
  const { name } = player;
  return [
    ...arrayDifferences(`${name} weight`, snapshot.players[name], weightsOf(player)),
    ...arrayDifferences(`${name} moment`, snapshot.optimizers[name].slots, player.optimizer.slots),
  ];
}

function weightsOf(player: LearningPlayer): [string, ReturnType<typeof toTensor>][] {
  return player.weights.map((weight) => [weight.key, weight.read()]);
}
