import { axisTicks } from '../../io/axis-ticks.ts';
import { curveColors } from '../curve-colors.ts';
import { drawable, extent, scale } from '../curves.ts';
import { smooth } from '../smooth.ts';
import { escapeText, svgPath } from '../svg.ts';
import { type Point, thinOut } from '../thin-out.ts';
import { type ChartLine, frameOf, powerTicks, weightFor } from './chart-frame.ts';
import { type ChartData, readings } from './chart-readings.ts';
import type { ReportCurve } from './report-curve.ts';

/** A chart of the report. @internal */
export interface ReportChart {
  readonly title: string;
  /** Its meaning, and which values are good. */
  readonly note?: string | undefined;
  readonly curves: readonly ReportCurve[];
  /** Unit of the value axis. */
  readonly unit: string;
  /** Logarithmic scale, if the values span more than two powers of ten. */
  readonly powers?: boolean | undefined;
  /** Draws raw values without smoothing. */
  readonly exact?: boolean | undefined;
  /** Draws a dot for each value, if there are few. */
  readonly dots?: boolean | undefined;
}

/** A drawn chart, and the values that the page's script shows under the pointer. @internal */
export interface DrawnChart {
  readonly html: string;
  readonly data: ChartData;
}

const [width, height] = [560, 264];
/** @internal */
export const plot: Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>> = {
  left: 58,
  right: 548,
  top: 30,
  bottom: 222,
};

/** Number of colors in the page's style. */
const colors = 7;

/** Above this number, dots would hide the line. */
const mostDots = 150;

/** @internal */
export function drawChart(chart: ReportChart, number: number): DrawnChart {
  const curves = chart.curves.map((curve) => ({ ...curve, points: curve.points.map(drawable) }));
  const all = curves.flatMap(({ points }) => points);
  const range = extent(all, 1);
  const logarithmic = chart.powers === true && range.low > 0 && range.high > 100 * range.low;
  const lines = curves.map((curve) => lineOf(curve, logarithmic, chart.exact === true));
  const steps = extent(all, 0);
  const x = scale(steps.low, steps.high, plot.left, plot.right);
  const frame = frameOf(lines);
  const ticks = logarithmic
    ? powerTicks(frame.low, frame.high)
    : axisTicks(frame.low, frame.high, 4);
  const [low, high] = [ticks.at(0)?.value ?? 0, ticks.at(-1)?.value ?? 1];
  const y = scale(low, high, plot.bottom, plot.top);
  const columns = plot.right - plot.left;
  const byName = curveColors(curves.map(({ name }) => name));
  const looks = curves.map(({ color, isReference }, i) => {
    const place = color ?? byName[i]!;
    return { color: `var(--c${place % colors})`, dashed: isReference === true || place >= colors };
  });
  const frames = lines.map((line) => frameOf([line]));
  const drawn = lines.map(({ raw, mean }, i) => {
    const { color, dashed } = looks[i]!;
    const own = finer(frames[i]!, { low, high });
    const dotted = chart.dots === true && curves[i]!.isReference !== true && raw.length <= mostDots;
    const draw = (points: readonly Point[], faint: boolean): string =>
      svgPath(thinOut(points, columns), x, own, { color, faint });
    const faint = mean === raw || dotted ? '' : draw(raw, true);
    const line = draw(dotted ? raw : mean, false);
    const dots = dotted ? raw.map(([step, value]) => dot(x(step), own(value), color)).join('') : '';
    return `<g data-curve="${i}"${dashed ? ' class="dashed"' : ''}>${faint}${line}${dots}</g>`;
  });
  const rounding = 1e-9 * (high - low);
  const outside = lines
    .flatMap(({ raw }) => raw)
    .filter(([, value]) => value < low - rounding || value > high + rounding).length;
  const note = [
    ...(chart.note === undefined ? [] : [chart.note]),
    ...(logarithmic ? ['Each horizontal line is a power of ten.'] : []),
    ...(outside > 0
      ? [`${outside} extreme ${outside === 1 ? 'value lies' : 'values lie'} outside the frame.`]
      : []),
  ].join(' ');
  const title = escapeText(chart.title);
  const html = [
    `<figure class="chart" data-chart="${number}">`,
    `<figcaption><h3>${title}</h3>${note === '' ? '' : `<p class="note">${escapeText(note)}</p>`}</figcaption>`,
    `<div class="legend">${curves.map(({ name }, i) => legendButton(name, i, looks[i]!)).join('')}</div>`,
    `<svg viewBox="0 0 ${width} ${height}" tabindex="0" role="img" aria-label="${title}: ${escapeText(summaryOf(curves))}">`,
    `<clipPath id="frame${number}"><rect x="${plot.left - 4}" y="${plot.top - 4}" width="${columns + 8}" height="${plot.bottom - plot.top + 8}"/></clipPath>`,
    '<g class="ticks">',
    ...ticks.map(
      ({ value, label }) =>
        `<path class="grid" d="M${plot.left} ${y(value)}H${plot.right}"/><text x="${plot.left - 8}" y="${y(value) + 4}" text-anchor="end">${label}</text>`,
    ),
    '</g>',
    ...axisTicks(steps.low, steps.high, 5, 1)
      .filter(({ value }) => value >= steps.low && value <= steps.high)
      .map(
        ({ value, label }) =>
          `<text x="${x(value)}" y="${plot.bottom + 20}" text-anchor="middle">${label}</text>`,
      ),
    `<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>`,
    `<text class="unit" x="2" y="14">${escapeText(chart.unit)}</text>`,
    `<text class="unit" x="${plot.right}" y="${height - 4}" text-anchor="end">step</text>`,
    `<g clip-path="url(#frame${number})"><g class="lines">${drawn.join('')}</g></g>`,
    all.every(([, value]) => Number.isNaN(value))
      ? `<text x="${width / 2}" y="${height / 2}" text-anchor="middle">no values yet</text>`
      : '',
    `<path class="cursor" d="M0 ${plot.top}V${plot.bottom}"/>`,
    '</svg><output class="reading"></output></figure>',
  ].join('');
  const data = {
    ...steps,
    axis: [low, high] as const,
    frames: frames.map((own) => [own.low, own.high] as const),
    powers: logarithmic,
  };
  return { html, data: { ...data, ...readings(curves) } };
}

/** A curve as it is drawn: logarithms on a scale by powers of ten, and the mean over it. */
function lineOf(
  { points, isReference }: ReportCurve,
  logarithmic: boolean,
  exact: boolean,
): ChartLine {
  const raw = logarithmic
    ? points.map(([step, value]): Point => [step, Math.log10(value)])
    : points;
  const asIs = exact || isReference === true;
  return { raw, mean: asIs ? raw : smooth(raw, weightFor(raw.length)) };
}

interface Frame {
  readonly low: number;
  readonly high: number;
}

/** More decimals for a curve that is flat next to the others: it may be shown alone. */
function finer(own: Frame, { low, high }: Frame): (value: number) => number {
  const stretch = (high - low) / (own.high - own.low);
  const decimals = 1 + Math.min(5, Math.max(0, Math.ceil(Math.log10(stretch))));
  return scale(low, high, plot.bottom, plot.top, decimals);
}

/** A line of length 0 with round ends: it stays round if the axis is rescaled. */
function dot(x: number, y: number, color: string): string {
  return Number.isFinite(y) ? `<path class="dot" stroke="${color}" d="M${x} ${y}h0"/>` : '';
}

function legendButton(
  name: string,
  number: number,
  { color, dashed }: { readonly color: string; readonly dashed: boolean },
): string {
  return (
    `<button type="button" aria-pressed="true" data-curve="${number}">` +
    `<i class="${dashed ? 'dashed' : ''}" style="--c:${color}"></i>${escapeText(name)}</button>`
  );
}

/** Text alternative for screen readers. */
function summaryOf(curves: readonly ReportCurve[]): string {
  return curves
    .map(({ name, points }) => {
      const values = points.map(([, value]) => value).filter(Number.isFinite);
      const first = values.at(0) ?? NaN;
      const last = values.at(-1) ?? NaN;
      return `${name} from ${first.toPrecision(3)} to ${last.toPrecision(3)}`;
    })
    .join(', ');
}
