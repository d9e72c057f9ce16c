/**
 * A backend that {@link useBackend} skipped.
 *
 * @example Report why the native backend was skipped
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
  /** Why it cannot run here, in a form that a user can act on. */
  readonly reason: string;
}

/**
 * The result of {@link useBackend}. `console.log` and `String()` print it as a few lines of text.
 *
 * @example Save the backend's name with the results
 * ```ts
 * const report: BackendReport = await useBackend('wasm-train');
 * const note = JSON.stringify({ backend: report.name, on: report.detail });
 * console.log(report.name, note.includes('WebAssembly')); // wasm-train true
 * ```
 */
export interface BackendReport {
  /** The backend that is now current. */
  readonly name: string;
  /** What it runs on, as reported by the backend; may be empty. */
  readonly detail: string;
  /** The backends tried before it, in order, each with the reason for its refusal. */
  readonly refused: readonly RefusedBackend[];
  /**
   * The report as text.
   *
   * @returns One line for the backend, and one for each backend refused before it.
   */
  toString(): string;
}

/**
 * Creates a report: plain data whose print functions are hidden from loops, spreads and JSON.
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
    // Node's console.log calls the second one; other environments ignore it.
    { toString: print, [Symbol.for('nodejs.util.inspect.custom')]: print },
  );
}
