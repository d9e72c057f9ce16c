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

const backends = ['auto', 'tensorflow', 'webgpu', 'webgl', 'wasm-train', 'cpu'] as const;

/** Every setting, its value where nothing else is said, and what it is. */
const flags = {
  epochs: count<number | undefined>(undefined, 'passes through the data, in place of --steps'),
  steps: count<number | undefined>(6000, 'training steps'),
  minutes: positive<number | undefined>(
    9,
    'ends earlier when so much time is over; no limit where a length is given',
  ),
  batchSize: count(32, 'images in a step'),
  baseFilters: count(32, 'filters of the layer next to the image'),
  kernelSize: count(5, 'side of the convolution kernels'),
  latentSize: count(100, 'numbers that one image is made from'),
  learningRate: positive(0.002, "of both networks' Adam, at first"),
  falling: share(0.5, 'share of the run, at its end, in which that rate falls to 0'),
  average: share(0.05, "share of the run that the average of the generator's weights is over"),
  beta1: share(0.5, "of both networks' Adam"),
  seed: seed(42, 'the same seed repeats a run'),
  gridEvery: count(200, 'steps between two pictures of samples'),
  saveEvery: count(5, 'epochs between two copies of the generator'),
  split: choice('train', ['train', 'test'], 'which images of MNIST: train or test'),
  backend: choice<'auto' | BackendName>('auto', backends, backends.slice(1).join(', ')),
  name: text<string | undefined>(undefined, "of the run's folder (mnist, mnist-2, …)"),
  out: text('runs', 'the folder that holds the runs'),
  resume: text<string | undefined>(undefined, 'the run to go on with, under its own settings'),
  overwrite: onOff('replaces an earlier run of the same name'),
};

export type Settings = SettingsOf<typeof flags>;

const presets: Record<string, Preset<typeof flags>> = {
  article: {
    help: "the article's widths, 50 epochs in batches of 32; no time limit",
    settings: {
      epochs: 50,
      steps: undefined,
      minutes: undefined,
      batchSize: 32,
      baseFilters: 64,
      learningRate: 0.0002,
      falling: 0,
      average: 0,
      gridEvery: 1875, // one epoch
      saveEvery: 50,
    },
  },
  quick: {
    help: 'a few steps of a tiny network: shows in seconds that everything works',
    settings: { split: 'test', steps: 6, batchSize: 8, baseFilters: 4, gridEvery: 3 },
  },
};

/** What the command line asks for, or undefined where it asked for help only. */
export function mnistSettings(typed?: readonly string[]): Settings | undefined {
  const answer = readSettings('npm run mnist -- [flags]', flags, presets, typed);
  if (answer === undefined) return undefined;
  const { settings, given } = answer;
  if (settings.resume !== undefined) return resumedSettings(settings.resume, settings, given);
  if (!given.has('epochs') && !given.has('steps')) return settings;
  // A length that was asked for takes the place of the usual one, and no clock cuts it short.
  return {
    ...settings,
    epochs: given.has('epochs') ? settings.epochs : undefined,
    steps: given.has('steps') ? settings.steps : undefined,
    minutes: given.has('minutes') ? settings.minutes : undefined,
  };
}

/** The settings a run was started with, and over them what a flag gave. */
function resumedSettings(name: string, typed: Settings, given: ReadonlySet<string>): Settings {
  const file = join(typed.out, name, 'settings.json');
  let noted: Settings;
  try {
    noted = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  } catch {
    throw new UsageError(
      `Cannot resume: '${join(typed.out, name)}' must be the folder of a run, got one without settings.json`,
    );
  }
  const flags = Object.entries(typed).filter(([flag]) => given.has(flag));
  return { ...noted, ...(Object.fromEntries(flags) as Partial<Settings>), out: typed.out, name };
}
