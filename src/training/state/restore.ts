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
    `Cannot restore: the trainer must be made with the settings of the snapshot, got these differences:` +
      `${listed([...differences, ...implied])}\n` +
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
