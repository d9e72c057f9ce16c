import { readSettings, type RunSettings } from './settings.ts';

/** Where the page keeps what its worker trained; the worker keeps the networks in IndexedDB. */
const KEY = 'tfjs-gan browser-demo';

/** The run that this browser keeps, if it keeps one. */
export function keptRun(): RunSettings | undefined {
  try {
    return readSettings(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
  } catch {
    // A page that may not keep anything begins anew each time.
    return undefined;
  }
}

export function rememberRun(settings: RunSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // As above.
  }
}

export function forgetRun(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
