import { type Command, defineCommand } from '../command.ts';
import { text } from '../flags.ts';

/** `npx tfjs-gan report RUN…`. */
export const report: Command = defineCommand({
  name: 'report',
  summary: 'writes the report of a run anew, or one page that compares several runs',
  operands: ['RUN…'],
  flags: {
    title: text<string | undefined>(undefined, 'title of the page'),
    out: text<string | undefined>(
      undefined,
      'file of a comparison; comparison.html beside the runs by default',
      'FILE',
    ),
  },
  examples: ['report runs/pictures', 'report runs/pictures runs/pictures-2 --title "Two rates"'],
  run: async (call) => (await import('../training/write-reports.ts')).writeReports(call),
});
