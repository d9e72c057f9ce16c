import type { PerNetwork } from 'tfjs-gan';
import type { ColumnKind, TableRow, TableValue } from 'tfjs-gan/tabular';

/** Rows that the page shows, generated and real ones. */
export const SHOWN_ROWS = 8;

/** What a visitor can set of a column. */
export const KINDS = ['category', 'boolean', 'integer', 'real', 'date', 'id', 'ignore'] as const;

export type Kind = (typeof KINDS)[number];

/** A value as the page shows it. */
export function textOf(value: TableValue): string {
  return value === null ? 'missing' : String(value);
}

/** A column of the file, as it was found or set. */
export interface FoundColumn {
  readonly name: string;
  readonly kind: ColumnKind | 'ignore';
  /** Rows without a value, and different values; not known of columns that are ignored. */
  readonly missing?: number;
  readonly distinct?: number;
  /** Why it is ignored, if the visitor did not ask for that. */
  readonly note?: string;
}

/** The values that can be requested of each column with categories, the most frequent ones first. */
export type Choices = Readonly<Record<string, readonly TableValue[]>>;

/** What a file holds. */
export interface FoundTable {
  readonly size: number;
  readonly columns: readonly FoundColumn[];
  /** The first rows. */
  readonly rows: readonly TableRow[];
  readonly choices: Choices;
}

/** The shares of rows in each part of a column. */
export interface Histogram {
  readonly column: string;
  /** The parts of a column of categories; the two ends of a column of numbers. */
  readonly labels: readonly string[];
  readonly isNumber: boolean;
  readonly real: readonly number[];
  readonly made: readonly number[];
  /** 1 minus the distance of the distributions. */
  readonly shape: number;
}

/** Generated rows beside the real ones, by figures of `tableReport`. */
export interface Comparison {
  readonly shapes: number;
  readonly trends: number;
  /** What `trends` would be if no column told anything of another one. */
  readonly independent: number;
  readonly related: number;
  readonly detection: number;
  readonly copies: number;
  readonly histograms: readonly Histogram[];
}

/** What the page is told during training. */
export interface TrainingNews {
  /** Steps since the last time. */
  readonly steps: readonly { readonly number: number; readonly losses: PerNetwork<number> }[];
  readonly stepsPerSecond: number;
  /** Mean probability of the requested value in generated rows. */
  readonly followed: number | undefined;
  /** Now and then, how good the rows are; the generator is kept at the same time. */
  readonly comparison?: Comparison;
}

/** What the page remembers of the generator that the browser keeps. */
export interface KeptTable {
  readonly name: string;
  readonly size: number;
  readonly step: number;
  readonly choices: Choices;
  readonly comparison: Comparison;
}

/** A request of the page: rows of one value, or of any. */
export interface RowsRequest {
  readonly count: number;
  readonly seed: number;
  readonly where: Readonly<Record<string, TableValue>>;
}
