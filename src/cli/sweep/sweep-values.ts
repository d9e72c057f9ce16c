import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { didYouMean } from '../closest-name.ts';
import type { Refuse } from '../config/read-config.ts';

/** Refuses names that are not known. */
export function checkNames(
  where: string,
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  refuse: Refuse,
): void {
  const name = Object.keys(given).find((one) => !known.includes(one));
  if (name === undefined) return;
  throw refuse(
    `each name${where} must be one of ${known.join(', ')}`,
    `'${name}'${didYouMean(name, known)}`,
  );
}

/** An object of the file, if it is there. */
export function recordIn(
  given: Readonly<Record<string, unknown>>,
  name: string,
  refuse: Refuse,
): Readonly<Record<string, unknown>> | undefined {
  const value = given[name];
  if (value === undefined || isRecord(value)) return value;
  throw refuse(`${name} must be an object`, formatValue(value));
}

/** A text of the file, if it is there. */
export function textIn(
  given: Readonly<Record<string, unknown>>,
  name: string,
  refuse: Refuse,
): string | undefined {
  const value = given[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw refuse(`${name} must be a nonempty text`, formatValue(value));
}

/** An integer of the file of at least `least`, or the usual one. */
export function integerIn(
  given: Readonly<Record<string, unknown>>,
  name: string,
  { usual, least }: { readonly usual: number; readonly least: number },
  refuse: Refuse,
): number {
  const value = given[name] ?? usual;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw refuse(`${name} must be an integer of at least ${least}`, formatValue(value));
}
