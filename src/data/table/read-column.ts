import { printNumber } from '../../codecs/table/date-pattern.ts';
import type { ColumnData, TableValue } from '../../codecs/table/table-row.ts';

/** Reads the values of a column. @internal */
export function columnReader({ values, format }: ColumnData): (row: number) => TableValue {
  if ('codes' in values) return (row) => values.levels[values.codes[row]!] ?? null;
  const { numbers } = values;
  return (row) => {
    const number = numbers[row]!;
    return Number.isNaN(number) ? null : printNumber(number, format ?? { type: 'number', unit: 0 });
  };
}
