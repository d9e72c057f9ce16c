import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { text, texts } from '../flags.ts';

/** `npx tfjs-gan card MODEL`. */
export const card: Command = defineCommand({
  name: 'card',
  summary: 'writes a folder to publish: model card, generator, ONNX, PyTorch, samples, checksums',
  operands: ['MODEL'],
  flags: {
    name: text<string | undefined>(undefined, 'name of the model; that of the folder by default'),
    license: text<string | undefined>(
      undefined,
      'license of the weights by its short name, such as mit',
    ),
    dataset: texts('name of the data, such as ylecun/mnist; may be given several times'),
    description: text<string | undefined>(undefined, 'what it generates, and what it is for'),
    limits: text<string | undefined>(undefined, 'what it cannot do'),
    out: text<string | undefined>(
      undefined,
      'folder; card/ in that of the run by default',
      'FOLDER',
    ),
    ...backendFlags,
  },
  examples: ['card runs/digits --license mit --dataset ylecun/mnist'],
  run: async (call) => (await import('../models/write-card.ts')).writeCard(call),
});
