/**
 * A backend that {@link useBackend} passed over.
 *
 * @example Say why the native backend was passed over
 * ```ts
 * const { refused } = await useBackend(['tensorflow', 'wasm-train']);
 * const explain = ({ name, reason }: RefusedBackend) => `not on ${name}: ${reason}`;
 * for (const other of refused) console.warn(explain(other));
 * console.log(refused.map(({ name }) => name)); // [ 'tensorflow' ]
 * ```
 */
export interface RefusedBackend {
  /** Its name. */
  readonly name: string;
  /** Why it cannot run here, in words a user can act on. */
  readonly reason: string;
}

/**
 * What {@link useBackend} chose. `console.log` and `String()` print it as a few plain lines.
 *
 * @example Note beside the results what computed them
 * ```ts
 * const report: BackendReport = await useBackend('wasm-train');
 * const note = JSON.stringify({ backend: report.name, on: report.detail });
 * console.log(report.name, note.includes('WebAssembly')); // wasm-train true
 * ```
 */
export interface BackendReport {
  /** The backend that is now current. */
  readonly name: string;
  /** What it runs on, as far as the backend tells; may be empty. */
  readonly detail: string;
  /** Those tried before it, in order, and why each was refused. */
  readonly refused: readonly RefusedBackend[];
  /**
   * The report as text.
   *
   * @returns One line for the backend, and one for each refused before it.
   */
  toString(): string;
}

/**
 * A report that prints well: plain data, with the printing hidden from loops, spreads and JSON.
 *
 * @internal
 */
export function backendReport(
  name: string,
  detail: string,
  refused: readonly RefusedBackend[],
): BackendReport {
  const taken = detail === '' ? name : `${name}: ${detail}`;
  const lines = refused.map((other) => `  not ${other.name}: ${other.reason}`);
  const print = { value: (): string => [taken, ...lines].join('\n') };
  return Object.defineProperties(
    { name, detail, refused },
    // The second is what console.log asks for in Node; elsewhere it is never read.
    { toString: print, [Symbol.for('nodejs.util.inspect.custom')]: print },
  );
}
