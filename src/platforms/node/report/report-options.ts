import { basename, join, resolve } from 'node:path';
import type { Evaluation } from '../../../metrics/evaluate.ts';
import type {
  EvaluateEvery,
  EvaluationRecord,
} from '../../../training/callbacks/evaluate-every.ts';
import { checkPath } from '../check-path.ts';

/**
 * Settings of a report besides the run itself.
 *
 * @example The same title and notes during the run and afterwards
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
   * Title of the report.
   *
   * @defaultValue the name of the folder
   */
  readonly title?: string | undefined;
  /**
   * Folder of the images that `sampleGrid` draws.
   *
   * @defaultValue `samples` in the folder of the run
   */
  readonly samples?: string | URL | undefined;
  /**
   * Settings to show besides the trainer's own.
   *
   * @defaultValue `{}`
   */
  readonly settings?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /**
   * The callback of `evaluateEvery`, whose evaluations are shown.
   *
   * @defaultValue none
   */
  readonly evaluations?: Pick<EvaluateEvery, 'records'> | undefined;
  /**
   * The metrics of other real samples with the same settings:
   * `await evaluate(training, test, options)`. The report draws them as the limit for any
   * generator.
   *
   * @defaultValue none
   */
  readonly floor?: Evaluation | undefined;
  /**
   * The command that continues the run, such as `npm run mnist -- --resume mnist`.
   *
   * @defaultValue none; the page explains how a program does it
   */
  readonly resumeCommand?: string | undefined;
}

/** Names of {@link ReportOptions}. @internal */
export const reportNames: readonly (keyof ReportOptions)[] = [
  ...(['title', 'samples', 'settings', 'evaluations', 'floor', 'resumeCommand'] as const),
];

/** The folder of a run's images. @internal */
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

/** Earlier evaluations, replaced by new ones of the same steps. @internal */
export function mergedEvaluations(
  before: readonly EvaluationRecord[],
  now: readonly EvaluationRecord[] = [],
): readonly EvaluationRecord[] {
  const byStep = new Map([...before, ...now].map((record) => [record.step, record]));
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}
