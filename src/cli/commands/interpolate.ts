import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, count, seed, text } from '../flags.ts';

/** `npx tfjs-gan interpolate MODEL`. */
export const interpolate: Command = defineCommand({
  name: 'interpolate',
  summary: 'draws the steps from one sample to another into one PNG',
  operands: ['MODEL'],
  flags: {
    from: seed(1, 'seed of the first sample'),
    to: seed(2, 'seed of the last sample'),
    steps: count(10, 'pictures from the first to the last, both included'),
    path: choice<'linear' | 'spherical' | undefined>(
      undefined,
      ['linear', 'spherical'],
      'linear or spherical; what fits the latents by default',
    ),
    labels: text<string | undefined>(
      undefined,
      'one class for all steps, or two to go between: 3 or cat,dog',
      'LIST',
    ),
    scale: count(2, 'times to enlarge pictures'),
    out: text('interpolation.png', 'file', 'FILE'),
    ...backendFlags,
  },
  examples: [
    'interpolate runs/pictures --from 3 --to 8 --out way.png',
    'interpolate runs/animals --from 3 --to 3 --labels cat,dog',
  ],
  run: async (call) => (await import('../samples/draw-grid.ts')).drawInterpolation(call),
});
