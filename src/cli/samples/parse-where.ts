import type { ColumnRequest } from '../../models/table/table-where.ts';
import type { TableGenerator } from '../../models/table/table-generator.ts';
import { didYouMean } from '../closest-name.ts';
import { UsageError } from '../usage-error.ts';

type Columns = TableGenerator['columns'];

/**
 * Parses what `--where` requests of columns: `species=Adelie`, `species=Adelie,Gentoo`,
 * `mass>=4000`, `mass<=5000`. Two bounds of one column make a range.
 *
 * @throws UsageError if a request is malformed, or names no column.
 */
export function parseWhere(
  action: string,
  requests: readonly string[],
  columns: Columns,
): Readonly<Record<string, ColumnRequest>> {
  const where = new Map<string, ColumnRequest>();
  for (const request of requests) {
    const [, name = '', sign = '', text = ''] = /^(.*?)(>=|<=|=)(.*)$/s.exec(request) ?? [];
    if (sign === '') {
      throw new UsageError(
        `Cannot ${action}: --where must be COLUMN=VALUE, COLUMN>=VALUE or COLUMN<=VALUE, got '${request.slice(0, 80)}'`,
      );
    }
    const column = columns.find((one) => one.name === name);
    if (column === undefined) {
      const names = columns.map((one) => one.name);
      throw new UsageError(
        `Cannot ${action}: --where must name one of the columns ${names.join(', ')}, got '${name.slice(0, 80)}'${didYouMean(name, names)}`,
      );
    }
    where.set(name, requestOf(action, where.get(name), sign, valuesOf(column, text)));
  }
  return Object.fromEntries(where);
}

type Value = string | number | boolean | null;

/** The values of a request in the type that the column has; nothing is a missing value. */
function valuesOf({ kind }: Columns[number], text: string): readonly Value[] {
  return text.split(',').map((part): Value => {
    const word = part.trim();
    if (word === '') return null;
    if (kind === 'boolean' && /^(true|false)$/i.test(word)) return word.toLowerCase() === 'true';
    const isNumber = ['integer', 'real'].includes(kind) && Number.isFinite(Number(word));
    return isNumber ? Number(word) : word;
  });
}

function requestOf(
  action: string,
  former: ColumnRequest | undefined,
  sign: string,
  values: readonly Value[],
): ColumnRequest {
  if (sign === '=') return values.length === 1 ? values[0]! : values;
  const [bound] = values;
  if (values.length !== 1 || bound === null || typeof bound === 'boolean') {
    throw new UsageError(
      `Cannot ${action}: --where must have one number or date after ${sign}, got '${values.join(',')}'`,
    );
  }
  const isRange = typeof former === 'object' && former !== null && !Array.isArray(former);
  const range: { readonly min?: string | number; readonly max?: string | number } = isRange
    ? (former as object)
    : {};
  return { ...range, [sign === '>=' ? 'min' : 'max']: bound };
}
