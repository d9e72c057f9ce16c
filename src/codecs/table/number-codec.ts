import type { Random } from '../../core/random.ts';
import type { ColumnCodec, ColumnJson, EncodedColumn, IsWanted } from './column-codec.ts';
import { printNumber, readNumber } from './date-pattern.ts';
import { type CountedNumbers, fitMixture } from './gaussian-mixture.ts';
import type {
  ColumnData,
  ColumnKind,
  ColumnValues,
  NumberFormat,
  TableValue,
} from './table-row.ts';

/** Rows that a mixture is fitted to; more do not make it better, only slower. */
const fittedRows = 10_000;
/** Components with less weight are left out. */
const leastWeight = 0.005;
/**
 * A value with at least this share of the rows is a choice by itself, such as the zeros of a column
 * that is mostly 0.
 */
const frequentShare = 0.1;
/** A column with so few values, such as grades, has a choice for each. */
const fewValues = 10;
/** Numbers lie within it, so that tanh reaches them. */
const edge = 0.99;
/** A mode covers so many standard deviations on either side. */
const widths = 4;
/** Excess kurtosis beyond which numbers are fitted on a logarithmic scale. */
const heavyTail = 30;

/** A mode: values `mean ± scale` are the numbers −1…1. */
interface Mode {
  readonly mean: number;
  readonly scale: number;
  readonly weight: number;
}

interface Parts {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly format: NumberFormat;
  /** Least and greatest value of the data, which generated ones stay within. */
  readonly range: readonly [low: number, high: number];
  /** Modes lie on the scale asinh((x − center) / spread), if it is there. */
  readonly curve?: { readonly center: number; readonly spread: number } | undefined;
  readonly modes: readonly Mode[];
  /** Values that are choices by themselves; `null` for a missing one. */
  readonly points: readonly (number | null)[];
  readonly counts: readonly number[];
}

/**
 * A column of numbers by mode-specific normalization: the choice is a component of a mixture of
 * Gaussians, the number the place in it, (x − mean) / (4 · deviation).
 *
 * Beyond the paper, so that each column has an exact inverse: frequent values and missing ones are
 * choices of their own, values too far from every component make up a mode at each end, and columns
 * with heavy tails are fitted on the scale of asinh.
 *
 * @see Xu et al., Modeling Tabular Data using Conditional GAN, 2019, section 4.2.
 *
 * @internal
 */
export class NumberCodec implements ColumnCodec {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly hasNumber: boolean;
  readonly choices: number;
  readonly counts: readonly number[];
  readonly values: readonly TableValue[];
  readonly range: readonly [low: number, high: number] | undefined;
  readonly isCondition: boolean;
  readonly #parts: Parts;

  /** @param parts - What a fit found. */
  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.name;
    this.kind = parts.kind;
    this.hasNumber = parts.modes.length > 0;
    this.choices = parts.modes.length + parts.points.length;
    this.counts = parts.counts;
    this.isCondition = parts.points.length > 0;
    this.values = parts.points.map((point) => pointValue(point, parts.format));
    this.range = this.hasNumber ? parts.range : undefined;
  }

  /** Of the values of a column. */
  static fit(column: ColumnData, random: Random): NumberCodec {
    const { name, kind, missing, format = { type: 'number', unit: 0 } } = column;
    const numbers = numbersOf(column.values);
    const present = numbers.filter((value) => !Number.isNaN(value));
    const frequent = frequentValues(present);
    const spread = present.filter((value) => !frequent.includes(value));
    const curve = curveOf(spread);
    const onScale = spread.map((value) => bend(curve, value));
    const range = present.reduce(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
      [Infinity, -Infinity] as const,
    );
    const points = [...frequent, ...(missing > 0 ? [null] : [])];
    const modes = spread.length === 0 ? [] : modesOf(onScale, random);
    const parts: Parts = { name, kind, format, range, curve, modes, points, counts: [] };
    const { choices } = new NumberCodec(parts).encode(column.values, random);
    const counts = new Array<number>(modes.length + points.length).fill(0);
    for (const choice of choices) counts[choice]! += 1;
    return new NumberCodec({ ...parts, counts });
  }

  static fromJSON(json: ColumnJson): NumberCodec {
    return new NumberCodec(json as unknown as Parts);
  }

  encode(values: ColumnValues, random: Random): EncodedColumn {
    const { modes, points, curve } = this.#parts;
    const all = numbersOf(values);
    const numbers = new Float32Array(all.length);
    const choices = new Uint16Array(all.length);
    const places = new Map(points.map((point, i) => [point, modes.length + i]));
    for (let row = 0; row < all.length; row += 1) {
      const value = all[row]!;
      const point = places.get(Number.isNaN(value) ? null : value);
      if (point !== undefined) {
        choices[row] = point;
        continue;
      }
      const at = bend(curve, value);
      const mode = drawMode(modes, at, random);
      choices[row] = mode;
      numbers[row] = Math.max(-edge, Math.min(edge, placeIn(modes[mode]!, at)));
    }
    return { ...(this.hasNumber && { numbers }), choices };
  }

  decode(number: number, choice: number): TableValue {
    const { modes, points, curve, range, format } = this.#parts;
    if (choice >= modes.length) {
      return pointValue(points[choice - modes.length]!, format);
    }
    const { mean, scale } = modes[choice]!;
    const value = unbend(curve, mean + Math.max(-1, Math.min(1, number)) * scale);
    const [low, high] = range;
    return printNumber(Math.max(low, Math.min(high, value)), format);
  }

  wanted(isWanted: IsWanted): readonly number[] {
    const { modes, points, curve, format } = this.#parts;
    // A mode is looked at in steps of its deviation, with the weights of a normal distribution.
    const steps = Array.from({ length: 33 }, (_, i) => (i - 16) / 16);
    const density = steps.map((step) => Math.exp(-0.5 * (widths * step) ** 2));
    const total = density.reduce((sum, one) => sum + one, 0);
    const ofModes = modes.map(({ mean, scale }, k) => {
      const share = steps.reduce((sum, step, i) => {
        const value = printNumber(unbend(curve, mean + step * scale), format);
        return isWanted(value) ? sum + density[i]! / total : sum;
      }, 0);
      return this.counts[k]! * share;
    });
    const ofPoints = points.map((point, i) =>
      isWanted(pointValue(point, format)) ? this.counts[modes.length + i]! : 0,
    );
    return [...ofModes, ...ofPoints];
  }

  rank(value: TableValue): number | undefined {
    return readNumber(value, this.#parts.format);
  }

  toJSON(): ColumnJson {
    return { type: 'number', ...this.#parts };
  }
}

function pointValue(point: number | null, format: NumberFormat): TableValue {
  return point === null ? null : printNumber(point, format);
}

function numbersOf(values: ColumnValues): Float64Array {
  if ('numbers' in values) return values.numbers;
  throw new Error('a column of numbers has numbers');
}

/**
 * Values that make up a share of all, the most frequent first; every value if there are only a few.
 */
function frequentValues(values: Float64Array): readonly number[] {
  const sorted = values.slice().sort();
  const found: { readonly value: number; readonly count: number }[] = [];
  const distinct = sorted.reduce((sum, value, i) => sum + (value === sorted[i - 1] ? 0 : 1), 0);
  const least = distinct <= fewValues ? 1 : Math.max(2, frequentShare * sorted.length);
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
    if (to - from >= least) found.push({ value: sorted[from]!, count: to - from });
    from = to;
  }
  return found.sort((a, b) => b.count - a.count).map(({ value }) => value);
}

function curveOf(values: Float64Array): Parts['curve'] {
  if (values.length < 8) return undefined;
  const { mean, deviation } = momentsOf(values);
  const fourth = values.reduce((sum, value) => sum + ((value - mean) / deviation) ** 4, 0);
  if (!(deviation > 0) || fourth / values.length - 3 < heavyTail) return undefined;
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const center = at(0.5);
  const spread = (at(0.75) - at(0.25)) / 2;
  return { center, spread: spread > 0 ? spread : deviation };
}

function bend(curve: Parts['curve'], value: number): number {
  return curve === undefined ? value : Math.asinh((value - curve.center) / curve.spread);
}

function unbend(curve: Parts['curve'], value: number): number {
  return curve === undefined ? value : curve.center + curve.spread * Math.sinh(value);
}

function momentsOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/**
 * The modes of numbers: components of a mixture, and one at each end for what is too far from all
 * of them.
 */
function modesOf(values: Float64Array, random: Random): readonly Mode[] {
  const { mean, deviation } = momentsOf(values);
  const unit = deviation > 0 ? deviation : Math.max(Math.abs(mean), 1) * 1e-6;
  const some = values.length <= fittedRows ? values : sampled(values, random);
  const components = fitMixture(counted(some.map((value) => (value - mean) / unit)));
  const most = Math.max(...components.map(({ weight }) => weight));
  const inner = components
    .filter(({ weight }) => weight > leastWeight || weight === most)
    .map((component) => ({
      mean: mean + unit * component.mean,
      scale: widths * unit * component.deviation,
      weight: component.weight,
    }));
  const isFar = (value: number): boolean =>
    inner.every((mode) => Math.abs(placeIn(mode, value)) > edge);
  const far = values.filter(isFar);
  const ends = [far.filter((value) => value < mean), far.filter((value) => value >= mean)];
  const outer = ends
    .filter(({ length }) => length > 0)
    .map((end): Mode => {
      const [low, high] = [
        end.reduce((a, b) => Math.min(a, b)),
        end.reduce((a, b) => Math.max(a, b)),
      ];
      const half = Math.max((high - low) / 2, unit * 1e-3);
      return {
        mean: (low + high) / 2,
        scale: half / (edge - 0.01),
        weight: end.length / values.length,
      };
    });
  return [...inner, ...outer];
}

/** Different numbers with how often each comes, which makes the fit faster. */
function counted(numbers: Float64Array): CountedNumbers {
  const counts = new Map<number, number>();
  for (const value of numbers) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { values: Float64Array.from(counts.keys()), counts: Float64Array.from(counts.values()) };
}

function sampled(values: Float64Array, random: Random): Float64Array {
  return Float64Array.from({ length: fittedRows }, () => values[random.integer(values.length)]!);
}

function placeIn({ mean, scale }: Mode, value: number): number {
  return (value - mean) / scale;
}

/** A mode that a value may be from, drawn by its posterior; the nearest if none covers it. */
function drawMode(modes: readonly Mode[], value: number, random: Random): number {
  let total = 0;
  let nearest = 0;
  const shares: number[] = [];
  for (const [k, mode] of modes.entries()) {
    const place = placeIn(mode, value);
    if (Math.abs(place) < Math.abs(placeIn(modes[nearest]!, value))) nearest = k;
    const isCovered = Math.abs(place) <= edge;
    const share = isCovered
      ? (mode.weight / mode.scale) * Math.exp(-0.5 * (widths * place) ** 2)
      : 0;
    total += share;
    shares.push(share);
  }
  let at = random.uniform() * total;
  const drawn = total > 0 ? shares.findIndex((share) => share > 0 && (at -= share) < 0) : -1;
  return drawn >= 0 ? drawn : nearest;
}
