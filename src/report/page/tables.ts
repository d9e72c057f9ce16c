import type { StepInfo } from '../../training/step-info.ts';
import type { ReportData } from '../report-data.ts';
import { escapeText } from '../svg.ts';
import { medianSeconds } from './summary.ts';
import { digits, duration, moment, percent, whole } from './words.ts';

/** Number of evaluations in a table; the charts have all. */
const shownEvaluations = 20;

/** The evaluations, newest first. @internal */
export function metricsTable({ evaluations }: ReportData): string {
  if (evaluations.length === 0) return '';
  const names = [...new Set(evaluations.flatMap(({ figures }) => Object.keys(figures)))];
  const rows = evaluations.slice(-shownEvaluations).reverse();
  const left = evaluations.length - rows.length;
  return [
    '<div class="card scroll"><table><thead><tr><th>Step</th>',
    ...names.map((name) => `<th>${escapeText(name)}</th>`),
    '<th>Samples</th><th>Seeds</th></tr></thead><tbody>',
    ...rows.map(({ step, figures, samples, seeds }) => {
      const cells = names.map((name) => {
        const figure = figures[name];
        if (figure === undefined) return '<td></td>';
        return `<td>${digits(figure.mean)}${seeds.length > 1 ? ` ± ${digits(figure.deviation)}` : ''}</td>`;
      });
      return `<tr><td>${whole(step)}</td>${cells.join('')}<td>${whole(samples)}</td><td>${seeds.length}</td></tr>`;
    }),
    '</tbody></table>',
    `<p class="note">${escapeText(comparison(evaluations.at(-1)!))}${left > 0 ? ` ${left} earlier ones are in the charts.` : ''}</p></div>`,
  ].join('');
}

function comparison({
  extractor,
  dataset,
  realSamples,
}: ReportData['evaluations'][number]): string {
  return `Compared with ${whole(realSamples)} samples of ${dataset}, features from ${extractor}; ± is the standard deviation over the seeds of the samples.`;
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
    ['Images per second', `${digits(Number((samples / median).toPrecision(3)))} within steps`],
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

/** Settings by name. @internal */
export function settingsTable({ settings }: ReportData): string {
  return table(Object.entries(settings).map(([name, value]): Row => [name, String(value)]));
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
