import { basename, join, resolve } from 'node:path';
import type {
  EvaluateEvery,
  EvaluationRecord,
} from '../../../training/callbacks/evaluate-every.ts';
import { checkPath } from '../check-path.ts';

/**
 * What a report is told beside the run itself.
 *
 * @example The same name and notes while it runs and afterwards
 * ```ts
 * const shown: ReportOptions = { title: 'Eight Gaussians', settings: { recipe: 'wide', machine: 'at home' } };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * const callbacks = [historyFile('runs/c/history.jsonl'), runReport('runs/c', shown)];
 * await trainer.fit(ring8({ size: 256 }), { steps: 1, callbacks });
 * await writeReport('runs/c', shown);
 * ```
 */
export interface ReportOptions {
  /**
   * What the run is called.
   *
   * @defaultValue the name of the folder
   */
  readonly title?: string | undefined;
  /**
   * Where `sampleGrid` draws its pictures.
   *
   * @defaultValue `samples` in the folder of the run
   */
  readonly samples?: string | URL | undefined;
  /**
   * Settings to show, beside the trainer's own.
   *
   * @defaultValue `{}`
   */
  readonly settings?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /**
   * What judges the generator as it trains: the callback of `evaluateEvery`.
   *
   * @defaultValue none
   */
  readonly evaluations?: Pick<EvaluateEvery, 'records'> | undefined;
  /**
   * The command that goes on with the run, such as `npm run mnist -- --resume mnist`.
   *
   * @defaultValue none; the page says how it is done in a program
   */
  readonly goOn?: string | undefined;
}

/** Where the pictures of a run are. @internal */
export function samplesOf(action: string, folder: string, { samples }: ReportOptions): string {
  return samples === undefined ? join(folder, 'samples') : checkPath(action, samples, 'samples');
}

/** @internal */
export function titleOf(folder: string, { title }: ReportOptions): string {
  return title ?? basename(resolve(folder));
}

/** Settings that have a value. @internal */
export function given(
  settings: ReportOptions['settings'] = {},
): Record<string, string | number | boolean> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number | boolean>;
}

/** Evaluations of before, and over them those of now. @internal */
export function mergedEvaluations(
  before: readonly EvaluationRecord[],
  now: readonly EvaluationRecord[] = [],
): readonly EvaluationRecord[] {
  const byStep = new Map([...before, ...now].map((record) => [record.step, record]));
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}
