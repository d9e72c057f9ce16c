import { axisTicks } from '../../src/io/axis-ticks.ts';
import { scale } from '../../src/report/curves.ts';
import { escapeText } from '../../src/report/svg.ts';

const style =
  '<style>text{font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#444}.title{font-size:15px;font-weight:600;fill:#222}</style>';
const [blue, orange] = ['#0072b2', '#d55e00'];

function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    style,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="title" x="16" y="26">${escapeText(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Seconds a step of one contestant. */
export interface Bar {
  readonly name: string;
  readonly seconds: number;
  readonly isPeer: boolean;
}

/** Bars of seconds, ours and the peer's in two colors, as the text of an SVG picture. */
export function drawBars(bars: readonly Bar[], title: string): string {
  const [left, right, top, row] = [230, 640, 44, 30];
  const most = Math.max(...bars.map(({ seconds }) => seconds));
  return picture(720, top + row * bars.length + 16, title, [
    ...bars.flatMap(({ name, seconds, isPeer }, i) => {
      const y = top + row * i;
      const length = ((right - left) * seconds) / most;
      return [
        `<text x="${left - 12}" y="${y + 19}" text-anchor="end">${escapeText(name)}</text>`,
        `<rect x="${left}" y="${y + 5}" width="${length.toFixed(1)}" height="20" fill="${isPeer ? orange : blue}"/>`,
        `<text x="${(left + length + 8).toFixed(1)}" y="${y + 19}">${seconds.toFixed(3)} s</text>`,
      ];
    }),
  ]);
}

/** How the seconds of a step grow with one factor. */
export interface Growth {
  readonly factor: string;
  readonly rows: readonly { readonly value: number; readonly seconds: number }[];
}

/** A panel for each factor, both axes logarithmic, so that a straight line is a power; as the text of an SVG picture. */
export function drawGrowth(panels: readonly Growth[], title: string): string {
  const [panelWidth, panelHeight, top] = [360, 250, 44];
  const seconds = panels.flatMap(({ rows }) => rows.map((row) => row.seconds));
  const [least, most] = [Math.min(...seconds) / 1.5, Math.max(...seconds) * 1.5];
  const rowsOfPanels = Math.ceil(panels.length / 2);
  return picture(2 * panelWidth, top + rowsOfPanels * panelHeight, title, [
    ...panels.flatMap(({ factor, rows }, i) => {
      const [left, right] = [panelWidth * (i % 2) + 70, panelWidth * ((i % 2) + 1) - 28];
      const above = top + panelHeight * Math.floor(i / 2) + 24;
      const below = above + panelHeight - 70;
      const along = (value: number, from: number, to: number): number =>
        Math.log(value / from) / Math.log(to / from);
      const points = rows.map((row) => {
        const share = along(row.value, rows[0]!.value, rows.at(-1)!.value);
        const x = left + 16 + (right - left - 32) * share;
        return { ...row, x, y: below - (below - above) * along(row.seconds, least, most) };
      });
      const line = points.map(
        ({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`,
      );
      return [
        `<path stroke="#888" fill="none" d="M${left} ${above}V${below}H${right}"/>`,
        `<text x="${(left + right) / 2}" y="${below + 38}" text-anchor="middle">${escapeText(factor)}</text>`,
        `<text transform="translate(${left - 14} ${(above + below) / 2}) rotate(-90)" text-anchor="middle">seconds a step</text>`,
        `<path fill="none" stroke="${blue}" stroke-width="1.8" d="${line.join('')}"/>`,
        ...points.flatMap(({ x, y, value, seconds }) => [
          `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="${blue}"/>`,
          `<text x="${x.toFixed(1)}" y="${(y - 10).toFixed(1)}" text-anchor="middle">${seconds < 1 ? seconds.toFixed(3) : seconds.toFixed(2)}</text>`,
          `<text x="${x.toFixed(1)}" y="${below + 20}" text-anchor="middle">${value}</text>`,
        ]),
      ];
    }),
  ]);
}

/** Points that belong together, joined in their order if `line` is on. */
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

/** A chart of points as the text of an SVG picture. */
export function drawPoints(series: readonly Series[], axes: Axes): string {
  const [width, height] = [720, 440];
  const [left, right, top, bottom] = [70, width - 24, 76, height - 54];
  const xAt = scale(axes.x.from, axes.x.to, left, right);
  const yAt = scale(axes.y.from, axes.y.to, bottom, top);
  const within = (axis: Axes['x'], count: number): ReturnType<typeof axisTicks> =>
    axisTicks(axis.from, axis.to, count).filter(
      ({ value }) => value >= axis.from && value <= axis.to,
    );
  const names = [...new Map(series.map(({ name, color }) => [name, color]))];
  return picture(width, height, axes.title, [
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
  ]);
}
