import { drawChart, plot } from './page/chart.ts';
import { historyWarnings, notIn } from './page/history-warnings.ts';
import { loggedCharts } from './page/logged-charts.ts';
import { pageScript, pageScriptHash } from './page/page-script.ts';
import { pageStyle } from './page/page-style.ts';
import { metricCharts, stepCharts } from './page/step-charts.ts';
import { summary } from './page/summary.ts';
import { environmentTable, metricsTable, settingsTable, timings } from './page/tables.ts';
import { moment, whole } from './page/words.ts';
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
  const metrics = metricCharts(data.evaluations);
  const curves = [...stepCharts(data.steps), ...loggedCharts(data)];
  const drawn = [...curves, ...metrics].map(drawChart);
  const html = drawn.map((chart) => chart.html);
  const metricsAt = html.length - metrics.length;
  const [losses = ''] = html;
  const figures = figuresOf(data);
  const forScript = {
    running: data.state === 'running',
    writtenAt: data.writtenAt,
    nextWithin: data.nextWithin ?? 60,
    plot,
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
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${pageScriptHash}'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>${escapeText(data.title)}</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head><body><main>`,
    summary(data, warnings),
    `<h2>Now</h2><div class="columns">${samplesFigures(data, figures)}${losses}</div>`,
    section('Curves', `<div class="columns">${html.slice(1, metricsAt).join('')}</div>`),
    data.evaluations.length === 0
      ? ''
      : section(
          'Metrics',
          `${metricsTable(data)}<div class="columns" style="margin-top:16px">${html.slice(metricsAt).join('')}</div>`,
        ),
    '<div class="columns">',
    `<section>${section('How to go on', goOn(data))}${section('Time', card(timings(data)))}</section>`,
    `<section>${section('Ran on', card(environmentTable(data)))}</section>`,
    '</div>',
    section('Settings', card(settingsTable(data))),
    `<footer class="soft">Written ${escapeText(moment(data.writtenAt))} by tfjs-gan.</footer></main>`,
    jsonBlock('report', forScript),
    jsonBlock('memory', memoryOf(data)),
    `<script>${pageScript}</script></body></html>`,
    '',
  ].join('\n');
}

/**
 * What a report stores besides the history, for a run that is resumed: always, and if it is known.
 */
const always = ['title', 'settings', 'sessions', 'evaluations', 'warnings'] as const;
const whereKnown = [
  'lastStep',
  'minutes',
  'stepsPerEpoch',
  'state',
  'error',
  'goOn',
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
  { picturesLeftOut = 0 }: ReportData,
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
  return figures.map((figure) => samplesFigure(figure, left)).join('');
}

function samplesFigure({ title, pictures }: SamplesFigure, left: string): string {
  const last = pictures.at(-1)!;
  const range = `min="0" max="${pictures.length - 1}" value="${pictures.length - 1}"`;
  const name = escapeText(title);
  return [
    `<figure class="samples"><figcaption><h3>${name}</h3>`,
    `<p class="note">The same latents through time: ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}${left}.</p></figcaption>`,
    `<img src="${escapeText(dataUri(last.png))}" alt="${name} after step ${last.step}">`,
    `<div class="controls" hidden><button type="button">Play</button><input type="range" ${range} step="1" aria-label="Step of the picture">`,
    `<output>step ${whole(last.step)}</output></div></figure>`,
  ].join('');
}

function goOn({ goOn: command, state }: ReportData): string {
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
  return `<div class="card"><p>${text}</p>${failed}</div>`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h2>${title}</h2>${content}`;
}

function card(content: string): string {
  return content === '' ? '' : `<div class="card scroll">${content}</div>`;
}

function dataUri(png: string): string {
  return `data:image/png;base64,${png}`;
}

/** Escapes text that would end the block. */
function jsonBlock(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
}
