import { kept } from './kept.ts';
import type { KeptTable } from './table-types.ts';

/** What the page shows of the generator of rows, which the worker keeps in IndexedDB. */
export const keptTable = kept(
  'tfjs-gan browser-demo table 1',
  (value) => (value as KeptTable | null) ?? undefined,
);
