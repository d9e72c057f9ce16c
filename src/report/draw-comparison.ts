import { drawChart } from './page/chart.ts';
import { card, columns, drawPage, section } from './page/draw-page.ts';
import { picture } from './page/picture-data.ts';
import { namedCurves, type ReportCurve } from './page/report-curve.ts';
import { capitalized, floorCurve } from './page/step-charts.ts';
import { paceOf, secondsOf, short, stateWords } from './page/summary.ts';
import { bestOf, byColumn } from './page/tables.ts';
import { duration, figureWords, moment, whole } from './page/words.ts';
import { betterWords, figureNames, isBetterFigure, metricWords } from './metric-words.ts';
import type { ReportChart } from './page/chart.ts';
import type { ReportData } from './report-data.ts';
import { escapeText } from './svg.ts';
import type { Point } from './thin-out.ts';

/** A run of a comparison: its report, with a unique title. @internal */
export interface ComparedRun extends Omit<ReportData, 'writtenAt'> {
  /** Whether there is a report, which has the final state. */
  readonly hasReport: boolean;
}

/** The content of {@link drawComparison}, as plain data. @internal */
export interface ComparisonData {
  readonly title: string;
  /** When this was written, as ISO 8601. */
  readonly writtenAt: string;
  /** At least one; their titles differ. */
  readonly runs: readonly ComparedRun[];
}

/**
 * Draws several runs as a page: state and best figures of each, samples, the same curves of all
 * runs, and the settings that differ.
 *
 * Like a report, it is one file that loads nothing, and all text from outside is escaped.
 *
 * @internal
 */
export function drawComparison({ title, writtenAt, runs }: ComparisonData): string {
  const charts = [...metricCharts(runs), ...stepCharts(runs)];
  const drawn = charts.map(drawChart);
  const script = {
    running: false,
    writtenAt,
    nextWithin: 60,
    charts: drawn.map(({ data }) => data),
    figures: [],
  };
  const content = [
    `<header><h1>${escapeText(title)}</h1></header>`,
    `<p class="verdict">${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, each with one color in all charts. Of a metric, the best value of a run and its step; the best of all runs is bold.</p>`,
    card(runsTable(runs)),
    section('Samples at the end', gallery(samplesFigures(runs))),
    section('Curves', columns(drawn.map(({ html }) => html))),
    section('Settings that differ', differences(runs)),
    `<footer class="soft">Written ${escapeText(moment(writtenAt))} by tfjs-gan.</footer>`,
  ].join('\n');
  return drawPage(`${title} · comparison of runs`, content, script);
}

/** A row for each run, with the best value of each metric and its step. */
function runsTable(runs: readonly ComparedRun[]): string {
  const names = figureNames(runs.flatMap(({ evaluations }) => evaluations));
  const best = new Map(names.map((name) => [name, bestValue(runs, name)]));
  const heads = names.map((name) => {
    const words = metricWords(name);
    const better = betterWords(words);
    const small = better === '' ? 'last value' : better;
    return `<th>${escapeText(words.title)}<small>${small}</small></th>`;
  });
  const rows = runs.map((run, i) => {
    const last = run.steps.at(-1);
    const cells = [
      `<td>${escapeText(run.hasReport ? stateOf(run) : '–')}</td>`,
      `<td>${whole(last?.number ?? 0)}</td>`,
      `<td>${duration(secondsOf(run))}</td>`,
      `<td>${last === undefined ? '' : short(last.samples / paceOf(run))}</td>`,
      ...names.map((name) => figureCell(run, name, best.get(name))),
    ];
    return `<tr><th scope="row">${swatch(i)}${escapeText(run.title)}</th>${cells.join('')}</tr>`;
  });
  return [
    '<table class="metrics"><thead><tr><th>Run</th><th>State</th><th>Steps</th><th>Time trained</th><th>Samples per second</th>',
    ...heads,
    `</tr></thead><tbody>${rows.join('')}</tbody></table>`,
  ].join('');
}

/** A report in state 'running' may be of a run that was interrupted. */
function stateOf({ state }: ComparedRun): string {
  return state === 'running' ? 'Running or interrupted' : stateWords[state];
}

function figureCell(run: ComparedRun, name: string, best: number | undefined): string {
  const record = bestOf(run.evaluations, name) ?? run.evaluations.at(-1);
  const figure = record?.figures[name];
  if (record === undefined || figure === undefined) return '<td></td>';
  const text = figureWords(figure, record.seeds?.length ?? 1);
  return `<td${figure.mean === best ? ' class="best"' : ''}>${text}<small>step ${whole(record.step)}</small></td>`;
}

/** The best value of a figure in all runs; none if that means nothing, or all are alike. */
function bestValue(runs: readonly ComparedRun[], name: string): number | undefined {
  const values = runs.flatMap(
    ({ evaluations }) => bestOf(evaluations, name)?.figures[name]?.mean ?? [],
  );
  if (new Set(values).size < 2) return undefined;
  return values.reduce((best, value) =>
    isBetterFigure(value, best, metricWords(name)) ? value : best,
  );
}

function swatch(run: number): string {
  return `<i class="swatch" style="--c:var(--c${run % 7})"></i>`;
}

/** The newest samples of each generator of each run, and the real samples once. */
function samplesFigures(runs: readonly ComparedRun[]): readonly string[] {
  const generated = runs.flatMap((run, i) => {
    const newest = new Map(run.pictures.map((picture) => [picture.generator, picture]));
    return [...newest.values()].map(({ step, png, generator }) => {
      const name = generator === undefined ? run.title : `${run.title}, ${generator}`;
      return figure(`${swatch(i)}${escapeText(name)}`, `step ${whole(step)}`, png);
    });
  });
  const real = runs.map(({ realPicture }) => realPicture).find((png) => png !== undefined);
  if (generated.length === 0 || real === undefined) return generated;
  return [...generated, figure('Real samples', '', real)];
}

function gallery(figures: readonly string[]): string {
  return figures.length === 0 ? '' : `<div class="gallery">${figures.join('')}</div>`;
}

function figure(title: string, note: string, png: string): string {
  return `<figure class="samples"><h3>${title}</h3><p class="note">${note}</p>${picture(png, '')}</figure>`;
}

/** A chart for each figure of the metrics, with the floor if all runs that have one agree on it. */
function metricCharts(runs: readonly ComparedRun[]): readonly ReportChart[] {
  return figureNames(runs.flatMap(({ evaluations }) => evaluations)).map((name) => {
    const words = metricWords(name);
    const curves = curvesOf(runs, ({ evaluations }) =>
      evaluations.map(({ step, figures }): Point => [step, figures[name]?.mean ?? NaN]),
    );
    const floors = [...new Set(runs.flatMap(({ floor }) => floor?.figures[name]?.mean ?? []))];
    const all = curves.flatMap(({ points }) => points).sort(([a], [b]) => a - b);
    const floor = floors.length === 1 ? floorCurve(floors[0], all) : [];
    const better = betterWords(words);
    return {
      title: words.title,
      unit: words.unit,
      note: capitalized(better),
      dots: true,
      // Not its usual color, which a run may have.
      curves: [...curves, ...floor.map((curve) => ({ ...curve, color: 6 }))],
    };
  });
}

/** The records of steps that are compared: a chart for each name. */
const compared = [
  { read: 'losses', title: (name: string) => `Loss of the ${name}`, unit: 'loss', powers: false },
  { read: 'metrics', title: (name: string) => metricTitle(name), unit: 'value', powers: false },
  {
    read: 'gradientNorms',
    title: (name: string) => `Gradient norm of the ${name}`,
    unit: 'norm',
    powers: true,
  },
] as const;

function metricTitle(name: string): string {
  return name.startsWith('accuracy/')
    ? `Accuracy on ${name.slice('accuracy/'.length)} samples`
    : name;
}

function stepCharts(runs: readonly ComparedRun[]): readonly ReportChart[] {
  return compared.flatMap(({ read, title, unit, powers }) => {
    const byRun = runs.map(
      ({ steps }) =>
        new Map(
          namedCurves(steps.map((step) => [step.number, step[read]])).map((curve) => [
            curve.name,
            curve.points,
          ]),
        ),
    );
    const names = [...new Set(byRun.flatMap((curves) => [...curves.keys()]))];
    return names.map((name) => ({
      title: title(name),
      unit: name.startsWith('accuracy/') ? 'share classified correctly' : unit,
      powers,
      curves: curvesOf(runs, (_, i) => byRun[i]!.get(name) ?? []),
    }));
  });
}

/** A curve for each run that has points, in the run's color. */
function curvesOf(
  runs: readonly ComparedRun[],
  points: (run: ComparedRun, number: number) => readonly Point[],
): readonly ReportCurve[] {
  return runs
    .map((run, i) => ({ name: run.title, points: points(run, i), color: i }))
    .filter((curve) => curve.points.length > 0);
}

/** The settings that are not the same in all runs, with a column for each run. */
function differences(runs: readonly ComparedRun[]): string {
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  const differing = names.filter(
    (name) => new Set(runs.map(({ settings }) => settings[name])).size > 1,
  );
  const known = runs.some(({ settings }) => Object.keys(settings).length > 0);
  if (!known || runs.length < 2) return '';
  if (differing.length === 0) return '<div class="card"><p>None.</p></div>';
  const heads = runs.map(({ title }, i) => `<th>${swatch(i)}${escapeText(title)}</th>`);
  const rows = differing.map((name) => {
    const cells = runs.map(
      ({ settings }) => `<td>${escapeText(String(settings[name] ?? '–'))}</td>`,
    );
    return `<tr><th scope="row">${escapeText(name)}</th>${cells.join('')}</tr>`;
  });
  return card(byColumn(heads, rows));
}
