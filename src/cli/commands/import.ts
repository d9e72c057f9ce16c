import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, onOff, text } from '../flags.ts';

/** `npx tfjs-gan import FILE`. */
export const importCommand: Command = defineCommand({
  name: 'import',
  summary: 'reads a generator of Keras, or weights of PyTorch, into a folder with model.json',
  operands: ['FILE'],
  flags: {
    like: text<string | undefined>(
      undefined,
      'run or model with the layers for weights in safetensors',
      'MODEL',
    ),
    out: text<string | undefined>(
      undefined,
      'folder of the model; named after the file by default',
      'FOLDER',
    ),
    latents: choice<'normal' | 'uniform'>(
      'normal',
      ['normal', 'uniform'],
      'distribution of the latents of a Keras generator: normal or uniform',
    ),
    overwrite: onOff('replaces a model in that folder'),
    ...backendFlags,
  },
  examples: [
    'import generator.keras',
    'import generator.h5 --out models/digits',
    'import generator.safetensors --like runs/digits --out models/digits',
  ],
  run: async (call) => (await import('../models/import-model.ts')).importModel(call),
});
