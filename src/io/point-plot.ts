import type * as tf from '@tensorflow/tfjs';
import { checkPositive, checkPositiveInteger, isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { checkValueRange, type ValueRange } from '../core/value-range.ts';
import { axisTicks } from './axis-ticks.ts';
import { type Color, colorParts, luminance, type Picture } from './picture.ts';
import { letterSize, textDots, textWidth } from './pixel-letters.ts';

/**
 * Settings of `savePoints` in Node and `drawPoints` in a page.
 *
 * @example Always the same part of the plane, to compare pictures of several runs
 * ```ts
 * const { generator } = createMlpGan({ sampleShape: [2] });
 * const points = generator.sample(500, { seed: 1 });
 * const range = { x: [-1.5, 1.5], y: [-1.5, 1.5] } as const;
 * const options: PointsOptions = { range, width: 320, radius: 1.5 };
 * await savePoints('points.png', points, options);
 * points.dispose();
 * ```
 */
export interface PointsOptions {
  /**
   * Points of the data, `[count, 2]`, drawn below the others.
   *
   * @defaultValue none
   */
  readonly real?: tf.Tensor | undefined;
  /**
   * Width of the picture, in pixels; its height is about the same.
   *
   * @defaultValue `480`
   */
  readonly width?: number | undefined;
  /**
   * The values along both axes. Points outside are drawn on the edge.
   *
   * @defaultValue the range of the real points with a margin; without real points, that of the
   * points. Both axes have one scale, unless one extent is more than four times the other
   */
  readonly range?:
    | {
        /** First and last value of the horizontal axis. */
        readonly x: ValueRange;
        /** First and last value of the vertical axis. */
        readonly y: ValueRange;
      }
    | undefined;
  /**
   * Radius of a point, in pixels.
   *
   * @defaultValue `2`
   */
  readonly radius?: number | undefined;
  /**
   * Color of the generated points.
   *
   * @defaultValue `[0, 114, 178]`, blue; `[88, 176, 238]` on a dark background
   */
  readonly color?: Color | undefined;
  /**
   * Color of the real points.
   *
   * @defaultValue `150`, gray
   */
  readonly realColor?: Color | undefined;
  /**
   * Background color; text is black or white, whichever has more contrast.
   *
   * @defaultValue `255`, white
   */
  readonly background?: Color | undefined;
}

/** Options of a plot besides the points. @internal */
export type PointPlotOptions = Omit<PointsOptions, 'real'>;

/** Names of the options. @internal */
export const pointPlotNames: readonly (keyof PointPlotOptions)[] = [
  'width',
  'range',
  'radius',
  'color',
  'realColor',
  'background',
];

/** The part of the plane in a plot. */
interface PlotRange {
  readonly x: ValueRange;
  readonly y: ValueRange;
}

/** The coordinates of each point, one after another. @internal */
export type Coordinates = ArrayLike<number>;

/** Pixels around the plot, for letters with one pixel per dot. */
const margin = { left: 36, right: 12, top: 14, bottom: 14 };

/** Wider pictures have larger letters. */
const pixelsPerLetterScale = 240;

/** Above this ratio of the extents, a common scale would flatten one of them. */
const mostStretched = 4;

/** Margin at either side, as a share of the extent. */
const room = 0.2;

const blue: Color = [0, 114, 178];
const lightBlue: Color = [88, 176, 238];

/** Opacity that keeps real points visible under generated ones. */
const opacity = 0.55;

type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Draws points in the plane: generated ones over real ones, with labeled axes.
 *
 * @param real - Points of the data, drawn below; none if left out.
 * @throws RangeError if a coordinate is not finite, there are no points, or an option is out of
 *   range.
 *
 * @internal
 */
export function pointPlot(
  action: string,
  points: Coordinates,
  real: Coordinates | undefined,
  options: PointPlotOptions,
): Picture {
  const { width = 480, radius = 2 } = options;
  checkPositiveInteger(action, 'width', width);
  checkPositive(action, 'radius', radius);
  const background = colorParts(action, 'background', options.background ?? 255);
  const isLight = luminance(...background) > 127;
  const color = colorParts(action, 'color', options.color ?? (isLight ? blue : lightBlue));
  const realColor = colorParts(action, 'realColor', options.realColor ?? 150);
  checkPoints(action, 'points', points);
  if (real !== undefined) checkPoints(action, 'real', real);
  const { x, y } = rangeOf(action, options.range, real ?? points);

  const scale = Math.max(1, Math.round(width / pixelsPerLetterScale));
  const side = width - scale * (margin.left + margin.right);
  if (side < 1) {
    throw new RangeError(
      `Cannot ${action}: width must leave room for the axes, ${scale * (margin.left + margin.right) + 1} pixels or more, got ${width}`,
    );
  }
  const [left, top] = [scale * margin.left, scale * margin.top];
  const paper = new Paper(width, side + scale * (margin.top + margin.bottom), background);
  const across = (value: number): number => left + side * share(value, x);
  const up = (value: number): number => top + side * (1 - share(value, y));
  const ink = isLight ? 0 : 255;
  const gray = (strength: number): Rgb => {
    const [r, g, b] = background.map((part) => part + strength * (ink - part));
    return [r!, g!, b!];
  };

  const ticks = { x: inside(x), y: inside(y) };
  for (const { value } of ticks.x) paper.fill(across(value), top, 1, side, gray(0.12));
  for (const { value } of ticks.y) paper.fill(left, up(value), side, 1, gray(0.12));
  const dots = (coordinates: Coordinates, rgb: Rgb): void => {
    for (let i = 0; i < coordinates.length; i += 2) {
      paper.disc([across(coordinates[i]!), up(coordinates[i + 1]!)], radius, rgb);
    }
  };
  if (real !== undefined) dots(real, realColor);
  dots(points, color);
  for (const at of [left, left + side]) paper.fill(at, top, 1, side + 1, gray(0.5));
  for (const at of [top, top + side]) paper.fill(left, at, side, 1, gray(0.5));
  for (const { value, label } of ticks.x) {
    const start = across(value) - (scale * textWidth(label)) / 2;
    paper.write(label, start, top + side + 3 * scale, scale, gray(0.7));
  }
  for (const { value, label } of ticks.y) {
    const start = left - scale * (textWidth(label) + 4);
    paper.write(label, start, up(value) - (scale * letterSize.height) / 2, scale, gray(0.7));
  }
  let end = left + side;
  const legend: [string, Rgb][] = [['generated', color]];
  if (real !== undefined) legend.push(['real', realColor]);
  for (const [name, rgb] of legend) {
    const start = end - scale * textWidth(name);
    paper.write(name, start, 3 * scale, scale, gray(0.7));
    paper.fill(start - 9 * scale, 4 * scale, 5 * scale, 5 * scale, rgb);
    end = start - 18 * scale;
  }
  return paper.picture;
}

/** Position of a value in a range, 0…1; clamped if it is outside. */
function share(value: number, [low, high]: ValueRange): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** Round numbers of a range, including its ends, from which they may differ by rounding. */
function inside([low, high]: ValueRange): ReturnType<typeof axisTicks> {
  const rounding = 1e-9 * (high - low);
  return axisTicks(low, high, 8).filter(
    ({ value }) => value >= low - rounding && value <= high + rounding,
  );
}

function checkPoints(action: string, name: string, coordinates: Coordinates): void {
  if (coordinates.length === 0) {
    throw new RangeError(`Cannot ${action}: ${name} must be at least one point, got none`);
  }
  for (let i = 0; i < coordinates.length; i += 1) {
    if (Number.isFinite(coordinates[i])) continue;
    throw new RangeError(
      `Cannot ${action}: all coordinates of ${name} must be finite numbers, got ${coordinates[i]} in point ${i >> 1}`,
    );
  }
}

/** The range: the caller's, or that of the points. */
function rangeOf(action: string, range: PlotRange | undefined, points: Coordinates): PlotRange {
  if (range !== undefined) {
    if (!isRecord(range)) {
      throw new TypeError(
        `Cannot ${action}: range must be { x: [low, high], y: [low, high] }, got ${formatValue(range)}`,
      );
    }
    checkValueRange(action, 'range.x', range.x);
    checkValueRange(action, 'range.y', range.y);
    return range;
  }
  const [x, y] = [extentOf(points, 0), extentOf(points, 1)];
  const [wide, high] = [x[1] - x[0], y[1] - y[0]];
  const larger = Math.max(wide, high);
  const oneScale = larger <= mostStretched * Math.min(wide, high) || Math.min(wide, high) === 0;
  return {
    x: around(x, oneScale ? larger : wide),
    y: around(y, oneScale ? larger : high),
  };
}

function extentOf(points: Coordinates, axis: 0 | 1): ValueRange {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < points.length; i += 2) {
    low = Math.min(low, points[i]!);
    high = Math.max(high, points[i]!);
  }
  return [low, high];
}

/** A range with a margin, also for a single point. */
function around([low, high]: ValueRange, size: number): ValueRange {
  const middle = (low + high) / 2;
  const half = size > 0 ? size * (0.5 + room) : Math.max(1, Math.abs(middle) / 2);
  return [middle - half, middle + half];
}

/** A color picture to draw on. */
class Paper {
  readonly picture: Picture;

  constructor(width: number, height: number, color: Rgb) {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0; i < data.length; i += 1) data[i] = Math.round(color[i % 3]!);
    this.picture = { width, height, channels: 3, data };
  }

  fill(left: number, top: number, width: number, height: number, color: Rgb): void {
    const [x, y] = [Math.round(left), Math.round(top)];
    for (let row = y; row < y + height; row += 1) {
      for (let column = x; column < x + width; column += 1) this.#mix(column, row, color, 1);
    }
  }

  /** A disc with a soft edge. */
  disc([x, y]: readonly [number, number], radius: number, color: Rgb): void {
    for (let row = Math.floor(y - radius); row <= Math.ceil(y + radius); row += 1) {
      for (let column = Math.floor(x - radius); column <= Math.ceil(x + radius); column += 1) {
        const cover = radius + 0.5 - Math.hypot(column - x, row - y);
        if (cover > 0) this.#mix(column, row, color, opacity * Math.min(1, cover));
      }
    }
  }

  write(text: string, left: number, top: number, scale: number, color: Rgb): void {
    const [x, y] = [Math.round(left), Math.round(top)];
    for (const [column, row] of textDots(text)) {
      this.fill(x + column * scale, y + row * scale, scale, scale, color);
    }
  }

  #mix(x: number, y: number, color: Rgb, share: number): void {
    const { width, height, data } = this.picture;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const at = 3 * (y * width + x);
    for (let i = 0; i < 3; i += 1) {
      data[at + i] = Math.round(data[at + i]! + share * (color[i]! - data[at + i]!));
    }
  }
}
