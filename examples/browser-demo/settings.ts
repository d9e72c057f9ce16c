import type { BackendName } from 'tfjs-gan';

export type DataName = 'digits' | 'shapes';

/** What the worker should create; part of saved models. */
export interface DemoSettings {
  readonly data: DataName;
  readonly backend: 'auto' | BackendName;
  /** The URLs of the digits and of their classes. */
  readonly digits: string;
  readonly digitLabels: string;
}

/** The names of the classes of each dataset. */
export const CLASSES: Readonly<Record<DataName, readonly string[]>> = {
  digits: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shapes: ['disc', 'frame', 'triangle'],
};

export const IMAGE_SHAPE = [28, 28, 1] as const;
export const BATCH_SIZE = 32;
/** Few, so that each one changes a sample visibly. */
export const LATENT_SIZE = 16;
/** Half of the library's default, so that steps are short. */
export const BASE_FILTERS = 16;
