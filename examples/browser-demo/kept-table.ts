import type { KeptTable } from './table-types.ts';

/** Where the page keeps what it shows of the generator, which the worker keeps in IndexedDB. */
const KEY = 'tfjs-gan browser-demo table 1';

/** What this browser keeps of a table. */
export function keptTable(): KeptTable | undefined {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? 'null') as KeptTable | null) ?? undefined;
  } catch {
    // A page that may not keep anything begins anew each time.
    return undefined;
  }
}

export function rememberTable(kept: KeptTable): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // As above.
  }
}

export function forgetTable(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
