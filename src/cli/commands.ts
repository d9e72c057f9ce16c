import type { Command } from './command.ts';
import { doctor } from './commands/doctor.ts';
import { train } from './commands/train.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [train, doctor];
