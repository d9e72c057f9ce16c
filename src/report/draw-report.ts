import { drawChart } from './page/chart.ts';
import { card, columns, drawPage, jsonBlock, type ScriptData, section } from './page/draw-page.ts';
import { historyWarnings, notIn } from './page/history-warnings.ts';
import { loggedCharts } from './page/logged-charts.ts';
import { networkTables } from './page/network-tables.ts';
import { dataUri, picture, sizeOfPng } from './page/picture-data.ts';
import { metricCharts, stepCharts } from './page/step-charts.ts';
import { stateWords, summary } from './page/summary.ts';
import {
  environmentTable,
  metricsGuide,
  metricsTable,
  settingsTables,
  timings,
} from './page/tables.ts';
import { moment, percent, whole } from './page/words.ts';
import type { ReportData, ReportPicture } from './report-data.ts';
import { escapeText } from './svg.ts';

/**
 * Draws a run as a page: state, samples over time, curves, metrics, durations, settings,
 * environment.
 *
 * The page is one file that loads nothing: style, script and images are inside, and its content
 * security policy forbids everything else. Long runs are downsampled to screen resolution. All
 * external text is escaped.
 *
 * @param data - The run.
 * @returns The HTML document.
 *
 * @internal
 */
export function drawReport(data: ReportData): string {
  const warnings = merged(data);
  const metrics = metricCharts(data);
  const curves = [...stepCharts(data.steps), ...loggedCharts(data)];
  const drawn = [...curves, ...metrics].map(drawChart);
  const html = drawn.map((chart) => chart.html);
  const [ofCurves, ofMetrics] = [html.slice(0, curves.length), html.slice(curves.length)];
  const figures = figuresOf(data);
  // With several generators, it is unknown which data each one imitates.
  const realPicture = figures.length === 1 ? data.realPicture : undefined;
  const { beside, isLeft } = arrangement(figures, realPicture !== undefined, ofCurves.length);
  const left = [samplesFigures({ ...data, realPicture }, figures), isLeft ? resuming(data) : ''];
  const right = [...ofCurves.slice(0, beside), isLeft ? '' : resuming(data)];
  const script: ScriptData = {
    running: data.state === 'running',
    writtenAt: data.writtenAt,
    nextWithin: data.nextWithin ?? 60,
    charts: drawn.map((chart) => chart.data),
    figures: figures.map(({ title, pictures }) => ({
      title,
      // The newest one is in the page already.
      pictures: pictures.map(({ step, png }, i) => ({
        step,
        url: i === pictures.length - 1 ? '' : dataUri(png),
      })),
    })),
  };
  const content = [
    summary(data, warnings),
    '<h2>Now</h2><div class="columns">',
    `<div class="stack">${left.join('')}</div><div class="stack">${right.join('')}</div></div>`,
    section('Curves', columns(ofCurves.slice(beside))),
    section('Metrics', metricsSection(data, ofMetrics)),
    section('Networks', columns(networkTables(data.networks ?? []))),
    section('Settings', columns(settingsTables(data).map(card))),
    section('Time and machine', columns([card(timings(data)), card(environmentTable(data))])),
    `<footer class="soft">Written ${escapeText(moment(data.writtenAt))} by tfjs-gan.</footer>`,
  ].join('\n');
  return drawPage(headTitle(data), content, script, jsonBlock('memory', memoryOf(data)));
}

/** Approximate heights on a wide screen, in pixels. */
const heights = { chart: 405, resuming: 175, picture: 600, aroundPicture: 150 };

/** Widths of the samples: alone, and next to real ones. */
const widths = { alone: 560, paired: 270 };

/**
 * The number of charts next to the samples, and the side of the card on how to continue: both sides
 * have about the same height, and the remaining charts come in pairs.
 */
function arrangement(
  figures: readonly SamplesFigure[],
  isPaired: boolean,
  charts: number,
): { readonly beside: number; readonly isLeft: boolean } {
  const width = isPaired ? widths.paired : widths.alone;
  const left = figures.reduce((sum, { pictures }) => {
    const size = sizeOfPng(pictures.at(-1)!.png);
    const height = (width * size.height) / Math.max(1, size.width);
    return sum + heights.aroundPicture + Math.min(heights.picture, height);
  }, 0);
  const first = Math.min(charts, 2 - (charts % 2));
  const choices = [first, first + 2, first + 4]
    .filter((beside) => beside <= Math.max(first, charts))
    .flatMap((beside) => [true, false].map((isLeft) => ({ beside, isLeft })));
  const gap = ({ beside, isLeft }: (typeof choices)[number]): number =>
    Math.abs(left - beside * heights.chart + (isLeft ? heights.resuming : -heights.resuming));
  return choices.reduce((best, choice) => (gap(choice) < gap(best) ? choice : best));
}

/** The title of the browser's tab, with the progress. */
function headTitle({ title, state, steps, lastStep }: ReportData): string {
  const step = steps.at(-1)?.number ?? 0;
  const done =
    lastStep === undefined ? `step ${whole(step)}` : percent(Math.min(1, step / lastStep));
  return `${title} · ${state === 'running' ? done : stateWords[state].toLowerCase()} · training report`;
}

/** The table, and the charts in pairs; an odd number is filled up with the guide to the metrics. */
function metricsSection(data: ReportData, charts: readonly string[]): string {
  if (charts.length === 0) return '';
  const guide = metricsGuide(data);
  return charts.length % 2 === 0
    ? `${metricsTable(data)}${columns(charts)}${columns([guide])}`
    : `${metricsTable(data)}${columns([...charts, guide])}`;
}

/**
 * What a report stores besides the history, for a run that is resumed: always, and if it is known.
 */
const always = ['title', 'settings', 'sessions', 'evaluations', 'warnings'] as const;
const whereKnown = [
  'floor',
  'networks',
  'lastStep',
  'minutes',
  'stepsPerEpoch',
  'state',
  'error',
  'resumeCommand',
  'secondsPerStep',
  'seen',
] as const;

/** @internal */
export type ReportMemory = Pick<ReportData, (typeof always)[number]> &
  Partial<Pick<ReportData, (typeof whereKnown)[number]>>;

/**
 * Reads what an earlier report stored; undefined if there is none, or it is damaged.
 *
 * @internal
 */
export function readReportMemory(html: string): ReportMemory | undefined {
  const [, text] = /<script type="application\/json" id="memory">(.*?)<\/script>/s.exec(html) ?? [];
  if (text === undefined) return undefined;
  try {
    const memory = JSON.parse(text, nullAsNaN) as Partial<ReportMemory> & { format?: unknown };
    const whole = [memory.sessions, memory.evaluations, memory.warnings].every(Array.isArray);
    return memory.format === 1 && whole && typeof memory.settings === 'object'
      ? (memory as ReportMemory)
      : undefined;
  } catch {
    return undefined;
  }
}

/** JSON has no NaN; it is written as null. */
export function nullAsNaN(_key: string, value: unknown): unknown {
  return value === null ? NaN : value;
}

function memoryOf(data: ReportData): object {
  const names = [...always, ...whereKnown];
  return { format: 1, ...Object.fromEntries(names.map((name) => [name, data[name]])) };
}

/** Warnings of callbacks and those found in the steps, in order, without duplicates. */
function merged({ warnings, steps, seen }: ReportData): ReportData['warnings'] {
  const shown = notIn(warnings, historyWarnings(steps, seen));
  return [...warnings, ...shown].sort((a, b) => a.step - b.step);
}

/** The images of one generator over time. */
interface SamplesFigure {
  readonly title: string;
  readonly pictures: readonly ReportPicture[];
}

function figuresOf({ pictures }: ReportData): readonly SamplesFigure[] {
  const names = [...new Set(pictures.map(({ generator }) => generator))];
  return names.map((name) => ({
    title: name === undefined ? 'Samples' : `Samples of ${name}`,
    pictures: pictures.filter(({ generator }) => generator === name),
  }));
}

function samplesFigures(
  { picturesLeftOut = 0, realPicture }: ReportData,
  figures: readonly SamplesFigure[],
): string {
  if (figures.length === 0) {
    const why =
      picturesLeftOut > 0
        ? 'The images are too large for this page.'
        : 'There are no images yet. Add the callback sampleGrid or samplePoints to draw them.';
    return `<figure class="samples"><h3>Samples</h3><p class="note">${why}</p></figure>`;
  }
  const left = picturesLeftOut > 0 ? `, ${picturesLeftOut} between them left out` : '';
  return figures.map((figure) => samplesFigure(figure, left, realPicture)).join('');
}

function samplesFigure(
  { title, pictures }: SamplesFigure,
  left: string,
  real: string | undefined,
): string {
  const last = pictures.at(-1)!;
  const range = `min="0" max="${pictures.length - 1}" value="${pictures.length - 1}"`;
  const name = escapeText(title);
  const generated = picture(last.png, `${name} after step ${last.step}`);
  const images =
    real === undefined
      ? generated
      : `<div class="pair"><div>${generated}<span>generated</span></div><div>${picture(real, 'Real samples')}<span>real</span></div></div>`;
  return [
    `<figure class="samples"><figcaption><h3>${name}</h3>`,
    `<p class="note">The same inputs through time: ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}${left}.</p></figcaption>`,
    images,
    `<div class="controls" hidden><button type="button">Play</button><input type="range" ${range} step="1" aria-label="Step of the picture">`,
    `<output>step ${whole(last.step)}</output></div></figure>`,
  ].join('');
}

function resuming({ resumeCommand: command, state }: ReportData): string {
  const ended =
    state === 'finished'
      ? 'To train further, raise the number of steps or epochs; then'
      : 'To resume the run:';
  const text =
    command === undefined
      ? 'With <code>checkpoint(store)</code> among its callbacks, the same program continues bit-for-bit: <code>await trainer.restore(store)</code> before <code>fit</code>.'
      : `${ended}<pre>${escapeText(command)}</pre>It continues from the last checkpoint, in this report.`;
  const failed =
    state === 'failed'
      ? '<p>If a loss or gradient was not finite: lower the learning rate tenfold, limit the discriminator’s gradient norm with a gradient penalty, or use <code>fitWithRollback</code>, which rolls back by itself.</p>'
      : '';
  return `<div class="card"><h3>How to continue</h3><p>${text}</p>${failed}</div>`;
}
