import { CheckpointError } from '../../core/errors.ts';
import { configurationDifferences, type TrainerConfiguration } from './configuration.ts';
import { checkSnapshotData } from './snapshot-data.ts';
import { stateDifferences } from './state-differences.ts';
import { type Held, holdPart } from './stateful-part.ts';
import { type TrainedParts, writeState } from './trained-state.ts';
import type { TrainerSnapshot } from './trainer-snapshot.ts';

/**
 * Settings of `Trainer.restore`.
 *
 * @example Continue with a lower learning rate
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
   * Names of settings that may differ from the snapshot, such as
   * `'optimizers.generator.learningRate'`, as the error lists them; the trainer's own values are
   * then used. `'ema'` allows all names that begin with that word, followed by a dot, a slash or a
   * space.
   *
   * State that is missing in the snapshot is initialized: an optimizer of another name starts with
   * zeros and its first update, averages and constraints start from the restored weights. State
   * that is no longer used is dropped. A warning lists both.
   *
   * @defaultValue `[]`
   */
  readonly allow?: readonly string[] | undefined;
}

/**
 * Restores a snapshot, or leaves everything unchanged if it does not fit. Warns once of allowed
 * differences: state that was initialized or dropped.
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
    'tfjs-gan: restored what snapshot and trainer share. As allowed, what "was none" is initialized and what ' +
      `"is none" is dropped:${listed(differences)}`,
  );
}

/** Restores as much as possible: what failed before may fail again, and was reported already. */
function revert(part: Held): void {
  try {
    part.revert();
  } catch {
    // The first error is the one that is thrown.
  }
}

/**
 * Refuses a snapshot that does not fit, before anything is changed.
 *
 * @returns The differences of weights and state that are allowed.
 */
function checkSnapshot(
  snapshot: TrainerSnapshot,
  configuration: TrainerConfiguration,
  trained: TrainedParts,
  options: RestoreOptions,
): readonly string[] {
  checkSnapshotData(snapshot);
  const { allow = [] } = options;
  const settings = configurationDifferences(snapshot.configuration, configuration);
  const { named, implied } = stateDifferences(snapshot, configuration, trained);
  const differences = [...settings, ...named].filter(
    (line) => !allow.some((name) => isNamed(line, name)),
  );
  if (differences.length === 0) return [...named, ...implied];
  throw new CheckpointError(
    `Cannot restore: the trainer must be created with the settings of the snapshot, got these differences:` +
      `${listed([...differences, ...implied])}\n` +
      "Name a setting in { allow: [...] } to let it differ; 'ema' allows all names that begin with that word. " +
      'What "was none" is then initialized, and what "is none" is dropped',
    differences,
  );
}

/**
 * Whether a name allows a difference: it equals its name, or begins it up to a dot, a slash or a
 * space.
 */
function isNamed(line: string, name: string): boolean {
  return [':', '.', ' ', '/'].some((end) => line.startsWith(`${name}${end}`));
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, 12).map((line) => `\n  ${line}`);
  return `${shown.join('')}${lines.length > 12 ? `\n  … and ${lines.length - 12} more` : ''}`;
}
