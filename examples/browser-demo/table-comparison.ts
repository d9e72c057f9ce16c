import { tableReport, type TableDataset, type TableRow, type TableValue } from 'tfjs-gan/tabular';
import { type Comparison, type Histogram, textOf } from './table-types.ts';

/** Parts of the range of numbers. */
const BINS = 20;
/** Categories that are shown one by one. */
const CATEGORIES = 6;
/** Rows for what takes long, so that training waits for well under a second. */
const JUDGED_ROWS = 500;

/** How alike generated rows are to those of the table. */
export function compare(
  table: TableDataset,
  real: readonly TableRow[],
  made: readonly TableRow[],
): Comparison {
  const report = tableReport(table, made, { rows: JUDGED_ROWS });
  const kinds = new Map(table.columns.map(({ name, kind }) => [name, kind]));
  return {
    shapes: report.shapes.mean,
    trends: report.trends.mean,
    independent: report.trends.independent,
    related: report.trends.related,
    detection: report.detection.score,
    copies: report.privacy.copies,
    histograms: report.shapes.columns.map(({ name, shape }) => {
      const [ofReal, ofMade] = [real, made].map((rows) => rows.map((row) => row[name] ?? null));
      const kind = kinds.get(name);
      const bars =
        kind === 'category' || kind === 'boolean'
          ? ofCategories(ofReal!, ofMade!)
          : ofNumbers(ofReal!, ofMade!, kind === 'date');
      return { column: name, shape, ...bars };
    }),
  };
}

type Bars = Omit<Histogram, 'column' | 'shape'>;

function ofCategories(real: readonly TableValue[], made: readonly TableValue[]): Bars {
  const counts = countsOf(real);
  const shown = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
  const rest = shown.splice(CATEGORIES);
  const shares = [real, made].map((values) => {
    const own = countsOf(values);
    const all = shown.map((value) => (own.get(value) ?? 0) / values.length);
    return rest.length === 0 ? all : [...all, 1 - all.reduce((sum, share) => sum + share, 0)];
  });
  const labels = shown.map(textOf);
  return {
    isNumber: false,
    labels: rest.length === 0 ? labels : [...labels, `${rest.length} others`],
    real: shares[0]!,
    made: shares[1]!,
  };
}

function ofNumbers(
  real: readonly TableValue[],
  made: readonly TableValue[],
  isDate: boolean,
): Bars {
  const [ofReal, ofMade] = [real, made].map((values) =>
    values
      .filter((value) => value !== null)
      .map((value) => (isDate ? Date.parse(String(value)) : Number(value))),
  );
  const low = ofReal!.reduce((least, value) => Math.min(least, value), Infinity);
  const most = ofReal!.reduce((largest, value) => Math.max(largest, value), -Infinity);
  const high = most > low ? most : low + 1;
  const shares = [ofReal!, ofMade!].map((values) => {
    const bins = new Array<number>(BINS).fill(0);
    for (const value of values) {
      const bin = Math.floor((BINS * (value - low)) / (high - low));
      bins[Math.max(0, Math.min(BINS - 1, bin))]! += 1 / values.length;
    }
    return bins;
  });
  const words = (value: number): string =>
    isDate ? new Date(value).toISOString().slice(0, 10) : String(value);
  // Dates of a format that the browser does not read have no ends.
  const labels = Number.isFinite(low) && Number.isFinite(high) ? [words(low), words(high)] : [];
  return { isNumber: true, labels, real: shares[0]!, made: shares[1]! };
}

/** How often each value comes. */
export function countsOf(values: readonly TableValue[]): Map<TableValue, number> {
  const counts = new Map<TableValue, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
