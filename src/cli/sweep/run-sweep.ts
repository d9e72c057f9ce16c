import { messageOf } from '../../core/realms.ts';
import { FolderTakenError } from '../../platforms/node/checkpoints/folder-lock.ts';
import { stopOnInterrupt } from '../../platforms/node/stop-on-interrupt.ts';
import { findData } from '../data/find-data.ts';
import type { Flags } from '../flags.ts';
import type { Output } from '../output.ts';
import { parseShard } from '../shard-flag.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { quoted } from '../training/run-folder.ts';
import { dropBehind } from './drop-behind.ts';
import { readSweep, type Sweep, type SweepRun } from './read-sweep.ts';
import { showSweep } from './show-sweep.ts';
import { trainPart, type Workshop } from './train-part.ts';

interface SweepFlags extends BackendSettings {
  readonly shard: string | undefined;
  readonly status: boolean;
}

/**
 * `npx tfjs-gan sweep FILE`: trains the runs of a list, or a shard of them, and shows all.
 *
 * @param trainFlags - The flags of `train`.
 * @returns 1 if a run ended with an error that may be passing, so that the command can be repeated;
 *   undefined otherwise: a run that diverged is a result.
 */
export async function runSweep(
  {
    operands: [file = ''],
    settings: { shard, status, backend, threads },
    output,
  }: {
    readonly operands: readonly string[];
    readonly settings: SweepFlags;
    readonly output: Output;
  },
  trainFlags: Flags,
): Promise<number | undefined> {
  const sweep = await readSweep(file, trainFlags);
  const { index, count } = parseShard(shard);
  if (status) {
    await showSweep(sweep, output);
    return undefined;
  }
  const own = sweep.runs.filter(({ number }) => number % count === index);
  for (const data of new Set(own.map((run) => run.data))) await findData('sweep', data);
  if (sweep.score.data !== undefined) await findData('sweep', sweep.score.data);
  const workshop: Workshop = {
    backend: await startBackend({ backend, threads }, output),
    backendSettings: { backend, threads },
    score: sweep.score,
    signal: stopOnInterrupt(),
    command: `npx tfjs-gan sweep ${quoted(file)}`,
    output,
  };
  const hasFailed = await trainAll(sweep, own, workshop);
  await showSweep(sweep, output);
  // A signal has set its own exit code.
  return hasFailed && !workshop.signal.aborted ? 1 : undefined;
}

/** All runs to the first step at which they are compared, those that continue to the next, … */
async function trainAll(
  sweep: Sweep,
  own: readonly SweepRun[],
  workshop: Workshop,
): Promise<boolean> {
  const failed = new Set<SweepRun>();
  for (const rung of [...(sweep.halving?.rungs ?? []), undefined]) {
    for (const run of own.filter((one) => !failed.has(one))) {
      if (workshop.signal.aborted) return failed.size > 0;
      if (!(await trainOne(run, rung, sweep, workshop))) failed.add(run);
    }
    // After a signal a run may lack its score: it would be compared without it, for good.
    if (rung !== undefined && !workshop.signal.aborted) await dropBehind(sweep, own, rung);
  }
  return failed.size > 0;
}

/** @returns Whether there was no error; the others of the list are trained in any case. */
async function trainOne(
  run: SweepRun,
  rung: number | undefined,
  { runs }: Sweep,
  workshop: Workshop,
): Promise<boolean> {
  const { output } = workshop;
  const name = `${run.number + 1} of ${runs.length}, ${run.id} (${run.title})`;
  try {
    const outcome = await trainPart(run, rung, workshop);
    if (outcome === undefined) return true;
    const { state, step, scores } = outcome;
    const score = scores.at(-1)?.score ?? undefined;
    output.event({ event: 'outcome', id: run.id, state, step, score });
    const words = score === undefined ? '' : `, score ${score.toPrecision(4)}`;
    output.note(`Run ${name}: ${state} at step ${step}${words}`);
    return true;
  } catch (error) {
    // Another process trains it: a result, not a failure, unless that process is of another machine.
    workshop.output.stderr.write(`Run ${name}: ${messageOf(error)}\n`);
    return error instanceof FolderTakenError && error.isAlive;
  }
}
