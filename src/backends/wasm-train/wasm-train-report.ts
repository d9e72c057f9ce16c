import type { InheritedOp } from './inherited-ops.ts';

/**
 * How the `wasm-train` backend runs. `console.log` and `String()` print it as a few plain lines.
 *
 * @example Tell why a page trains on one thread only
 * ```ts
 * const { threads, why }: WasmTrainReport = wasmTrain().report();
 * if (threads === 1 && why !== undefined) console.warn(`training on one thread: ${why}`);
 * ```
 */
export interface WasmTrainReport {
  /** Which kernels run: those of plain SIMD, or of relaxed. They round differently. */
  readonly simd: 'plain' | 'relaxed';
  /** How many threads share the work, this one included. */
  readonly threads: number;
  /** Why there are not more, where something is in the way. */
  readonly why: string | undefined;
  /** Bytes of the memory that tensors hold now. */
  readonly bytesInUse: number;
  /** Bytes the memory has grown to. */
  readonly bytesReserved: number;
  /**
   * The operations that have no kernel here for their case and ran on the cpu backend's JavaScript, since the backend
   * was started: that which took longest first. Those that only name the same values again, such as a reshape, are
   * left out.
   */
  readonly inherited: readonly InheritedOp[];
  /**
   * The report as text.
   *
   * @returns One line for the backend, and one for each inherited operation.
   */
  toString(): string;
}

/**
 * A report that prints well: plain data, with the printing hidden from loops, spreads and JSON.
 *
 * @internal
 */
export function wasmTrainReport(
  detail: string,
  data: Omit<WasmTrainReport, 'toString'>,
): WasmTrainReport {
  const lines = data.inherited.map(
    ({ name, count, milliseconds }) =>
      `  on cpu's JavaScript: ${name}, ${count} ${count === 1 ? 'time' : 'times'}, ${milliseconds.toFixed(1)} ms`,
  );
  const print = { value: (): string => [`wasm-train: ${detail}`, ...lines].join('\n') };
  return Object.defineProperties(
    { ...data },
    // The second is what console.log asks for in Node; elsewhere it is never read.
    { toString: print, [Symbol.for('nodejs.util.inspect.custom')]: print },
  );
}
