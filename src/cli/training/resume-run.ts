import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import type { Trainer } from '../../training/trainer.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { buildRun } from './build-run.ts';
import { type FitEnd, fitRun } from './fit-run.ts';
import { lockRun, readSettings } from './run-folder.ts';
import type { RunEnd, RunSettings } from './run-settings.ts';

interface ResumeFlags extends RunEnd {
  readonly until: number | undefined;
  readonly stopOnAlarm: boolean;
  readonly backend: BackendSettings['backend'] | undefined;
  readonly threads: number | undefined;
}

/** `npx tfjs-gan resume RUN`: continues from the last checkpoint. */
export async function resumeRun({
  operands: [folder = ''],
  settings: flags,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: ResumeFlags;
  readonly output: Output;
}): Promise<number | undefined> {
  const requested = requestedEnd(flags);
  const saved = await readSettings('resume', folder);
  // Before anything is read that another run may still write.
  const release = await lockRun('resume', folder);
  try {
    return await continueRun(folder, saved, flags, requested, output);
  } finally {
    await release();
  }
}

async function continueRun(
  folder: string,
  saved: RunSettings,
  flags: ResumeFlags,
  requested: FitEnd | undefined,
  output: Output,
): Promise<number | undefined> {
  // Another backend may not have threads to set.
  const savedThreads = flags.backend === undefined ? saved.backend.threads : undefined;
  const { threads = savedThreads } = flags;
  const settings: RunSettings = {
    ...saved,
    stopOnAlarm: flags.stopOnAlarm || saved.stopOnAlarm,
    backend: { backend: flags.backend ?? saved.backend.backend, threads },
  };
  const backend = await startBackend(settings.backend, output);
  const run = await buildRun(settings);
  try {
    const { trainer } = run;
    const found = await trainer.restore(directoryStore(folder));
    output.note(
      found
        ? `Continuing from step ${trainer.step}`
        : 'No checkpoint yet: starting from the first step',
    );
    const end = requested ?? (await plannedEnd(trainer, saved));
    checkAhead(end, trainer, folder);
    return await fitRun(run, { folder, settings, end, backend, output });
  } finally {
    run.dispose();
  }
}

function requestedEnd({ minutes, steps, epochs, until }: ResumeFlags): FitEnd | undefined {
  const given = Object.entries({ minutes, steps, epochs, until }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const names = given.map(([name]) => `--${name}`).join(' and ');
    throw new UsageError(
      `Cannot resume: one of --minutes, --steps, --epochs and --until must end the run, got ${names}`,
    );
  }
  if (until !== undefined) return { until: { steps: until } };
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/**
 * The end that the run had before: of its last part, which may have been resumed for longer; of
 * minutes, in steps.
 */
export async function plannedEnd(trainer: Trainer, { end }: RunSettings): Promise<FitEnd> {
  const { minutes, steps, epochs } = end;
  const { plan } = await trainer.snapshot();
  if (plan?.lastStep !== undefined) return { until: { steps: plan.lastStep } };
  return minutes === undefined ? { until: { steps, epochs } } : { minutes };
}

function checkAhead(end: FitEnd, trainer: Trainer, folder: string): void {
  if (isAhead(end, trainer)) return;
  throw new UsageError(
    `Cannot resume: the run '${folder}' must have steps left, got its end at step ${trainer.step}. Say how much longer: --minutes 10`,
  );
}

/** Whether a run has steps left until its end. */
export function isAhead({ until }: FitEnd, { step, epoch }: Trainer): boolean {
  return step < (until?.steps ?? Infinity) && epoch < (until?.epochs ?? Infinity);
}
