import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from 'tfjs-gan';
import {
  choice,
  count,
  onOff,
  positive,
  type Preset,
  readSettings,
  seed,
  type SettingsOf,
  share,
  text,
  UsageError,
} from '../shared/flags.ts';

const conditionings = ['projection', 'concat', 'auxiliary', 'none'] as const;
const backends = ['auto', 'tensorflow', 'webgpu', 'webgl', 'wasm-train', 'cpu'] as const;

/** Every setting: its default value and its help text. */
const flags = {
  epochs: count<number | undefined>(undefined, 'passes through the data, in place of --steps'),
  steps: count<number | undefined>(4500, 'training steps; within --minutes, at most'),
  minutes: positive<number | undefined>(
    9,
    'time limit, which plans the steps; none by default if --epochs or --steps is given',
  ),
  batchSize: count(32, 'images per step'),
  conditioning: choice(
    'projection',
    conditionings,
    "how the discriminator uses the digits' labels: projection, concat, auxiliary; none: no labels",
  ),
  baseFilters: count(32, 'filters of the layer next to the image'),
  kernelSize: count(5, 'size of the convolution kernels'),
  latentSize: count(100, 'length of the latent vector of an image'),
  learningRate: positive(0.002, "initial rate of both networks' Adam"),
  falling: share(0.5, 'share of the run, at its end, over which that rate falls to 0'),
  average: share(0.05, "share of the run over which the generator's weights are averaged"),
  beta1: share(0.5, "of both networks' Adam"),
  seed: seed(42, 'the same seed repeats a run'),
  gridEvery: count(200, 'steps between pictures of samples'),
  saveEvery: count(5, 'epochs between saved generators'),
  split: choice('train', ['train', 'test'], 'which images of MNIST: train or test'),
  backend: choice<'auto' | BackendName>('auto', backends, backends.slice(1).join(', ')),
  name: text<string | undefined>(undefined, "name of the run's folder (mnist, mnist-2, …)"),
  out: text('runs', 'the folder that holds the runs'),
  resume: text<string | undefined>(undefined, 'the run to continue, with its saved settings'),
  overwrite: onOff('replaces an earlier run of the same name'),
};

export type Settings = SettingsOf<typeof flags>;

const presets: Record<string, Preset<typeof flags>> = {
  tutorial: {
    help: "the tutorial's DCGAN (64 and 128 filters, 5×5), 50 epochs in batches of 32; no time limit",
    settings: {
      epochs: 50,
      steps: undefined,
      minutes: undefined,
      batchSize: 32,
      conditioning: 'none',
      baseFilters: 64,
      learningRate: 0.0002,
      falling: 0,
      average: 0,
      gridEvery: 1875, // one epoch
      saveEvery: 50,
    },
  },
  quick: {
    help: 'a few steps of a tiny network: checks in seconds that everything works',
    settings: { split: 'test', steps: 6, batchSize: 8, baseFilters: 4, gridEvery: 3 },
  },
};

/** The settings from the command line, or undefined if it requests help. */
export function mnistSettings(typed?: readonly string[]): Settings | undefined {
  const parsed = readSettings('npm run mnist -- [flags]', flags, presets, typed);
  if (parsed === undefined) return undefined;
  const { settings, given } = parsed;
  if (settings.resume !== undefined) return resumedSettings(settings.resume, settings, given);
  if (!given.has('epochs') && !given.has('steps')) return settings;
  // A length given by a flag replaces the default one, and removes its time limit.
  return {
    ...settings,
    epochs: given.has('epochs') ? settings.epochs : undefined,
    steps: given.has('steps') ? settings.steps : undefined,
    minutes: given.has('minutes') ? settings.minutes : undefined,
  };
}

/** The settings a run was started with, overridden by the given flags. */
function resumedSettings(name: string, typed: Settings, given: ReadonlySet<string>): Settings {
  const file = join(typed.out, name, 'settings.json');
  let saved: Settings;
  try {
    saved = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  } catch {
    throw new UsageError(
      `Cannot resume: '${join(typed.out, name)}' must be the folder of a run, got one without settings.json`,
    );
  }
  const flags = Object.entries(typed).filter(([flag]) => given.has(flag));
  return { ...saved, ...(Object.fromEntries(flags) as Partial<Settings>), out: typed.out, name };
}
