import { isRecord } from '../core/checks.ts';

/**
 * Merges a preset's settings of each network with the given ones. A value that is not a record is
 * passed on unchanged, for the trainer to refuse.
 *
 * @internal
 */
export function fillIn<T extends object>(preset: T, given: T | undefined): T {
  if (given === undefined) return preset;
  if (!isRecord(given)) return given;
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...preset, ...Object.fromEntries(stated) };
}
