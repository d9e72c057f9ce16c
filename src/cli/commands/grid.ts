import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { count, seed, text } from '../flags.ts';

/** `npx tfjs-gan grid MODEL`. */
export const grid: Command = defineCommand({
  name: 'grid',
  summary: 'draws many new samples into one PNG; each class has a column',
  operands: ['MODEL'],
  flags: {
    count: count<number | undefined>(
      undefined,
      'how many; 64 by default, or whole rows of every class',
    ),
    columns: count<number | undefined>(undefined, 'pictures in a row; a square by default'),
    scale: count(2, 'times to enlarge pictures'),
    seed: seed(0, 'the same seed gives the same samples'),
    labels: text<string | undefined>(undefined, 'classes by number or name: 3 or cat,dog', 'LIST'),
    out: text('grid.png', 'file', 'FILE'),
    ...backendFlags,
  },
  examples: ['grid runs/pictures --count 100 --columns 10 --out hundred.png'],
  run: async (call) => (await import('../samples/draw-grid.ts')).drawGrid(call),
});
