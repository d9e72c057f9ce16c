import type { InheritedOp } from './inherited-ops.ts';

/**
 * How the `wasm-train` backend runs. `console.log` and `String()` print it as a few lines of text.
 *
 * @example Print why a page trains on one thread
 * ```ts
 * const { threads, why }: WasmTrainReport = wasmTrain().report();
 * if (threads === 1 && why !== undefined) console.warn(`training on one thread: ${why}`);
 * ```
 */
export interface WasmTrainReport {
  /** The kernels that run: plain or relaxed SIMD. They round differently. */
  readonly simd: 'plain' | 'relaxed';
  /** The number of threads that share the work, including this one. */
  readonly threads: number;
  /** Why there are not more threads, if something prevents them. */
  readonly why: string | undefined;
  /** Bytes of the memory that tensors use now. */
  readonly bytesInUse: number;
  /** The current size of the memory in bytes. */
  readonly bytesReserved: number;
  /**
   * The operations that ran on the cpu backend's JavaScript since the backend started, because it
   * has no kernel for their case; longest total time first. Operations that only add a reference to
   * existing values, such as a reshape, are omitted.
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
 * Creates a report: plain data whose print functions are hidden from loops, spreads and JSON.
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
    // Node's console.log calls the second one; other environments ignore it.
    { toString: print, [Symbol.for('nodejs.util.inspect.custom')]: print },
  );
}
