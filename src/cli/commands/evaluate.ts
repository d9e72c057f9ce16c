import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, count, text } from '../flags.ts';

/** `npx tfjs-gan evaluate MODEL`. */
export const evaluate: Command = defineCommand({
  name: 'evaluate',
  summary:
    'compares new samples with real ones: distances, precision and recall; of a table, its report',
  operands: ['MODEL'],
  flags: {
    data: text<string | undefined>(
      undefined,
      'real samples; of a run, its own data by default',
      'DATA',
    ),
    samples: count(2000, 'samples for each seed, and real ones at most'),
    seeds: count(3, 'how many seeds'),
    features: choice<'mnist' | 'areas' | undefined>(
      undefined,
      ['mnist', 'areas'],
      'mnist (a digit classifier) or areas (means of 8×8 parts of a picture); what fits by default',
    ),
    page: text<string | undefined>(
      undefined,
      'of a table: writes a page with each column and what the figures mean',
      'FILE',
    ),
    heldOut: text<string | undefined>(
      undefined,
      'of a table: real rows that training has not seen, which copies are compared with',
      'DATA',
    ),
    target: text<string | undefined>(
      undefined,
      'of a table: a column of categories that is predicted, in the rows of --held-out',
      'COLUMN',
    ),
    ...backendFlags,
  },
  examples: [
    'evaluate runs/digits --data mnist',
    'evaluate runs/customers --page customers.html',
    'evaluate runs/pictures --samples 500 --json',
  ],
  run: async (call) => (await import('../models/evaluate-model.ts')).evaluateModel(call),
});
