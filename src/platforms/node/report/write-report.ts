import { createReadStream } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { checkPath } from '../check-path.ts';
import { checkOptions } from '../../../core/checks.ts';
import { DataFormatError } from '../../../core/errors.ts';
import { type ComparedRun, drawComparison } from '../../../report/draw-comparison.ts';
import { drawReport, nullAsNaN } from '../../../report/draw-report.ts';
import { History } from '../../../training/history.ts';
import type { LoggedInfo, StepInfo } from '../../../training/step-info.ts';
import { orExplain, writeFileWhole } from '../write-file.ts';
import { formerReport } from './former-report.ts';
import { pictureReader } from './read-pictures.ts';
import {
  given,
  mergedEvaluations,
  reportNames,
  type ReportOptions,
  samplesOf,
  titleOf,
} from './report-options.ts';

/**
 * Settings of {@link writeReport}.
 *
 * @example From a history file in another folder
 * ```ts
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [historyFile('logs/first.jsonl')] });
 * const options: WriteReportOptions = { history: 'logs/first.jsonl', title: 'The first try' };
 * await writeReport('runs/d', options);
 * ```
 */
export interface WriteReportOptions extends ReportOptions {
  /**
   * The file that `historyFile` wrote.
   *
   * @defaultValue `history.jsonl` in the folder of the run
   */
  readonly history?: string | URL | undefined;
}

/**
 * Settings of {@link writeReport} for several runs.
 *
 * @example A title and a path
 * ```ts
 * for (const [name, weight] of [['weak', 1], ['strong', 10]] as const) {
 *   const gan = createMlpGan({ sampleShape: [2], penalties: [new GradientPenalty({ weight })] });
 *   const callbacks = [historyFile(`runs/${name}/history.jsonl`), runReport(`runs/${name}`)];
 *   await gan.trainer.fit(ring8({ size: 256 }), { steps: 2, callbacks });
 *   gan.dispose();
 * }
 * const options: ComparisonOptions = { title: 'Penalties', path: 'runs/penalties.html' };
 * console.log(await writeReport(['runs/weak', 'runs/strong'], options)); // runs/penalties.html
 * ```
 */
export interface ComparisonOptions {
  /**
   * Title of the page.
   *
   * @defaultValue the titles of the runs
   */
  readonly title?: string | undefined;
  /**
   * The file to write, as a path or a `file:` address.
   *
   * @defaultValue `comparison.html` in the folder that contains all runs
   */
  readonly path?: string | URL | undefined;
}

/**
 * Writes the report of a finished run from its files: its history file, its sample grids and, if
 * there is one, its earlier report. With several folders, it writes one page that compares the
 * runs: the state and best figures of each, samples next to each other, the same curves of all
 * runs, and the settings that differ.
 *
 * @param folder - The folder of the run, as a path or a `file:` address; `report.html` is written
 * there. Or a list of folders.
 * @param options - Where the files are, and what else to show; for several folders, title and path.
 * @returns The path of the page.
 * @throws RangeError if a folder's path is empty, or the list is empty or has a folder twice;
 * DataFormatError if a line of a history is not a step; Error if a history cannot be read.
 *
 * @example A report of a run that had none
 * ```ts no-run
 * console.log(await writeReport('runs/a', { title: 'The first try' }));
 * ```
 *
 * @example Two runs on one page
 * ```ts no-run
 * console.log(await writeReport(['runs/a', 'runs/b'])); // runs/comparison.html
 * ```
 */
export async function writeReport(
  folder: string | URL,
  options?: WriteReportOptions,
): Promise<string>;
/**
 * Writes one page that compares several runs.
 *
 * @param folder - The folders of the runs.
 * @param options - Title of the page and where to write it.
 * @returns The path of the page.
 */
export async function writeReport(
  folder: readonly (string | URL)[],
  options?: ComparisonOptions,
): Promise<string>;
export async function writeReport(
  folder: string | URL | readonly (string | URL)[],
  options: WriteReportOptions & ComparisonOptions = {},
): Promise<string> {
  if (Array.isArray(folder)) return writeComparison(folder as readonly (string | URL)[], options);
  checkOptions(action, options, [...reportNames, 'history']);
  const ofRun = checkPath(action, folder as string | URL);
  const run = await readRun(ofRun, options);
  const path = join(ofRun, 'report.html');
  const html = drawReport({
    ...run,
    // A report in state 'running' of a run that has ended was interrupted.
    state: run.state === 'running' ? 'aborted' : run.state,
    writtenAt: new Date().toISOString(),
  });
  await writeFileWhole(action, path, html);
  return path;
}

const action = 'write the report';

async function writeComparison(
  folders: readonly (string | URL)[],
  options: ComparisonOptions,
): Promise<string> {
  checkOptions(action, options, ['title', 'path']);
  const paths = folders.map((folder) => resolve(checkPath(action, folder)));
  if (paths.length === 0 || new Set(paths).size < paths.length) {
    const got = paths.length === 0 ? '[]' : 'one of them twice';
    throw new RangeError(`Cannot ${action}: folders must be those of different runs, got ${got}`);
  }
  const parent = commonFolder(paths.map((path) => dirname(path)));
  const { path = relative(process.cwd(), join(parent, 'comparison.html')) } = options;
  const file = checkPath(action, path, 'path', 'a file');
  const runs: ComparedRun[] = [];
  for (const folder of paths) runs.push(await readRun(folder, {}));
  // Two runs of the same name are listed by their folders.
  const named = runs.map((run, i) => {
    const isOnly = runs.filter(({ title }) => title === run.title).length === 1;
    return isOnly ? run : { ...run, title: `${run.title} (${relative(parent, paths[i]!)})` };
  });
  const { title = named.map((run) => run.title).join(', ') } = options;
  const html = drawComparison({ title, writtenAt: new Date().toISOString(), runs: named });
  await writeFileWhole(action, file, html);
  return file;
}

/** The deepest folder that holds all. */
function commonFolder(paths: readonly string[]): string {
  const [first = ''] = paths;
  const isInAll = (folder: string): boolean =>
    paths.every((path) => path === folder || path.startsWith(join(folder, sep)));
  let folder = first;
  while (!isInAll(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** What a run left in its folder. */
async function readRun(folder: string, options: WriteReportOptions): Promise<ComparedRun> {
  const { history = join(folder, 'history.jsonl') } = options;
  const { steps, logged, seconds } = await readHistory(
    checkPath(action, history, 'history', 'a file'),
  );
  const former = await formerReport(join(folder, 'report.html'));
  const readPictures = pictureReader(samplesOf(action, folder, options));
  return {
    sessions: [],
    settings: {},
    warnings: [],
    ...former,
    hasReport: former !== undefined,
    state: former?.state ?? 'stopped',
    title: options.title ?? former?.title ?? titleOf(folder, options),
    steps,
    logged,
    seconds,
    ...(options.settings === undefined
      ? {}
      : { settings: { ...former?.settings, ...given(options.settings) } }),
    ...(await readPictures(steps.at(-1)?.number ?? 0)),
    evaluations: mergedEvaluations(former?.evaluations ?? [], options.evaluations?.records),
    ...(options.floor === undefined ? {} : { floor: options.floor }),
    ...(options.resumeCommand === undefined ? {} : { resumeCommand: options.resumeCommand }),
  };
}

/** Line by line: the file of a long run may exceed the maximum length of a string. */
async function readHistory(path: string): Promise<History> {
  const history = new History();
  let [number, rest] = [0, ''];
  const chunks = createReadStream(path, 'utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  const claim = `write the report: '${path}' must be a readable history file`;
  const read = (): Promise<IteratorResult<string, unknown>> =>
    orExplain(claim, () => chunks.next(), '. historyFile writes one');
  try {
    for (let chunk = await read(); chunk.done !== true; chunk = await read()) {
      const lines = `${rest}${chunk.value}`.split('\n');
      // A kill may have truncated the last line of the file; it has no line feed then.
      rest = lines.pop() ?? '';
      for (const line of lines) {
        number += 1;
        const entry = parseEntry(line, number, path);
        if ('values' in entry) history.addLogged(entry);
        else history.addStep(entry);
      }
    }
  } finally {
    await chunks.return?.();
  }
  return history;
}

/** A line: a step, or numbers that another callback logged. */
function parseEntry(line: string, number: number, path: string): StepInfo | LoggedInfo {
  let entry: (Partial<StepInfo> & { logged?: LoggedInfo['values'] }) | number | undefined;
  try {
    entry = JSON.parse(line, nullAsNaN) as typeof entry;
  } catch {
    entry = undefined;
  }
  if (typeof entry === 'object') {
    if (isStep(entry)) return entry;
    const { number: step, logged: values } = entry;
    if (typeof step === 'number' && typeof values === 'object') return { step, values };
  }
  throw new DataFormatError(
    'history',
    `Cannot write the report: line ${number} of '${path}' must be a step as written by historyFile, got '${line.slice(0, 60)}'`,
  );
}

const records = [
  'losses',
  'terms',
  'gradientNorms',
  'learningRates',
  'metrics',
  'constraintMetrics',
] as const;

function isStep(step: Partial<StepInfo>): step is StepInfo {
  return (
    typeof step.number === 'number' &&
    typeof step.seconds === 'number' &&
    records.every((name) => typeof step[name] === 'object')
  );
}
