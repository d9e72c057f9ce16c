import { libraryVersion } from '../../core/version.ts';
import { messageOf } from '../../core/realms.ts';
import { readConfig } from '../config/read-config.ts';
import { findData } from '../data/find-data.ts';
import { type Flags, toFlag } from '../flags.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { buildRun, type BuiltRun } from './build-run.ts';
import { fitRun } from './fit-run.ts';
import { planRun, type PlanRequest, type RunPlan } from './plan-run.ts';
import { checkEnd, usualMinutes } from './run-end.ts';
import { checkFree, chooseFolder, nameOf, startFolder } from './run-folder.ts';
import type { RunEnd, RunSettings } from './run-settings.ts';

/** The flags of `train`. */
export type TrainFlags = Omit<PlanRequest, 'minutes'> &
  RunEnd &
  BackendSettings &
  Pick<RunSettings, 'baseFilters' | 'latentSize' | 'learningRate' | 'seed' | 'stopOnAlarm'> & {
    readonly out: string | undefined;
    readonly overwrite: boolean;
    readonly dryRun: boolean;
    readonly config: string | undefined;
  };

/**
 * `npx tfjs-gan train DATA`: looks at the data, decides what flags and file of settings leave open,
 * and trains.
 *
 * @param inConfig - The flags that the file of settings may have.
 */
export async function startRun(
  {
    operands,
    settings,
    given,
    output,
  }: {
    readonly operands: readonly string[];
    readonly settings: TrainFlags;
    readonly given: ReadonlySet<string>;
    readonly output: Output;
  },
  inConfig: Flags,
): Promise<number | undefined> {
  const config = await readConfig(settings.config, inConfig);
  if (config !== undefined) output.note(`Settings from ${config.file}`);
  const { data, gan, ...configured } = config?.settings ?? {};
  const operand = operands[0] ?? data;
  if (typeof operand !== 'string') throw new UsageError('Cannot train: DATA is missing');
  const flags = merged(settings, given, configured);
  if (gan !== undefined) checkOwn(flags);
  const end = checkEnd(flags);
  const found = await findData('train', operand);
  const folder = chooseFolder(flags.out, found.path === '' ? operand : nameOf(found.path));
  await checkFree(folder, flags.overwrite);
  const preset = gan === undefined ? flags.preset : 'own';
  const minutes = end.minutes ?? usualMinutes;
  const plan = await planRun(found, { ...flags, preset, minutes }, output);
  if (flags.dryRun) return undefined;
  const backend = await startBackend(flags, output);
  const ownGan = gan as string | undefined;
  const runSettings: RunSettings = { ...settingsOf(flags, plan, end), gan: ownGan };
  const run = await buildRequested(runSettings);
  try {
    // Created only now: a run that cannot start leaves no folder and takes no name.
    const release = await startFolder(folder, runSettings, flags.overwrite);
    try {
      return await fitRun(run, { folder, settings: runSettings, end, backend, output });
    } finally {
      await release();
    }
  } finally {
    run.dispose();
  }
}

/** Flags over the file of settings over defaults; an end by a flag replaces that of the file. */
function merged(
  settings: TrainFlags,
  given: ReadonlySet<string>,
  configured: Readonly<Record<string, unknown>>,
): TrainFlags {
  const ends = ['minutes', 'steps', 'epochs'];
  const isEnded = ends.some((name) => given.has(name));
  const taken = Object.entries(configured).filter(
    ([name]) => !given.has(name) && !(isEnded && ends.includes(name)),
  );
  // Read by the flags of the same names.
  return { ...settings, ...(Object.fromEntries(taken) as Partial<TrainFlags>) };
}

/** A function that creates the networks decides what the presets would be told. */
function checkOwn(flags: TrainFlags): void {
  const { preset, baseFilters, latentSize, learningRate } = flags;
  const isAuto = preset === 'auto';
  const told = { preset: isAuto ? undefined : preset, baseFilters, latentSize, learningRate };
  const name = Object.entries(told).find(([, value]) => value !== undefined)?.[0];
  if (name === undefined) return;
  throw new UsageError(
    `Cannot train: --${toFlag(name)} must be used with a preset, got a function gan in the file of settings`,
  );
}

/** Everything that determines the run. */
export function settingsOf(flags: TrainFlags, plan: RunPlan, end: RunEnd): RunSettings {
  const { baseFilters, latentSize, learningRate, seed, stopOnAlarm, backend, threads } = flags;
  return {
    version: libraryVersion,
    ...plan,
    baseFilters,
    latentSize,
    learningRate,
    seed,
    stopOnAlarm,
    end,
    backend: { backend, threads },
  };
}

/** Sizes and widths that the networks refuse are flags of the user's. */
export async function buildRequested(settings: RunSettings): Promise<BuiltRun> {
  try {
    return await buildRun(settings);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(messageOf(error), { cause: error });
    throw error;
  }
}
