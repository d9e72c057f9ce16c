import { checkInRange, checkPositive } from '../core/checks.ts';
import { axisTicks } from '../io/axis-ticks.ts';
import { curveColors } from './curve-colors.ts';
import { smooth } from './smooth.ts';
import { escapeText, svgPath } from './svg.ts';
import { thinOut, type Point } from './thin-out.ts';

/**
 * One line of a chart.
 *
 * @example A figure that was measured every hundredth step
 * ```ts
 * const distance: Curve = { name: 'Fréchet distance', steps: [100, 200, 300], values: [41.2, 18.7, 12.3] };
 * const svg = drawCurves([distance]);
 * console.log(svg.includes('Fréchet distance')); // true
 * ```
 */
export interface Curve {
  /** Its name in the legend. */
  readonly name: string;
  /** The values; NaN and infinite values are gaps. */
  readonly values: ArrayLike<number>;
  /**
   * The step of each value, in ascending order.
   *
   * @defaultValue 1, 2, 3, …
   */
  readonly steps?: ArrayLike<number> | undefined;
}

/**
 * Settings of {@link drawCurves}.
 *
 * @example As wide as a column of text, with epochs on the axis
 * ```ts
 * const options: CurvesOptions = { title: 'Losses', valueLabel: 'loss', stepLabel: 'epoch', width: 480, height: 300 };
 * const svg = drawCurves([{ name: 'generator', values: [0.69, 0.9, 1.0] }], options);
 * ```
 */
export interface CurvesOptions {
  /** Title of the chart. */
  readonly title?: string | undefined;
  /**
   * Label of the horizontal axis.
   *
   * @defaultValue `'step'`
   */
  readonly stepLabel?: string | undefined;
  /** Label of the vertical axis. */
  readonly valueLabel?: string | undefined;
  /**
   * Weight of the past in a moving average: from 0, no smoothing, up to but not including 1. The
   * raw values stay visible, faintly.
   *
   * @defaultValue `0`
   */
  readonly smoothing?: number | undefined;
  /**
   * Width of the picture, in pixels.
   *
   * @defaultValue `860`
   */
  readonly width?: number | undefined;
  /**
   * Height of the picture, in pixels.
   *
   * @defaultValue `440`
   */
  readonly height?: number | undefined;
}

/**
 * Colors that color-blind readers can distinguish (Okabe and Ito), the darkest first for white
 * paper.
 */
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/**
 * Draws values over the steps of a run, as the text of an SVG picture.
 *
 * Long runs are downsampled to the width, so that the file stays small.
 *
 * @param curves - The lines.
 * @param options - Title, labels, smoothing and size.
 * @returns The SVG document.
 * @throws RangeError if `steps` and `values` have different lengths, or a setting is out of range.
 *
 * @example The losses of a run
 * ```ts
 * const svg = drawCurves(
 *   [
 *     { name: 'discriminator', values: [1.39, 1.2, 1.1] },
 *     { name: 'generator', values: [0.69, 0.9, 1.0] },
 *   ],
 *   { title: 'Losses', valueLabel: 'loss', smoothing: 0.6 },
 * );
 * ```
 */
export function drawCurves(curves: readonly Curve[], options: CurvesOptions = {}): string {
  const action = 'draw curves';
  const { title = '', stepLabel = 'step', valueLabel = '', smoothing = 0 } = options;
  const { width = 860, height = 440 } = options;
  checkInRange(action, 'smoothing', smoothing, 0, 1);
  checkPositive(action, 'width', width);
  checkPositive(action, 'height', height);
  const lines = curves.map((curve) => pointsOf(action, curve));
  const colorOf = colorsOf(curves);
  const all = lines.flat();

  const left = 64 + (valueLabel === '' ? 0 : 22);
  const right = Math.max(left + 1, width - 24);
  const names = legend(curves, left, right, title === '' ? 24 : 54);
  const top = names.bottom;
  const bottom = Math.max(top + 1, height - 52);
  const center = (left + right) / 2;
  const middle = (top + bottom) / 2;

  // The lines fill the width; the vertical axis ends at round numbers.
  const steps = extent(all, 0);
  const stepTicks = axisTicks(steps.low, steps.high, (right - left) / 90, 1);
  const x = scale(steps.low, steps.high, left, right);
  const values = extent(all, 1);
  const valueTicks = axisTicks(values.low, values.high, (bottom - top) / 55);
  const y = scale(valueTicks.at(0)?.value ?? 0, valueTicks.at(-1)?.value ?? 1, bottom, top);

  const draw = (points: readonly Point[], color: string, faint: boolean): string =>
    svgPath(thinOut(points, right - left), x, y, { color, faint });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title === '' ? curves.map(({ name }) => name).join(', ') : title)}</title>`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="title" x="${left}" y="30">${escapeText(title)}</text>`,
    ...names.parts,
    ...valueTicks.flatMap(({ value, label }) => [
      `<path class="grid" d="M${left} ${y(value)}H${right}"/>`,
      `<text x="${left - 10}" y="${y(value) + 4}" text-anchor="end">${label}</text>`,
    ]),
    `<path class="axis" d="M${left} ${bottom}H${right}"/>`,
    ...stepTicks
      .filter(({ value }) => value >= steps.low && value <= steps.high)
      .flatMap(({ value, label }) => [
        `<path class="axis" d="M${x(value)} ${bottom}v5"/>`,
        `<text x="${x(value)}" y="${bottom + 20}" text-anchor="middle">${label}</text>`,
      ]),
    `<text x="${center}" y="${height - 10}" text-anchor="middle">${escapeText(stepLabel)}</text>`,
    `<text transform="translate(20 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(valueLabel)}</text>`,
    ...lines.map((points, i) => {
      const color = colorOf[i]!;
      if (smoothing === 0) return draw(points, color, false);
      return draw(points, color, true) + draw(smooth(points, smoothing), color, false);
    }),
    all.every(([, value]) => Number.isNaN(value))
      ? `<text x="${center}" y="${middle}" text-anchor="middle">no values</text>`
      : '',
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#444}',
  '.title{font-size:17px;font-weight:600;fill:#222}',
  '.grid{stroke:#e6e6e6;fill:none}.axis{stroke:#888;fill:none}',
  '.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}',
  '.faint{stroke-width:1;opacity:.25}',
  '.dot{stroke-width:6;stroke-linecap:round}.dot.faint{stroke-width:2}',
].join('');

/** The color of each curve: networks have the same one everywhere. */
function colorsOf(curves: readonly Curve[]): readonly string[] {
  return curveColors(curves.map(({ name }) => name)).map(
    (number) => colors[number % colors.length]!,
  );
}

/** Width of a letter of the chart's font, estimated generously: SVG cannot measure text. */
const letter = 7.4;

/** The legend in rows that do not overflow, and the bottom of the last row. */
function legend(
  curves: readonly Curve[],
  left: number,
  right: number,
  top: number,
): { parts: readonly string[]; bottom: number } {
  let [x, y] = [left, top];
  const colorOf = colorsOf(curves);
  const parts = curves.map(({ name }, i) => {
    const width = 26 + letter * name.length + 20;
    if (x > left && x + width > right) {
      x = left;
      y += 22;
    }
    const part =
      `<path d="M${x} ${y - 4}h18" stroke="${colorOf[i]!}" stroke-width="3"/>` +
      `<text x="${x + 26}" y="${y}">${escapeText(name)}</text>`;
    x = Math.round(x + width);
    return part;
  });
  return { parts, bottom: y + (curves.length === 0 ? -8 : 16) };
}

function pointsOf(action: string, { name, values, steps }: Curve): readonly Point[] {
  if (steps !== undefined && steps.length !== values.length) {
    throw new RangeError(
      `Cannot ${action}: '${name}' must have a step for each of its ${values.length} values, got ${steps.length}`,
    );
  }
  return Array.from(values, (value, i) => drawable([steps?.[i] ?? i + 1, value])).filter(([step]) =>
    Number.isFinite(step),
  );
}

/** The point, or a gap if the value is not finite or overflows on the chart's scale. @internal */
export function drawable([step, value]: Point): Point {
  return [step, Math.abs(step) < 1e300 && Math.abs(value) < 1e300 ? value : NaN];
}

/** The range of the values without gaps, extended if it is a single value. @internal */
export function extent(points: readonly Point[], part: 0 | 1): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const point of points) {
    if (Number.isNaN(point[1])) continue;
    low = Math.min(low, point[part]);
    high = Math.max(high, point[part]);
  }
  if (low > high) return { low: 0, high: 1 };
  // A single value, or nearly equal ones, are centered; very small values count as 0.
  const same = high - low <= Math.max(1e-9 * Math.max(Math.abs(low), Math.abs(high)), 1e-300);
  if (!same) return { low, high };
  const room = part === 0 || Math.abs(low) < 1e-299 ? 1 : Math.abs(low) / 2;
  return { low: low - room, high: high + room };
}

/** Maps `low … high` to pixels `from … to`, rounded to `decimals`. @internal */
export function scale(
  low: number,
  high: number,
  from: number,
  to: number,
  decimals = 1,
): (value: number) => number {
  const round = 10 ** decimals;
  return (value) =>
    Math.round((from + ((value - low) / (high - low)) * (to - from)) * round) / round;
}
