import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { checkPath } from '../check-path.ts';
import { checkOptions } from '../../../core/checks.ts';
import { DataFormatError } from '../../../core/errors.ts';
import { drawReport, nullAsNaN } from '../../../report/draw-report.ts';
import { History } from '../../../training/history.ts';
import type { LoggedInfo, StepInfo } from '../../../training/step-info.ts';
import { reasonOf, writeFileWhole } from '../write-file.ts';
import { formerReport } from './former-report.ts';
import { pictureReader } from './read-pictures.ts';
import {
  given,
  mergedEvaluations,
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
 * Writes the report of a finished run from its files: its history file, its sample grids and, if
 * there is one, its earlier report.
 *
 * @param folder - The folder of the run, as a path or a `file:` address; `report.html` is written there.
 * @param options - Where the files are, and what else to show.
 * @returns The path of the report.
 * @throws RangeError if the folder's path is empty, DataFormatError if a line of the history is not
 * a step.
 *
 * @example A report of a run that had none
 * ```ts no-run
 * console.log(await writeReport('runs/a', { title: 'The first try' }));
 * ```
 */
export async function writeReport(
  folder: string | URL,
  options: WriteReportOptions = {},
): Promise<string> {
  const action = 'write the report';
  checkOptions(action, options, [
    ...['title', 'samples', 'settings', 'evaluations', 'goOn'],
    ...['history'],
  ]);
  const ofRun = checkPath(action, folder);
  const path = join(ofRun, 'report.html');
  const { history = join(ofRun, 'history.jsonl') } = options;
  const { steps, logged, seconds } = await readHistory(
    checkPath(action, history, 'history', 'a file'),
  );
  const former = await formerReport(path);
  const last = steps.at(-1)?.number ?? 0;
  const readPictures = pictureReader(samplesOf(action, ofRun, options));
  const { pictures, picturesLeftOut } = await readPictures(last);
  const html = drawReport({
    sessions: [],
    settings: {},
    warnings: [],
    ...former,
    // A report in state 'running' of a run that has ended was interrupted.
    state: former?.state === 'running' ? 'aborted' : (former?.state ?? 'stopped'),
    title: options.title ?? former?.title ?? titleOf(ofRun, options),
    writtenAt: new Date().toISOString(),
    steps,
    logged,
    seconds,
    ...(options.settings === undefined
      ? {}
      : { settings: { ...former?.settings, ...given(options.settings) } }),
    pictures,
    picturesLeftOut,
    evaluations: mergedEvaluations(former?.evaluations ?? [], options.evaluations?.records),
    ...(options.goOn === undefined ? {} : { goOn: options.goOn }),
  });
  await writeFileWhole(action, path, html);
  return path;
}

/** Line by line: the file of a long run may exceed the maximum length of a string. */
async function readHistory(path: string): Promise<History> {
  const history = new History();
  let [number, rest] = [0, ''];
  const chunks = createReadStream(path, 'utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  const read = async (): Promise<IteratorResult<string, unknown>> => {
    try {
      return await chunks.next();
    } catch (error) {
      throw new Error(
        `Cannot write the report: '${path}' must be a readable history file, got ${reasonOf(error)}. historyFile writes one`,
        { cause: error },
      );
    }
  };
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
