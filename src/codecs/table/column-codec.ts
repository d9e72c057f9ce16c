import type { Random } from '../../core/random.ts';
import type { ColumnKind, ColumnValues, TableValue } from './table-row.ts';

/**
 * A column as networks see it: a number in −1…1, if it has one, and a choice among some, each there
 * in every row.
 *
 * @internal
 */
export interface ColumnCodec {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether a number stands before the choice. */
  readonly hasNumber: boolean;
  /** How many choices there are; 0 if nothing is learned. */
  readonly choices: number;
  /** Rows of the data with each choice. */
  readonly counts: readonly number[];
  /** Values that are choices by themselves, or share one. */
  readonly values: readonly TableValue[];
  /** The least and the greatest number of other values, if there are any. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Whether rows can be requested by its choices. */
  readonly isCondition: boolean;
  /** The numbers and choices of all rows. */
  encode(values: ColumnValues, random: Random): EncodedColumn;
  /**
   * A value from a number in −1…1 and a choice.
   *
   * @param number - Of a column without numbers, 0.
   * @param choice - Its place among the choices.
   * @param random - Draws one of the values that share a choice.
   * @param isWanted - Decides between values that share a choice, if only some are wanted.
   */
  decode(number: number, choice: number, random: Random, isWanted?: IsWanted): TableValue;
  /** How many rows of the data, about, have a wanted value and each choice. */
  wanted(isWanted: IsWanted): readonly number[];
  /**
   * What a value is compared by: a number, the time of a date; `undefined` if it is missing or has
   * no order.
   */
  rank(value: TableValue): number | undefined;
  /** Plain data, from which an equal codec can be made. */
  toJSON(): ColumnJson;
}

/** Whether a value is one of those that were requested. @internal */
export type IsWanted = (value: TableValue) => boolean;

/** A column of all rows. @internal */
export interface EncodedColumn {
  readonly numbers?: Float32Array | undefined;
  readonly choices: Uint16Array | Int32Array;
}

/** What is saved of a codec. @internal */
export interface ColumnJson {
  readonly type: 'category' | 'number' | 'constant' | 'total' | 'id';
  readonly name: string;
  readonly kind: ColumnKind;
  readonly [setting: string]: unknown;
}
