import type { TableValue } from './table-row.ts';

/**
 * A key that is equal for equal values only: 1 and '1' differ, two dates of one time do not.
 *
 * @internal
 */
export function identity(value: TableValue): number | string | boolean | null {
  return value instanceof Date ? `date ${value.getTime()}` : value;
}
