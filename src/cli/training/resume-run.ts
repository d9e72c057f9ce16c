import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import type { Trainer } from '../../training/trainer.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { buildRun } from './build-run.ts';
import { fitRun } from './fit-run.ts';
import { type FitEnd, isAhead, plannedEnd, requestedEnd } from './run-end.ts';
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

function checkAhead(end: FitEnd, trainer: Trainer, folder: string): void {
  if (isAhead(end, trainer)) return;
  throw new UsageError(
    `Cannot resume: the run '${folder}' must have steps left, got its end at step ${trainer.step}. Say how much longer: --minutes 10`,
  );
}
