import { axisTicks } from '../../io/axis-ticks.ts';
import { scale } from '../curves.ts';
import { escapeText } from '../svg.ts';
import type { AlignedColumn } from '../../metrics/table/aligned-tables.ts';
import { percent } from './words.ts';

/** The shares of rows in each part of a column, in real and in generated rows. @internal */
export interface Histogram {
  readonly name: string;
  /** The parts in order; of numbers, the ends between them are `edges`. */
  readonly labels: readonly string[];
  readonly edges?: readonly [low: number, high: number] | undefined;
  readonly isDate: boolean;
  readonly real: readonly number[];
  readonly made: readonly number[];
}

/** Parts of the range of numbers. */
const bins = 24;
/** Categories that are shown one by one, the most frequent ones. */
const shownLevels = 12;

/** Shares by column, from the first two tables. @internal */
export function histogramsOf(columns: readonly AlignedColumn[]): readonly Histogram[] {
  return columns.map((column) => (column.isNumber ? ofNumbers(column) : ofLevels(column)));
}

function ofNumbers({ name, kind, values }: AlignedColumn): Histogram {
  const present = values[0]!.filter((value) => !Number.isNaN(value));
  const low = present.reduce((least, value) => Math.min(least, value), Infinity);
  const most = present.reduce((largest, value) => Math.max(largest, value), -Infinity);
  // Beside missing values there may be a single one.
  const high = most > low ? most : low + 1;
  const [real, made] = [0, 1].map((table) => {
    const shares = new Array<number>(bins).fill(0);
    const missing = values[table]!.filter((value) => Number.isNaN(value)).length;
    for (const value of values[table]!) {
      if (Number.isNaN(value)) continue;
      // Values beyond the real range count as its ends.
      const place = Math.floor((bins * (value - low)) / (high - low));
      shares[Math.max(0, Math.min(bins - 1, place))]! += 1 / values[table]!.length;
    }
    return [...shares, missing / values[table]!.length];
  }) as [number[], number[]];
  const hasGaps = real.at(-1) > 0 || made.at(-1) > 0;
  const kept = (shares: number[]): number[] => (hasGaps ? shares : shares.slice(0, -1));
  const labels = hasGaps ? ['missing'] : [];
  const isDate = kind === 'date';
  return { name, labels, edges: [low, high], isDate, real: kept(real), made: kept(made) };
}

function ofLevels({ name, labels, values }: AlignedColumn): Histogram {
  const shares = [0, 1].map((table) => {
    // Missing values come first, as the code −1.
    const counts = new Array<number>(labels.length + 1).fill(0);
    for (const code of values[table]!) counts[code + 1]! += 1 / values[table]!.length;
    return counts;
  }) as [number[], number[]];
  const names = ['missing', ...labels];
  const order = names
    .map((_, i) => i)
    .filter((i) => shares[0][i]! + shares[1][i]! > 0)
    .sort((a, b) => shares[0][b]! - shares[0][a]! || shares[1][b]! - shares[1][a]!);
  const [shown, rest] = [order.slice(0, shownLevels), order.slice(shownLevels)];
  const [real, made] = shares.map((all) => [
    ...shown.map((i) => all[i]!),
    ...(rest.length > 0 ? [rest.reduce((sum, i) => sum + all[i]!, 0)] : []),
  ]) as [number[], number[]];
  const others = rest.length > 0 ? [`${rest.length} others`] : [];
  return { name, labels: [...shown.map((i) => names[i]!), ...others], isDate: false, real, made };
}

const width = 560;
const colors = ['var(--c0)', 'var(--c1)'] as const;

/** Real and generated rows side by side. @internal */
export function drawHistogram(histogram: Histogram, note: string): string {
  const { name, edges } = histogram;
  const drawn = edges === undefined ? levelBars(histogram) : numberBars(histogram, edges);
  return [
    `<figure class="chart"><figcaption><h3>${escapeText(name)}</h3><p class="note">${escapeText(note)}</p></figcaption>`,
    `<svg viewBox="0 0 ${width} ${drawn.height}" role="img" aria-label="${escapeText(name)}: ${escapeText(note)}">${drawn.bars}</svg></figure>`,
  ].join('');
}

interface Bars {
  readonly bars: string;
  readonly height: number;
}

function bar(
  box: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>,
  color: string,
  title: string,
): string {
  const sides = Object.entries(box).map(([side, size]) => `${side}="${Number(size.toFixed(1))}"`);
  return `<rect ${sides.join(' ')} fill="${color}"><title>${escapeText(title)}</title></rect>`;
}

/** Upright bars along an axis of numbers or dates; missing values stand apart at its end. */
function numberBars(
  { real, made, labels, isDate }: Histogram,
  [low, high]: readonly [number, number],
): Bars {
  const [height, bottom, top] = [220, 186, 10];
  const right = labels.length > 0 ? width - 74 : width - 8;
  const most = Math.max(...real, ...made, 1e-9);
  const step = (right - 8) / bins;
  const bars = [real, made].map((shares, side) =>
    shares
      .map((share, i) => {
        const isMissing = i === bins;
        const x = (isMissing ? width - 50 : 8 + i * step) + (side * step) / 2;
        const size = ((bottom - top) * share) / most;
        const box = { x, y: bottom - size, width: step / 2 - 0.5, height: size };
        return bar(box, colors[side]!, percent(share));
      })
      .join(''),
  );
  const at = scale(low, high, 8, right);
  const text = (value: number): string => new Date(value).toISOString().slice(0, 10);
  const ticks = isDate
    ? [low, (low + high) / 2, high].map((value) => ({ value, label: text(value) }))
    : axisTicks(low, high, 5).filter(({ value }) => value >= low && value <= high);
  const words = ticks.map(({ value, label }, i) => {
    const anchor = isDate ? ['start', 'middle', 'end'][i]! : 'middle';
    return `<text x="${at(value)}" y="${bottom + 20}" text-anchor="${anchor}">${label}</text>`;
  });
  const missing =
    labels.length > 0
      ? [`<text x="${width - 4}" y="${bottom + 20}" text-anchor="end">missing</text>`]
      : [];
  const axis = `<path class="axis" d="M8 ${bottom}H${right}"/>`;
  return { height, bars: [...bars, axis, ...words, ...missing].join('') };
}

/** Lying bars, one pair for each category. */
function levelBars({ labels, real, made }: Histogram): Bars {
  const [left, row] = [190, 30];
  const most = Math.max(...real, ...made, 1e-9);
  const bars = labels.map((label, i) => {
    const short = label.length > 22 ? `${label.slice(0, 21)}…` : label;
    const pair = [real[i]!, made[i]!].map((share, side) => {
      const size = ((width - left - 92) * share) / most;
      const box = { x: left, y: i * row + 3 + side * 12, width: size, height: 11 };
      return bar(box, colors[side]!, `${label}: ${percent(share)}`);
    });
    const shares = [real[i]!, made[i]!].map(percent).join(' · ');
    const end = left + ((width - left - 92) * Math.max(real[i]!, made[i]!)) / most;
    return [
      `<text x="${left - 8}" y="${i * row + 19}" text-anchor="end">${escapeText(short)}</text>`,
      ...pair,
      `<text x="${Math.min(end + 6, width - 86)}" y="${i * row + 19}" font-size="11">${shares}</text>`,
    ].join('');
  });
  return { height: labels.length * row + 6, bars: bars.join('') };
}
