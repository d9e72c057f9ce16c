import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';

/** A line of CSV: its fields, and the line number of its start, from 1. @internal */
export interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/** Candidate delimiters, the most likely first. */
const delimiters = [',', ';', '\t', '|'];

/** Length of the text that is searched for the delimiter. */
const lookedAt = 65_536;

const action = 'read CSV';

/**
 * Reads CSV (RFC 4180): quoted fields may contain delimiters, line breaks and doubled quotes. Lines
 * may end in CR LF, LF or CR; a byte order mark and empty lines are skipped.
 *
 * @param text - The whole text.
 * @param delimiter - One character; detected if omitted.
 * @throws DataFormatError if a quote is not closed, or text follows a closing quote.
 *
 * @internal
 */
export function parseCsv(
  text: string,
  delimiter: string = findDelimiter(text),
): readonly CsvRecord[] {
  return [...recordsOf(text, delimiter)];
}

/** Yields each record. */
function* recordsOf(text: string, delimiter: string): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const [first, start] = [line, at];
    const fields: string[] = [];
    for (;;) {
      const field = text[at] === '"' ? quoted(text, at, line) : plain(text, at, delimiter);
      fields.push(field.value);
      line += field.lines;
      at = field.end;
      if (text[at] === delimiter) {
        at += 1;
        continue;
      }
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') {
        throw broken(
          `after a closing quote in line ${line} there must be a delimiter ${formatValue(delimiter)}`,
          text[at],
        );
      }
      break;
    }
    const isEmpty = at === start;
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    line += 1;
    if (!isEmpty) yield { fields, line: first };
  }
}

interface Field {
  readonly value: string;
  /** Position after it. */
  readonly end: number;
  /** Line breaks in it. */
  readonly lines: number;
}

function plain(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length) {
    const letter = text[end];
    if (letter === delimiter || letter === '\n' || letter === '\r') break;
    end += 1;
  }
  return { value: text.slice(start, end), end, lines: 0 };
}

function quoted(text: string, start: number, line: number): Field {
  let close = start;
  do {
    close = text.indexOf('"', close + 1);
    if (close < 0) {
      throw broken(
        `the quote that opens in line ${line} must be closed`,
        text.slice(start, start + 40),
      );
    }
    // A doubled quote is an escaped quote.
  } while (text[close + 1] === '"' && (close += 1) > start);
  const inside = text.slice(start + 1, close);
  const value = inside.replaceAll('""', '"');
  return { value, end: close + 1, lines: inside.match(/\r\n|\n|\r/g)?.length ?? 0 };
}

function broken(wanted: string, actual: string | undefined): DataFormatError {
  return new DataFormatError('CSV', `Cannot ${action}: ${wanted}, got ${formatValue(actual)}`);
}

/** The delimiter with the most fields, and equally many in each of the first records. */
function findDelimiter(text: string): string {
  const some = text.slice(0, lookedAt);
  let [found, most] = [',', 1];
  for (const delimiter of delimiters) {
    const records = firstRecords(some, delimiter);
    // The last record may be truncated.
    const whole = records.length > 1 && some.length < text.length ? records.slice(0, -1) : records;
    const count = whole[0]?.fields.length ?? 1;
    if (count > most && whole.every(({ fields }) => fields.length === count)) {
      [found, most] = [delimiter, count];
    }
  }
  return found;
}

function firstRecords(text: string, delimiter: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    for (const record of recordsOf(text, delimiter)) records.push(record);
  } catch {
    // Another delimiter may work; if none does, reading the text throws.
  }
  return records;
}
