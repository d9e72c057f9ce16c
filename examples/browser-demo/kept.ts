/** A value that the browser keeps from visit to visit. */
export interface Kept<T> {
  /** The value; `undefined` if there is none, or a damaged one. */
  readonly read: () => T | undefined;
  readonly remember: (value: T) => void;
  readonly forget: () => void;
}

/**
 * Keeps a value in the page's storage. A page that may not keep anything begins anew each time.
 *
 * @param parse - Checks what was kept.
 */
export function kept<T>(key: string, parse: (value: unknown) => T | undefined): Kept<T> {
  const attempt = <R>(work: () => R): R | undefined => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  return {
    read: () => attempt(() => parse(JSON.parse(localStorage.getItem(key) ?? 'null'))),
    remember: (value) => attempt(() => localStorage.setItem(key, JSON.stringify(value))),
    forget: () => attempt(() => localStorage.removeItem(key)),
  };
}
