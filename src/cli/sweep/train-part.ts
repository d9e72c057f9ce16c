import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendReport } from '../../backends/backend-report.ts';
import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import { fileHandler } from '../../platforms/node/file-handler.ts';
import { writeReport } from '../../platforms/node/report/write-report.ts';
import { makeFolder, writeFileWhole } from '../../platforms/node/write-file.ts';
import { findData } from '../data/find-data.ts';
import { judgeModel, type JudgeSettings, type Judgment } from '../models/evaluate-model.ts';
import type { Output } from '../output.ts';
import type { BackendSettings } from '../start-backend.ts';
import type { BuiltRun } from '../training/build-run.ts';
import { type FitOutcome, trainRun } from '../training/fit-run.ts';
import { planRun } from '../training/plan-run.ts';
import { checkEnd, isAhead, plannedEnd, usualMinutes } from '../training/run-end.ts';
import { lockRun, readSettings, settingsFile } from '../training/run-folder.ts';
import type { RunSettings } from '../training/run-settings.ts';
import { buildRequested, settingsOf } from '../training/start-run.ts';
import type { SweepRun } from './read-sweep.ts';
import { isEnded, readOutcome, type RunOutcome, writeOutcome } from './run-outcome.ts';

/** What all runs of a sweep are trained with in this process. */
export interface Workshop {
  readonly backend: BackendReport;
  readonly backendSettings: BackendSettings;
  readonly score: JudgeSettings;
  readonly signal: AbortSignal;
  /** The command that continues the sweep. */
  readonly command: string;
  readonly output: Output;
}

/**
 * Begins or continues a run until a step, or to its end if none is given, and writes its outcome; a
 * signal leaves a checkpoint and no outcome.
 *
 * @returns What was written; undefined after a signal, or if the run was there already.
 * @throws CheckpointError if another process trains it.
 */
export async function trainPart(
  run: SweepRun,
  pauseAt: number | undefined,
  workshop: Workshop,
): Promise<RunOutcome | undefined> {
  if (isThere(await readOutcome(run.folder), pauseAt)) return undefined;
  await makeFolder(run.folder);
  const release = await lockRun('sweep', run.folder);
  try {
    // Another process may have finished it meanwhile.
    const before = await readOutcome(run.folder);
    if (isThere(before, pauseAt)) return undefined;
    const mark = join(run.folder, settingsFile);
    const isNew = !existsSync(mark);
    const known = isNew ? await planned(run, workshop) : await readSettings('sweep', run.folder);
    const settings = { ...known, backend: workshop.backendSettings };
    const built = await buildRequested(settings);
    try {
      // Only now: settings that the networks refuse begin no run.
      if (isNew) await writeFileWhole('sweep', mark, `${JSON.stringify(settings, null, 2)}\n`);
      const outcome = await trainBuilt({ run, built, settings, before, pauseAt }, workshop);
      if (outcome !== undefined) await writeOutcome(run.folder, outcome);
      return outcome;
    } finally {
      built.dispose();
    }
  } finally {
    await release();
  }
}

function isThere(outcome: RunOutcome | undefined, pauseAt: number | undefined): boolean {
  return (
    isEnded(outcome) || (outcome?.scores.some(({ step }) => step >= (pauseAt ?? Infinity)) ?? false)
  );
}

/** The settings of a new run, decided from the data as `train` does. */
async function planned({ flags, data }: SweepRun, { output }: Workshop): Promise<RunSettings> {
  const end = checkEnd(flags);
  const found = await findData('sweep', data);
  // What was seen in the data and chosen is the same for most runs.
  const silent: Output = { ...output, result: () => undefined, note: () => undefined };
  const plan = await planRun(found, { ...flags, minutes: end.minutes ?? usualMinutes }, silent);
  return settingsOf(flags, plan, end);
}

async function trainBuilt(
  {
    run,
    built,
    settings,
    before,
    pauseAt,
  }: {
    readonly run: SweepRun;
    readonly built: BuiltRun;
    readonly settings: RunSettings;
    readonly before: RunOutcome | undefined;
    readonly pauseAt: number | undefined;
  },
  workshop: Workshop,
): Promise<RunOutcome | undefined> {
  const { folder, title } = run;
  const { backend, signal, command: resumeCommand, output } = workshop;
  const { trainer } = built;
  const isBegun = await trainer.restore(directoryStore(folder));
  const end = isBegun ? await plannedEnd(trainer, settings) : settings.end;
  let fitted: FitOutcome = { state: 'done' };
  // A kill may have come between the last step and the outcome.
  if (isAhead(end, trainer) && trainer.step < (pauseAt ?? Infinity)) {
    const request = { folder, settings, end, backend, output };
    fitted = await trainRun(built, request, { signal, resumeCommand, title, pauseAt });
  } else {
    await built.generator.save(fileHandler(join(folder, 'generator')));
  }
  if (fitted.state === 'interrupted') return undefined;
  const { step } = trainer;
  const scores = [...(before?.scores ?? [])];
  const message = fitted.failure?.message ?? fitted.alarm;
  if (fitted.state === 'diverged') return { state: 'diverged', step, scores, message };
  scores.push({ step, score: await judged(run, built, settings, workshop) });
  if (fitted.state === 'stopped') return { state: 'stopped', step, scores, message };
  const isPaused = pauseAt !== undefined && isAhead(await plannedEnd(trainer, settings), trainer);
  return { state: isPaused ? 'paused' : 'done', step, scores };
}

/** Compares the generator with real samples, shows it on the page of the run, and returns a score. */
async function judged(
  { folder, id: name }: SweepRun,
  { generator, trainer: { step } }: BuiltRun,
  settings: RunSettings,
  { score }: Workshop,
): Promise<number> {
  const judgment = await judgeModel({ generator, name, run: { folder, settings } }, score);
  if (judgment.kind === 'samples') {
    await writeReport(folder, { evaluations: { records: [{ step, ...judgment.report }] } });
  }
  return distanceOf(judgment);
}

/**
 * The Fréchet distance; of a table, how far its columns, and pairs of related ones, are from the
 * scores of equal distributions.
 */
function distanceOf({ kind, report }: Judgment): number {
  if (kind === 'samples') return report.figures['frechet']!.mean;
  const means = [report.shapes.mean, report.trends.mean].filter(Number.isFinite);
  return 1 - means.reduce((sum, mean) => sum + mean, 0) / means.length;
}
