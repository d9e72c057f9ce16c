import { axisTicks } from '../src/report/axis-ticks.ts';
import { scale } from '../src/report/curves.ts';
import { escapeText } from '../src/report/svg.ts';

/** Points that belong together, joined in their order where `line` is on. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Several series of one name share a place in the legend. */
  readonly line: boolean;
}

/** Where a chart begins and ends, and what it measures. */
export interface Axes {
  readonly title: string;
  readonly x: { readonly label: string; readonly from: number; readonly to: number };
  readonly y: { readonly label: string; readonly from: number; readonly to: number };
}

const [width, height] = [720, 440];
const [left, right, top, bottom] = [70, width - 24, 76, height - 54];

/** A chart of points as the text of an SVG picture. */
export function drawPoints(series: readonly Series[], axes: Axes): string {
  const xAt = scale(axes.x.from, axes.x.to, left, right);
  const yAt = scale(axes.y.from, axes.y.to, bottom, top);
  const within = (axis: Axes['x'], count: number): ReturnType<typeof axisTicks> =>
    axisTicks(axis.from, axis.to, count).filter(
      ({ value }) => value >= axis.from && value <= axis.to,
    );
  const names = [...new Map(series.map(({ name, color }) => [name, color]))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(axes.title)}</title>`,
    '<style>text{font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#444}.title{font-size:17px;font-weight:600;fill:#222}</style>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="title" x="${left}" y="28">${escapeText(axes.title)}</text>`,
    ...names.map(([name, color], i) => {
      const x = left + 170 * i;
      return `<circle cx="${x + 5}" cy="50" r="5" fill="${color}"/><text x="${x + 16}" y="54">${escapeText(name)}</text>`;
    }),
    ...within(axes.y, 6).flatMap(({ value, label }) => [
      `<path stroke="#e6e6e6" d="M${left} ${yAt(value)}H${right}"/>`,
      `<text x="${left - 10}" y="${yAt(value) + 4}" text-anchor="end">${label}</text>`,
    ]),
    ...within(axes.x, 7).flatMap(({ value, label }) => [
      `<path stroke="#888" d="M${xAt(value)} ${bottom}v5"/>`,
      `<text x="${xAt(value)}" y="${bottom + 20}" text-anchor="middle">${label}</text>`,
    ]),
    `<path stroke="#888" d="M${left} ${bottom}H${right}"/>`,
    `<text x="${(left + right) / 2}" y="${height - 12}" text-anchor="middle">${escapeText(axes.x.label)}</text>`,
    `<text transform="translate(20 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeText(axes.y.label)}</text>`,
    ...series.flatMap(({ points, color, line }) => [
      line
        ? `<path fill="none" stroke="${color}" stroke-width="1.6" stroke-opacity=".55" d="${points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${xAt(x)} ${yAt(y)}`).join('')}"/>`
        : '',
      ...points.map(
        ([x, y]) =>
          `<circle cx="${xAt(x)}" cy="${yAt(y)}" r="4" fill="${color}" fill-opacity=".85"/>`,
      ),
    ]),
    '</svg>',
    '',
  ].join('\n');
}
