import type { TableValue } from './table-row.ts';

/** A value in JSON, which has no dates. @internal */
export type ValueJson = string | number | boolean | null | { readonly date: number };

/** @internal */
export function valueToJson(value: TableValue): ValueJson {
  return value instanceof Date ? { date: value.getTime() } : value;
}

/** @internal */
export function valueFromJson(value: ValueJson): TableValue {
  return typeof value === 'object' && value !== null ? new Date(value.date) : value;
}
