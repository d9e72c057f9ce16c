import type { EvaluationRecord } from '../../training/callbacks/evaluate-every.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { ReportData } from '../report-data.ts';
import { betterWords, figureNames, isBetterFigure, metricWords } from '../metric-words.ts';
import { escapeText } from '../svg.ts';
import { medianSeconds } from './summary.ts';
import { digits, duration, figureWords, moment, percent, whole } from './words.ts';

/** Number of evaluations in a table; the charts have all. */
const shownEvaluations = 20;

/** The evaluations, newest first, best figures in bold, with the floor of real data. @internal */
export function metricsTable({ evaluations, floor }: ReportData): string {
  const newest = evaluations.at(-1);
  if (newest === undefined) return '';
  const names = figureNames(evaluations);
  const best = new Map(names.map((name) => [name, markedOf(evaluations, name)]));
  // Chosen by the first metric whose better way is known.
  const bestRow = names.map((name) => best.get(name)).find((record) => record !== undefined);
  const recent = evaluations.slice(-shownEvaluations);
  const rows = bestRow === undefined || recent.includes(bestRow) ? recent : [bestRow, ...recent];
  const left = evaluations.length - rows.length;
  const heads = names.map((name) => {
    const words = metricWords(name);
    const better = betterWords(words);
    const small = better === '' ? '' : `<small>${better}</small>`;
    return `<th>${escapeText(words.title)}${small}</th>`;
  });
  return [
    '<div class="card scroll"><table class="metrics"><thead><tr><th>Step</th>',
    ...heads,
    '<th>Samples</th></tr></thead><tbody>',
    ...[...rows].reverse().map((record) => {
      const cells = names.map((name) =>
        figureCell(record, name, best.get(name) === record ? 'best' : undefined),
      );
      const isBest = record === bestRow;
      const mark = isBest ? ' <span class="mark">best</span>' : '';
      return `<tr${isBest ? ' class="best"' : ''}><td>${whole(record.step)}${mark}</td>${cells.join('')}<td>${samplesOf(record)}</td></tr>`;
    }),
    floor === undefined
      ? ''
      : `<tr class="floor"><td>Real data</td>${names.map((name) => figureCell(floor, name, undefined)).join('')}<td>${samplesOf(floor)}</td></tr>`,
    '</tbody></table>',
    left > 0 ? `<p class="note">${left} earlier ones are in the charts.</p>` : '',
    '</div>',
  ].join('');
}

/** The best of several evaluations; none if a figure is the same in all of them. */
function markedOf(
  evaluations: readonly EvaluationRecord[],
  name: string,
): EvaluationRecord | undefined {
  const values = new Set(evaluations.map(({ figures }) => figures[name]?.mean));
  return values.size > 1 ? bestOf(evaluations, name) : undefined;
}

type Judged = Pick<EvaluationRecord, 'figures' | 'samples' | 'seeds'>;

function figureCell({ figures, seeds }: Judged, name: string, look: string | undefined): string {
  const figure = figures[name];
  const text = figure === undefined ? '' : figureWords(figure, seeds?.length ?? 1);
  return `<td${look === undefined ? '' : ` class="${look}"`}>${text}</td>`;
}

function samplesOf({ samples, seeds = [] }: Judged): string {
  if (samples === undefined) return '';
  return seeds.length > 1 ? `${whole(samples)} × ${seeds.length}` : whole(samples);
}

/** The evaluation with the best figure; undefined if the better direction is unknown. @internal */
export function bestOf(
  evaluations: readonly EvaluationRecord[],
  name: string,
): EvaluationRecord | undefined {
  const words = metricWords(name);
  const value = (record: EvaluationRecord | undefined): number =>
    record?.figures[name]?.mean ?? NaN;
  return evaluations.reduce<EvaluationRecord | undefined>(
    (best, record) => (isBetterFigure(value(record), value(best), words) ? record : best),
    undefined,
  );
}

/** What the metrics compare, and how to read each. @internal */
export function metricsGuide({ evaluations, floor }: ReportData): string {
  const newest = evaluations.at(-1);
  if (newest === undefined) return '';
  const { extractor, dataset, realSamples, seeds = [] } = newest;
  const names = figureNames(evaluations);
  const meanings = names.flatMap((name) => {
    const { title, meaning } = metricWords(name);
    return meaning === undefined ? [] : [`<dt>${escapeText(title)}</dt><dd>${meaning}</dd>`];
  });
  const sentences = [
    ...(realSamples === undefined || dataset === undefined || extractor === undefined
      ? []
      : [
          `Compared with ${whole(realSamples)} samples of ${dataset}, by the features of ${extractor}.`,
        ]),
    ...(seeds.length > 1
      ? [
          `± is the standard deviation over ${seeds.length} seeds of the samples; another training run differs by more.`,
        ]
      : []),
    ...(floor === undefined
      ? []
      : [
          'Real data: other real samples in place of generated ones. By that metric, a generator that reaches it cannot be distinguished from the data.',
        ]),
  ];
  return `<div class="card"><h3>How to read them</h3>${sentences.length > 0 ? `<p>${escapeText(sentences.join(' '))}</p>` : ''}<dl class="guide">${meanings.join('')}</dl></div>`;
}

/** Durations of the parts of training. @internal */
export function timings(data: ReportData): string {
  const { steps, ownShare } = data;
  if (steps.length === 0) return '';
  const recent = steps.slice(-100);
  const sorted = steps.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const median = medianSeconds(recent);
  const pace = data.secondsPerStep;
  const samples = recent.reduce((sum, step) => sum + step.samples, 0) / recent.length;
  return table([
    ['A step', `${duration(median)} (median of the last ${recent.length})`],
    [
      steps.length === steps.at(-1)?.number ? 'Of all steps' : `Of ${whole(steps.length)} steps`,
      `median ${duration(sorted[sorted.length >> 1]!)}, 95 % within ${duration(sorted[Math.floor(0.95 * (sorted.length - 1))]!)}`,
    ],
    ['Samples per second', `${digits(Number((samples / median).toPrecision(3)))} within steps`],
    ...partSeconds(recent).map(([name, seconds]): Row => [name, duration(seconds)]),
    ...(data.stepsPerEpoch === undefined
      ? []
      : [
          [
            'An epoch',
            `${duration((pace ?? median) * data.stepsPerEpoch)} (${whole(data.stepsPerEpoch)} steps)`,
          ] as Row,
        ]),
    ...(ownShare === undefined ? [] : [['This report', `${percent(ownShare)} of the time`] as Row]),
  ]);
}

/** Settings: those of the run, and those of the networks with a column for each. @internal */
export function settingsTables({ settings, networks, steps }: ReportData): readonly string[] {
  const names =
    networks?.map(({ name }) => name) ?? Object.keys(steps.at(-1)?.learningRates ?? everyday);
  const ofRun: Row[] = [];
  const ofNetworks = new Map<string, Map<string, string>>();
  for (const [name, value] of Object.entries(settings)) {
    const parts = name.split('.');
    const at = parts.findIndex((part) => names.includes(part));
    if (at < 0) {
      ofRun.push([name, String(value)]);
      continue;
    }
    const setting = parts.filter((_, i) => i !== at).join('.');
    const row = ofNetworks.get(setting) ?? new Map<string, string>();
    ofNetworks.set(setting, row.set(parts[at]!, String(value)));
  }
  return [table(ofRun), networkSettings(names, ofNetworks)];
}

/** The networks of a report that names none. */
const everyday = { discriminator: 0, generator: 0 };

/** A table with a column for each network or run. @internal */
export function byColumn(heads: readonly string[], rows: readonly string[]): string {
  return `<table class="by-network"><thead><tr><th></th>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function networkSettings(
  names: readonly string[],
  settings: ReadonlyMap<string, ReadonlyMap<string, string>>,
): string {
  if (settings.size === 0) return '';
  const shown = names.filter((name) => [...settings.values()].some((row) => row.has(name)));
  const rows = [...settings].map(([setting, row]) => {
    const cells = shown.map((name) => `<td>${escapeText(row.get(name) ?? '–')}</td>`);
    return `<tr><th scope="row">${escapeText(setting)}</th>${cells.join('')}</tr>`;
  });
  const heads = shown.map((name) => `<th>${escapeText(name)}</th>`);
  return byColumn(heads, rows);
}

/** The environment of each start of the program; unchanged entries are listed once. @internal */
export function environmentTable({ sessions }: ReportData): string {
  return sessions
    .map((session, i) => {
      const former = sessions[i - 1]?.environment ?? {};
      const changed = Object.entries(session.environment).filter(
        ([name, value]) => former[name] !== value,
      );
      const began: Row = [
        session.fromStep === 0 ? 'Started' : `Continued from step ${whole(session.fromStep)}`,
        moment(session.startedAt),
      ];
      return table([began, ...changed.map(([name, value]): Row => [name, value])]);
    })
    .join('');
}

type Row = readonly [name: string, value: string];

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const body = rows.map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(value)}</td></tr>`,
  );
  return `<table><tbody>${body.join('')}</tbody></table>`;
}

/** Mean duration of each part of a step; none if an older history does not have it. */
function partSeconds(
  steps: readonly Partial<StepInfo>[],
): readonly (readonly [part: string, seconds: number])[] {
  const told = steps.flatMap(({ partSeconds: parts }) => (parts === undefined ? [] : [parts]));
  if (told.length === 0) return [];
  const mean = (read: (parts: StepInfo['partSeconds']) => number): number =>
    told.reduce((sum, parts) => sum + read(parts), 0) / told.length;
  const turns = [...new Set(told.flatMap((parts) => Object.keys(parts.turns)))];
  return [
    ['Between steps: callbacks', mean(({ callbacks }) => callbacks)],
    ['Between steps: waiting for data', mean(({ data }) => data)],
    ...turns.map(
      (turn) => [`In the step: ${turn}`, mean((parts) => parts.turns[turn] ?? 0)] as const,
    ),
    ['In the step: other', mean(({ read }) => read)],
  ];
}
