import type { BackendName } from 'tfjs-gan';

export type DataName = 'digits' | 'shapes';
export type LossName = 'bce' | 'hinge' | 'least-squares' | 'relativistic' | 'wasserstein';
export type PenaltyName = 'none' | 'gradient' | 'r1';

/** What is trained, and on what; part of saved models and of the run that the browser keeps. */
export interface RunSettings {
  readonly data: DataName;
  readonly loss: LossName;
  readonly penalty: PenaltyName;
}

/** What the worker should create. */
export interface DemoSettings extends RunSettings {
  readonly backend: 'auto' | BackendName;
  /** Whether to continue the run that the browser keeps. */
  readonly resume: boolean;
  /** The URLs of the digits and of their classes. */
  readonly digits: string;
  readonly digitLabels: string;
}

/** The names of the classes of each dataset. */
export const CLASSES: Readonly<Record<DataName, readonly string[]>> = {
  digits: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shapes: ['disc', 'frame', 'triangle'],
};

export const LOSSES: Readonly<Record<LossName, string>> = {
  bce: 'cross-entropy',
  hinge: 'hinge',
  'least-squares': 'least squares',
  relativistic: 'relativistic',
  wasserstein: 'Wasserstein',
};

export const PENALTIES: Readonly<Record<PenaltyName, string>> = {
  none: 'none',
  gradient: 'gradient penalty',
  r1: 'R1',
};

export const IMAGE_SHAPE = [28, 28, 1] as const;
export const BATCH_SIZE = 32;
/** Few, so that each one changes a sample visibly. */
export const LATENT_SIZE = 16;
/** Half of the library's default, so that steps are short. */
export const BASE_FILTERS = 16;
/** The number of drawn shapes to learn from. */
export const SHAPES = 4096;

/** The emoji in drawings.png of the second tab, none of which its network has seen in training. */
export const DRAWINGS = [
  ...['smirking face', 'cat with wry smile', 'raised fist', 'elephant'],
  ...['palm tree', 'lemon', 'house with garden', 'automobile'],
] as const;

/** The settings in what was kept, which may be older than this page or not its own. */
export function readSettings(kept: unknown): RunSettings | undefined {
  const { data, loss = 'bce', penalty = 'none' } = (kept ?? {}) as Partial<RunSettings>;
  const known =
    data !== undefined &&
    Object.hasOwn(CLASSES, data) &&
    Object.hasOwn(LOSSES, loss) &&
    Object.hasOwn(PENALTIES, penalty);
  return known ? { data, loss, penalty } : undefined;
}
