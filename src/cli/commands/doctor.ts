import { type Command, defineCommand } from '../command.ts';

/** `npx tfjs-gan doctor`. */
export const doctor: Command = defineCommand({
  name: 'doctor',
  summary: 'checks this machine and project: backends, threads, packages, disk',
  operands: [],
  flags: {},
  examples: ['doctor', 'doctor --json'],
  run: async ({ output }) => (await import('../doctor/examine.ts')).examine(output),
});
