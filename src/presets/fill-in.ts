import { isRecord } from '../core/checks.ts';

/**
 * A preset's settings for each network, with those that were given in their place. What is not a record is passed on as
 * it came, for the trainer to refuse.
 *
 * @internal
 */
export function fillIn<T extends object>(preset: T, given: T | undefined): T {
  if (given === undefined) return preset;
  if (!isRecord(given)) return given;
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...preset, ...Object.fromEntries(stated) };
}
