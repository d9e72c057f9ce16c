import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';

/** A line of CSV. @internal */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Line number of its start, from 1. */
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
export function parseCsv(text: string, delimiter?: string): Iterable<CsvRecord> {
  return new CsvParser(delimiter).parse(text, true);
}

/** Reads CSV of which parts arrive one after the other; memory is that of a part and of the longest record. @internal */
export class CsvParser {
  #delimiter: string | undefined;
  #isFirst = true;
  #line = 1;
  #parts: string[] = [];
  #length = 0;
  #needed: number;

  /** @param delimiter - One character; detected in the first 64 K characters if omitted. */
  constructor(delimiter?: string) {
    this.#delimiter = delimiter;
    this.#needed = delimiter === undefined ? lookedAt + 1 : 1;
  }

  /**
   * Returns the records that end in this part of the text, and keeps the rest for the next part.
   *
   * @param part - The text that follows.
   * @param isLast - Whether the text ends with it.
   */
  *parse(part: string, isLast: boolean): Generator<CsvRecord> {
    this.#parts.push(part);
    this.#length += part.length;
    if (!isLast && this.#length < this.#needed) return;
    const text = this.#parts.join('');
    const delimiter = (this.#delimiter ??= findDelimiter(text));
    let at = this.#isFirst && text.startsWith('\uFEFF') ? 1 : 0;
    this.#isFirst = false;
    while (at < text.length) {
      const read = readRecord(text, delimiter, at, this.#line, isLast);
      if (read === undefined) break;
      const { fields, next, lines } = read;
      const line = this.#line;
      [at, this.#line] = [next, line + lines];
      if (fields.length > 0) yield { fields, line };
    }
    const rest = text.slice(at);
    this.#parts = [rest];
    this.#length = rest.length;
    // A long record is read again only when there is twice as much of it, so that time stays linear.
    this.#needed = 2 * rest.length;
  }
}

interface ReadRecord {
  /** None for an empty line. */
  readonly fields: readonly string[];
  /** The place of the next record. */
  readonly next: number;
  /** Lines that it takes. */
  readonly lines: number;
}

/** Reads the record at a place; `undefined` if its end may be in the text to come. */
function readRecord(
  text: string,
  delimiter: string,
  start: number,
  first: number,
  isLast: boolean,
): ReadRecord | undefined {
  const fields: string[] = [];
  let [at, line] = [start, first];
  for (;;) {
    const begin = at;
    if (text[at] === '"') {
      const close = closingQuote(text, at);
      if (close < 0) {
        if (!isLast) return undefined;
        const got = text.slice(at, at + 40);
        throw broken(`the quote that opens in line ${line} must be closed`, got);
      }
      const field = text.slice(begin + 1, close);
      line += field.match(/\r\n|\n|\r/g)?.length ?? 0;
      fields.push(field.replaceAll('""', '"'));
      at = close + 1;
    } else {
      while (at < text.length && !isEnd(text[at]!, delimiter)) at += 1;
      fields.push(text.slice(begin, at));
    }
    if (text[at] !== delimiter) break;
    at += 1;
  }
  // A line feed may follow a carriage return.
  if (!isLast && (at === text.length || (text[at] === '\r' && at + 1 === text.length))) {
    return undefined;
  }
  if (at < text.length && !isEnd(text[at]!, delimiter)) {
    throw broken(
      `after a closing quote in line ${line} there must be a delimiter ${formatValue(delimiter)}`,
      text[at],
    );
  }
  const next = at + (text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1);
  return { fields: at === start ? [] : fields, next, lines: line + 1 - first };
}

function isEnd(letter: string, delimiter: string): boolean {
  return letter === delimiter || letter === '\n' || letter === '\r';
}

/** The place of the quote that closes the one at `start`, below 0 if there is none. */
function closingQuote(text: string, start: number): number {
  let close = text.indexOf('"', start + 1);
  // A doubled quote is an escaped quote.
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close;
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
    for (const record of parseCsv(text, delimiter)) records.push(record);
  } catch {
    // Another delimiter may work; if none does, reading the text throws.
  }
  return records;
}
