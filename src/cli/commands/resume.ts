import { type Command, defineCommand } from '../command.ts';
import { backendFlags, backends } from '../backend-flags.ts';
import { choice, count, onOff, positive } from '../flags.ts';

const { threads } = backendFlags;

/** `npx tfjs-gan resume RUN`. */
export const resume: Command = defineCommand({
  name: 'resume',
  summary: 'continues a run from its last checkpoint, to its planned end or for longer',
  operands: ['RUN'],
  flags: {
    minutes: positive<number | undefined>(undefined, 'time to train from now on'),
    steps: count<number | undefined>(undefined, 'further steps'),
    epochs: count<number | undefined>(undefined, 'further passes through the data'),
    until: count<number | undefined>(
      undefined,
      'step at which the run ends, counted from its first',
    ),
    stopOnAlarm: onOff('stops with exit code 3 when training no longer works'),
    backend: choice<(typeof backends)[number] | undefined>(
      undefined,
      backends,
      'another backend than before',
    ),
    threads,
  },
  examples: ['resume runs/pictures', 'resume runs/pictures --minutes 30'],
  run: async (call) => (await import('../training/resume-run.ts')).resumeRun(call),
});
