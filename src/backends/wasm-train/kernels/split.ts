import type { ThreadScratch } from '../fork-join.ts';
import type { KernelExports } from '../kernels-binary.ts';
import type { KernelCall, KernelName } from '../wasm-kernel.ts';
import { control } from '../worker-source.ts';

/** A run of positions. @internal */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/**
 * Cuts 0 … count − 1 into about equal runs.
 *
 * @param unit - Every run begins at a multiple of this.
 * @param parts - At most so many; fewer where there are not as many units.
 * @internal
 */
export function ranges(count: number, unit: number, parts: number): Range[] {
  const units = Math.ceil(count / unit);
  const runs = Math.min(parts, units);
  return Array.from({ length: runs }, (_, run) => {
    const first = Math.floor((run * units) / runs) * unit;
    const end = Math.min(Math.floor(((run + 1) * units) / runs) * unit, count);
    return { first, count: end - first };
  });
}

/** What one value read, changed and written counts, beside a multiplication in registers. */
const operationsPerValue = 8;

/** Values that do not share a cache line, even as bytes, with those of another part. */
const valuesApart = 64;

/** Cuts work on `count` neighboring values. @internal */
export function valueRanges(call: KernelCall, count: number): Range[] {
  return ranges(count, valuesApart, call.partsFor(count * operationsPerValue));
}

/** Cuts work on rows of `columns` values. @internal */
export function rowRanges(call: KernelCall, rows: number, columns: number): Range[] {
  return ranges(rows, 1, call.partsFor(rows * columns * operationsPerValue));
}

/** Runs any number of parts, as many at a time as a fork takes. @internal */
export function runInTurns<Name extends KernelName>(
  call: KernelCall,
  kernel: Name,
  parts: readonly Parameters<KernelExports[Name]>[],
  scratch?: ThreadScratch,
): void {
  const { mostParts } = control;
  for (let first = 0; first < parts.length; first += mostParts) {
    call.runParts(kernel, parts.slice(first, first + mostParts), scratch);
  }
}
