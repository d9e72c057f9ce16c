import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, count, onOff, positive, seed, text } from '../flags.ts';

const presets = [
  'auto',
  'dcgan',
  'conditional',
  'wgan-gp',
  'sngan',
  'r3gan',
  'mlp',
  'ctgan',
] as const;

/** The flags that a file of settings may have too. */
const trainFlags = {
  minutes: positive<number | undefined>(
    undefined,
    'time to train; 10 unless --steps or --epochs is given',
  ),
  steps: count<number | undefined>(undefined, 'training steps, in place of minutes'),
  epochs: count<number | undefined>(undefined, 'passes through the data, in place of minutes'),
  preset: choice<(typeof presets)[number]>(
    'auto',
    presets,
    `which GAN: ${presets.slice(1).join(', ')}`,
  ),
  labels: text<string | undefined>(
    undefined,
    'classes: none, subfolders, or a file of labels beside an array',
  ),
  size: count<number | undefined>(
    undefined,
    'height and width of pictures; chosen from the data and the time by default',
  ),
  channels: choice<'1' | '3' | undefined>(
    undefined,
    ['1', '3'],
    '1 for gray pictures, 3 for color',
  ),
  augment: choice<'auto' | 'none' | 'diff' | 'adaptive'>(
    'auto',
    ['auto', 'none', 'diff', 'adaptive'],
    'augmentation against memorizing; diff by default below 1,000 pictures',
  ),
  flip: onOff('mirrors half of the pictures; not for letters and digits'),
  limit: count<number | undefined>(undefined, 'samples to take, from the first'),
  batchSize: count<number | undefined>(
    undefined,
    'samples of a step; chosen from the data by default',
  ),
  baseFilters: count<number | undefined>(undefined, 'filters of the layer next to the picture'),
  latentSize: count<number | undefined>(undefined, 'numbers that a sample is made from'),
  learningRate: positive<number | undefined>(undefined, 'initial learning rate of dcgan and mlp'),
  seed: seed(42, 'the same seed and number of steps repeat a run'),
  out: text<string | undefined>(
    undefined,
    'folder of the run; runs/ with the name of the data by default',
    'FOLDER',
  ),
  stopOnAlarm: onOff('stops with exit code 3 when training no longer works'),
  ...backendFlags,
};

/** `npx tfjs-gan train DATA`. */
export const train: Command = defineCommand({
  name: 'train',
  summary:
    'learns pictures, tables or arrays, and leaves a run folder with samples, a report and the generator',
  operands: ['[DATA]'],
  flags: {
    ...trainFlags,
    overwrite: onOff('replaces an earlier run in that folder'),
    dryRun: onOff('says what it would train, and ends'),
    config: text<string | undefined>(
      undefined,
      'file of settings; tfjs-gan.json or gan.config.mjs of this folder by default',
      'FILE',
    ),
  },
  examples: [
    'train ./pictures',
    'train ./pictures --minutes 60 --size 64 --flip',
    'train ./animals --preset conditional     # each subfolder is a class',
    'train customers.csv --minutes 5',
    'train digits.idx.gz --steps 6000 --out runs/digits',
    'train --config face.json',
  ],
  run: async (call) => (await import('../training/start-run.ts')).startRun(call, trainFlags),
});
