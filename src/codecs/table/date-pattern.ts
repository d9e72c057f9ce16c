import type { NumberFormat, TableValue } from './table-row.ts';

/**
 * Dates as text. A pattern says how: `YYYY` or `YY`, `MM` or `M`, `DD` or `D`, then, after a space
 * or a T, `HH` or `H`, `mm`, `ss`, `SSS`, and `Z` for universal time. All are read and written as
 * universal time: a table has no time zone.
 */

const [second, day] = [1000, 86_400_000];

const shapes: readonly RegExp[] = [
  // Year first.
  /^(?<Y>\d{4})(?<s>[-/.])(?<M>\d{1,2})\k<s>(?<D>\d{1,2})(?<time>.*)$/,
  // Day or month first; data decide which.
  /^(?<A>\d{1,2})(?<s>[-/.])(?<B>\d{1,2})\k<s>(?<Y>\d{4}|\d{2})(?<time>.*)$/,
];
const timeShape =
  /^(?:(?<gap>[ T])(?<H>\d{1,2}):(?<m>\d{2})(?::(?<s>\d{2})(?:\.(?<S>\d{3}))?)?(?<Z>Z)?)?$/;

/** Years of two digits from here on are of the last century. */
const pivot = 70;

/** What a text is made of, if it can be a date: the patterns it fits. */
function patternsOf(text: string): readonly string[] {
  for (const shape of shapes) {
    const found = shape.exec(text)?.groups;
    if (found === undefined) continue;
    const time = timeShape.exec(found['time']!)?.groups;
    if (time === undefined) return [];
    const clock = time['H'] === undefined ? '' : timePattern(time);
    const part = (name: string, digits: string): string => name.repeat(digits.length);
    const { s = '-', Y = '', M = '', D = '', A = '', B = '' } = found;
    const dates =
      M === ''
        ? [
            [part('M', A), part('D', B), part('Y', Y)],
            [part('D', A), part('M', B), part('Y', Y)],
          ]
        : [[part('Y', Y), part('M', M), part('D', D)]];
    return dates.map((date) => `${date.join(s)}${clock}`);
  }
  return [];
}

function timePattern(time: Readonly<Record<string, string | undefined>>): string {
  const { gap = ' ', H = '', s, S, Z } = time;
  const seconds = `${s === undefined ? '' : ':ss'}${S === undefined ? '' : '.SSS'}`;
  return `${gap}${'H'.repeat(H.length)}:mm${seconds}${Z === undefined ? '' : 'Z'}`;
}

/** A pattern whose months, days and hours have no zero before them. */
function loosen(pattern: string): string {
  return pattern.replace(/([MDH])\1/g, '$1');
}

/**
 * The pattern that all texts have; `undefined` if there is none. If both the day and the month may
 * be first, the month is.
 *
 * @internal
 */
export function datePattern(texts: Iterable<string>): string | undefined {
  let candidates: ReadonlySet<string> | undefined;
  const seen = new Set<string>();
  for (const text of texts) {
    const patterns = patternsOf(text);
    for (const pattern of patterns) seen.add(pattern);
    const loose = patterns.map(loosen);
    const fitting = loose.filter(
      (pattern) => candidates?.has(pattern) !== false && readDate(text, pattern) !== undefined,
    );
    if (fitting.length === 0) return undefined;
    candidates = new Set(fitting);
  }
  const [loose] = [...(candidates ?? [])].sort(
    (a, b) => Number(isDayFirst(a)) - Number(isDayFirst(b)),
  );
  if (loose === undefined) return undefined;
  // 01 in one text and 10 in the others: digits are padded. 1 in one: they are not.
  const strict = [...seen].filter((pattern) => loosen(pattern) === loose);
  const isPadded = (letters: readonly string[]): boolean =>
    strict.every((pattern) => letters.every((letter) => pattern.includes(letter + letter)));
  const padded = [['M', 'D'], ['H']].filter(isPadded).flat();
  return padded.reduce((pattern, letter) => pattern.replace(letter, letter + letter), loose);
}

function isDayFirst(pattern: string): boolean {
  return pattern.startsWith('D');
}

/**
 * Milliseconds since 1970; `undefined` if the text has another pattern or the day does not exist.
 *
 * @internal
 */
export function readDate(text: string, pattern: string): number | undefined {
  if (!patternsOf(text).some((one) => loosen(one) === loosen(pattern))) return undefined;
  const digits = text.match(/\d+/g)!.map(Number);
  const letters = pattern.match(/[YMDHmsS]+/g)!.map((part) => part[0]!);
  const at = (letter: string): number => digits[letters.indexOf(letter)] ?? 0;
  const isShort = /(?<!Y)YY(?!Y)/.test(pattern);
  const year = isShort ? at('Y') + (at('Y') < pivot ? 2000 : 1900) : at('Y');
  const [month, date] = [at('M'), at('D')];
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, date);
  time.setUTCHours(at('H'), at('m'), at('s'), at('S'));
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === date;
  return isReal && at('H') < 24 && at('m') < 60 && at('s') < 60 ? time.getTime() : undefined;
}

function writeDate(time: number, pattern: string): string {
  const date = new Date(time);
  const parts: Readonly<Record<string, number>> = {
    Y: date.getUTCFullYear(),
    M: date.getUTCMonth() + 1,
    D: date.getUTCDate(),
    H: date.getUTCHours(),
    m: date.getUTCMinutes(),
    s: date.getUTCSeconds(),
    S: date.getUTCMilliseconds(),
  };
  return pattern.replace(/([YMDHmsS])\1*/g, (part) => {
    const value = String(parts[part[0]!]).padStart(part.length, '0');
    return part === 'YY' ? value.slice(-2) : value;
  });
}

/**
 * The unit that all times are multiples of: a day, a minute, a second or a millisecond.
 *
 * @internal
 */
export function timeUnit(times: Float64Array): number {
  const units = [day, 60 * second, second];
  return units.find((unit) => times.every((time) => Number.isNaN(time) || time % unit === 0)) ?? 1;
}

/**
 * A number as a value of its column: rounded to its unit, as text or a date if these came.
 *
 * @internal
 */
export function printNumber(value: number, { type, unit }: NumberFormat): TableValue {
  const rounded = roundTo(value, unit);
  if (type === 'number') return rounded;
  if (type === 'text') return String(rounded);
  return type === 'Date' ? new Date(rounded) : writeDate(rounded, type);
}

/** The number of a value of a column; `undefined` if it is missing or something else. @internal */
export function readNumber(value: TableValue, { type }: NumberFormat): number | undefined {
  if (value === null || value === '' || typeof value === 'boolean') return undefined;
  if (value instanceof Date) return value.getTime();
  const isDate = type !== 'number' && type !== 'text';
  if (isDate && typeof value === 'string') {
    const iso = datePattern([value]);
    return readDate(value, type) ?? (iso === undefined ? undefined : readDate(value, iso));
  }
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** Multiples of 0.1 as 0.3, not as 0.30000000000000004. */
function roundTo(value: number, unit: number): number {
  if (unit === 0) return value;
  const rounded =
    unit >= 1
      ? Math.round(value / unit) * unit
      : Number(value.toFixed(Math.round(-Math.log10(unit))));
  // No −0.
  return rounded + 0;
}
