import { kept } from './kept.ts';
import { readSettings } from './settings.ts';

/** The run that this browser keeps, whose networks the worker keeps in IndexedDB. */
export const keptRun = kept('tfjs-gan browser-demo', readSettings);
