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
 * Splits 0 … count − 1 into runs of about equal length.
 *
 * @param unit - Every run begins at a multiple of this.
 * @param parts - The maximum number of runs; fewer if there are fewer units.
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

/** The cost of a value read, changed and written, in multiplications in registers. */
const operationsPerValue = 8;

/**
 * Parts begin at multiples of this many values, so that they share no cache line, even of bytes.
 */
const valuesApart = 64;

/** Splits work on `count` adjacent values. @internal */
export function valueRanges(call: KernelCall, count: number): Range[] {
  return ranges(count, valuesApart, call.partsFor(count * operationsPerValue));
}

/** Splits work on rows of `columns` values. @internal */
export function rowRanges(call: KernelCall, rows: number, columns: number): Range[] {
  return ranges(rows, 1, call.partsFor(rows * columns * operationsPerValue));
}

/** The arguments of a kernel before its last two: the first position of a part, and its end. */
type BeforeEnds<Name extends KernelName> =
  Parameters<KernelExports[Name]> extends [...infer Before extends number[], number, number]
    ? Before
    : never;

/**
 * Runs a kernel over the positions 0 … count − 1, in parts.
 *
 * @param operations - Of all parts together; see {@link KernelCall.partsFor}.
 * @internal
 */
export function runOver<Name extends KernelName>(
  call: KernelCall,
  kernel: Name,
  before: BeforeEnds<Name>,
  count: number,
  operations: number,
): void {
  const parts = ranges(count, 1, call.partsFor(operations)).map(({ first, count: some }) => {
    const all: number[] = [...before, first, first + some];
    return all as Parameters<KernelExports[Name]>;
  });
  call.runParts(kernel, parts);
}

/**
 * Runs any number of parts, at most `mostParts` at a time, or all on this thread if they are too
 * little work for several.
 *
 * @param operations - Of all parts together; see {@link KernelCall.partsFor}.
 * @internal
 */
export function runInTurns<Name extends KernelName>(
  call: KernelCall,
  kernel: Name,
  parts: readonly Parameters<KernelExports[Name]>[],
  operations: number,
  scratch?: ThreadScratch,
): void {
  const most = call.partsFor(operations) > 1 ? control.mostParts : 1;
  for (let first = 0; first < parts.length; first += most) {
    call.runParts(kernel, parts.slice(first, first + most), scratch);
  }
}
