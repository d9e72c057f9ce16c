import { checkOneOf, isRecord, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { TableRow, TableValue } from '../../codecs/table/table-row.ts';

/**
 * Writes rows as CSV (RFC 4180): a header, then one line per row, terminated by CR LF. A missing
 * value is an empty field, a date is in ISO 8601.
 *
 * Spreadsheets run a string that begins with `=`, `+`, `-`, `@`, also of full width, a tab, CR or LF
 * as a formula. Such strings are prefixed with an apostrophe, as OWASP recommends; numbers are not.
 *
 * @param rows - At least one; the columns are those of the first row.
 * @param options - Whether formulas are escaped, and the delimiter.
 * @returns The text.
 * @throws TypeError if a row is not an object; RangeError if its columns differ from those of the
 *   first row.
 *
 * @example Rows to a file's text
 * ```ts
 * const text = encodeCsv([{ name: '=SUM(A1)', count: -2 }]);
 * console.log(JSON.stringify(text)); // "name,count\r\n'=SUM(A1),-2\r\n"
 * ```
 */
export function encodeCsv(
  rows: readonly TableRow[],
  options: {
    /**
     * Whether to escape strings that a spreadsheet would run. The escaped string differs from the
     * value.
     *
     * @defaultValue `true`
     */
    readonly escapeFormulas?: boolean | undefined;
    /**
     * The delimiter between fields.
     *
     * @defaultValue `','`
     */
    readonly delimiter?: ',' | ';' | '\t' | '|' | undefined;
  } = {},
): string {
  const action = 'write CSV';
  const { escapeFormulas, delimiter } = withDefaults(action, options, {
    escapeFormulas: true,
    delimiter: ',',
  });
  checkOneOf(action, 'escapeFormulas', escapeFormulas, [true, false]);
  checkOneOf(action, 'delimiter', delimiter, [',', ';', '\t', '|']);
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new TypeError(
      `Cannot ${action}: rows must be a list of at least one row, got ${formatValue(rows)}`,
    );
  }
  const field = (value: TableValue): string => {
    const text = value instanceof Date ? value.toISOString() : String(value ?? '');
    const isFormula =
      escapeFormulas && typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(text);
    const safe = isFormula ? `'${text}` : text;
    const needsQuotes = safe.includes(delimiter) || /["\r\n]|^\s|\s$/.test(safe);
    return needsQuotes ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const [first] = rows as readonly TableRow[];
  if (!isRecord(first)) {
    throw new TypeError(`Cannot ${action}: rows[0] must be an object, got ${formatValue(first)}`);
  }
  const names = Object.keys(first);
  const lines = (rows as readonly TableRow[]).map((row, i) => {
    const keys = isRecord(row) ? Object.keys(row) : [];
    if (keys.length !== names.length || !names.every((name) => Object.hasOwn(row, name))) {
      throw new RangeError(
        `Cannot ${action}: rows[${i}] must have the columns of the first row, ${names.join(', ')}, ` +
          `got ${keys.join(', ') || formatValue(row)}`,
      );
    }
    return names.map((name) => field(row[name] ?? null));
  });
  const header = names.map(field);
  return [header, ...lines].map((fields) => `${lineOf(fields, delimiter)}\r\n`).join('');
}

/** One empty field would be an empty line, which readers skip. */
function lineOf(fields: readonly string[], delimiter: string): string {
  return fields.length === 1 && fields[0] === '' ? '""' : fields.join(delimiter);
}
