import type { Command } from './command.ts';
import { card } from './commands/card.ts';
import { doctor } from './commands/doctor.ts';
import { evaluate } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { grid } from './commands/grid.ts';
import { importCommand } from './commands/import.ts';
import { interpolate } from './commands/interpolate.ts';
import { report } from './commands/report.ts';
import { resume } from './commands/resume.ts';
import { sample } from './commands/sample.ts';
import { serve } from './commands/serve.ts';
import { sweep } from './commands/sweep.ts';
import { train } from './commands/train.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...[train, resume, sweep],
  ...[sample, grid, interpolate, evaluate],
  ...[serve, exportCommand, importCommand, card, report],
  doctor,
];
