import type { TrainOptions } from '../../training/loop/train-options.ts';
import type { Trainer } from '../../training/trainer.ts';
import { UsageError } from '../usage-error.ts';
import type { RunEnd, RunSettings } from './run-settings.ts';

/** When this part of a run ends. */
export type FitEnd = Pick<TrainOptions, 'minutes' | 'steps' | 'epochs' | 'until'>;

/** Minutes of a run that no flag ends. */
export const usualMinutes = 10;

/** The end that the flags of a new run request. */
export function checkEnd({ minutes, steps, epochs }: RunEnd): RunEnd {
  return onlyEnd('train', { minutes, steps, epochs }) ?? { minutes: usualMinutes };
}

/** The end that the flags of a resumed run request; undefined if they have none. */
export function requestedEnd({
  minutes,
  steps,
  epochs,
  until,
}: RunEnd & { readonly until: number | undefined }): FitEnd | undefined {
  const end = onlyEnd('resume', { minutes, steps, epochs, until });
  return until === undefined ? end : { until: { steps: until } };
}

function onlyEnd(
  action: string,
  ends: Readonly<Record<string, number | undefined>>,
): RunEnd | undefined {
  const given = Object.entries(ends).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  if (given.length === 1) return Object.fromEntries(given);
  const flags = Object.keys(ends).map((name) => `--${name}`);
  const wanted = `${flags.slice(0, -1).join(', ')} and ${flags.at(-1)}`;
  const got = given.map(([name]) => `--${name}`).join(' and ');
  throw new UsageError(`Cannot ${action}: one of ${wanted} must end the run, got ${got}`);
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

/** Whether a run has steps left until its end. */
export function isAhead({ until }: FitEnd, { step, epoch }: Trainer): boolean {
  return step < (until?.steps ?? Infinity) && epoch < (until?.epochs ?? Infinity);
}
