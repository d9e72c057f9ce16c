import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../core/checks.ts';
import { isLocked } from '../../platforms/node/checkpoints/folder-lock.ts';
import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import { unlessMissing, writeFileWhole } from '../../platforms/node/write-file.ts';
import { parseCheckpointName } from '../../training/state/checkpoints/checkpoint-name.ts';
import { settingsFile } from '../training/run-folder.ts';

/** How far a run of a sweep is: what its `outcome.json` has. */
export interface RunOutcome {
  /** Paused at a step at which runs are compared; all others are the end of the run. */
  readonly state: 'paused' | 'done' | 'diverged' | 'stopped' | 'dropped';
  readonly step: number;
  /** Distance to real samples after a step; lower is better. */
  readonly scores: readonly {
    readonly step: number;
    /** Null for one that is not finite, as JSON has it. */
    readonly score: number | null;
  }[];
  /** Why it diverged or was stopped. */
  readonly message?: string | undefined;
}

/** How far a run is, as a table shows it. */
export interface RunStatus {
  readonly state: RunOutcome['state'] | 'waiting' | 'begun' | 'training';
  readonly step: number;
  readonly score: number | undefined;
  readonly message?: string | undefined;
}

const fileOf = (folder: string): string => join(folder, 'outcome.json');

/** What a run has written, or undefined if it is at neither a pause nor its end. */
export async function readOutcome(folder: string): Promise<RunOutcome | undefined> {
  const text = await unlessMissing(readFile(fileOf(folder), 'utf8'));
  if (text === undefined) return undefined;
  try {
    const outcome: unknown = JSON.parse(text);
    if (isRecord(outcome) && Array.isArray(outcome['scores'])) return outcome as never;
  } catch {
    // Explained below, like JSON of another kind.
  }
  throw new Error(
    `Cannot sweep: '${fileOf(folder)}' must be the outcome of a run, got a damaged file. Remove it, and the run is judged again`,
  );
}

/** Writes how far a run is. */
export async function writeOutcome(folder: string, outcome: RunOutcome): Promise<void> {
  await writeFileWhole('sweep', fileOf(folder), `${JSON.stringify(outcome, undefined, 2)}\n`);
}

/** Whether nothing is left to do for a run. */
export function isEnded(outcome: RunOutcome | undefined): boolean {
  return outcome !== undefined && outcome.state !== 'paused';
}

/** How far a run is, from its folder. */
export async function statusOf(folder: string): Promise<RunStatus> {
  const outcome = await readOutcome(folder);
  const isTraining = !isEnded(outcome) && (await isLocked(folder));
  if (outcome !== undefined) {
    const { step, scores, message } = outcome;
    const state = isTraining ? 'training' : outcome.state;
    return { state, step, score: scores.at(-1)?.score ?? undefined, message };
  }
  const isBegun = existsSync(join(folder, settingsFile));
  const checkpoints = isBegun ? await directoryStore(folder).list() : [];
  const steps = checkpoints.map((name) => parseCheckpointName(name)?.step ?? 0);
  const state = isTraining ? 'training' : isBegun ? 'begun' : 'waiting';
  return { state, step: Math.max(0, ...steps), score: undefined };
}
