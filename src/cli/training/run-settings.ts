import type { BackendSettings } from '../start-backend.ts';
import type { DataSettings } from '../data/data-settings.ts';

/** The presets that a run can have; `own` is the function of a module of settings. */
export const presets = ['dcgan', 'wgan-gp', 'sngan', 'r3gan', 'mlp', 'ctgan', 'own'] as const;

/** Name of a preset. */
export type PresetName = (typeof presets)[number];

/** Everything that determines a run, as its `settings.json` has it: `resume` reads nothing else. */
export interface RunSettings {
  /** Version of the library that wrote it. */
  readonly version: string;
  readonly data: DataSettings;
  readonly preset: PresetName;
  /** Absolute path of the module with the function of the preset `own`. */
  readonly gan?: string | undefined;
  /** Shape of a sample; of a table, left out. */
  readonly sampleShape?: readonly number[] | undefined;
  /** Number of classes; undefined without. */
  readonly classes?: number | undefined;
  /** Names of the classes, by label. */
  readonly classNames?: readonly string[] | undefined;
  /** Augmentation before the discriminator. */
  readonly augment: 'none' | 'diff' | 'adaptive';
  readonly batchSize: number;
  readonly baseFilters?: number | undefined;
  readonly latentSize?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly seed: number;
  /** The end that the user requested. */
  readonly end: RunEnd;
  readonly stopOnAlarm: boolean;
  readonly backend: BackendSettings;
}

/** When a run ends; one of them. */
export interface RunEnd {
  readonly minutes?: number | undefined;
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
}
