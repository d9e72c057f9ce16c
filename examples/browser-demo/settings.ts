import type { BackendName } from 'tfjs-gan';

export type DataName = 'digits' | 'shapes';

/** What the page asks the worker to make; kept in saved models. */
export interface DemoSettings {
  readonly data: DataName;
  readonly backend: 'auto' | BackendName;
  /** Where the digits are, and where their classes. */
  readonly digits: string;
  readonly digitLabels: string;
}

/** What the classes of the data are called. */
export const CLASSES: Readonly<Record<DataName, readonly string[]>> = {
  digits: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shapes: ['disc', 'frame', 'triangle'],
};

export const IMAGE_SHAPE = [28, 28, 1] as const;
export const BATCH_SIZE = 32;
/** Few, so that each of them changes a sample visibly. */
export const LATENT_SIZE = 16;
/** Half of the library's default: a page is looked at, and a step should take a moment. */
export const BASE_FILTERS = 16;
