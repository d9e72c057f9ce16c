import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';

/** A line of CSV. Its fields are read when they are needed: the places of all of a large file take less memory. @internal */
export class CsvRecord {
  /** Line number of its start, from 1. */
  readonly line: number;
  /** The place of each field, then one after the end of the last and a delimiter. */
  readonly places: readonly number[];
  readonly #text: string;

  constructor(text: string, places: readonly number[], line: number) {
    this.#text = text;
    this.places = places;
    this.line = line;
  }

  get fields(): readonly string[] {
    return this.places.slice(1).map((end, i) => csvField(this.#text, this.places[i]!, end));
  }
}

/** The field at a place, up to the next field's place. @internal */
export function csvField(text: string, start: number, next: number): string {
  if (text[start] !== '"' || next <= start + 1) return text.slice(start, next - 1);
  return text.slice(start + 1, next - 2).replaceAll('""', '"');
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
export function* parseCsv(
  text: string,
  delimiter: string = findDelimiter(text),
): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const [first, start] = [line, at];
    const places = [at];
    for (;;) {
      if (text[at] === '"') {
        const end = closingQuote(text, at, line) + 1;
        line += text.slice(at, end).match(/\r\n|\n|\r/g)?.length ?? 0;
        at = end;
      } else {
        while (at < text.length && !isEnd(text[at]!, delimiter)) at += 1;
      }
      places.push(at + 1);
      if (text[at] !== delimiter) break;
      at += 1;
    }
    if (at < text.length && !isEnd(text[at]!, delimiter)) {
      throw broken(
        `after a closing quote in line ${line} there must be a delimiter ${formatValue(delimiter)}`,
        text[at],
      );
    }
    const isEmpty = at === start;
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    line += 1;
    if (!isEmpty) yield new CsvRecord(text, places, first);
  }
}

function isEnd(letter: string, delimiter: string): boolean {
  return letter === delimiter || letter === '\n' || letter === '\r';
}

function closingQuote(text: string, start: number, line: number): number {
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
  return close;
}

function broken(wanted: string, actual: string | undefined): DataFormatError {
  return new DataFormatError('CSV', `Cannot ${action}: ${wanted}, got ${formatValue(actual)}`);
}

/** The delimiter with the most fields, and equally many in each of the first records. */
function findDelimiter(text: string): string {
  const some = text.slice(0, lookedAt);
  let [found, most] = [',', 2];
  for (const delimiter of delimiters) {
    const records = firstRecords(some, delimiter);
    // The last record may be truncated.
    const whole = records.length > 1 && some.length < text.length ? records.slice(0, -1) : records;
    const count = whole[0]?.places.length ?? 2;
    if (count > most && whole.every(({ places }) => places.length === count)) {
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
