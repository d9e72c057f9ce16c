/** A table of numbers, row by row. @internal */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly width: number;
}
