import { messageOf } from '../core/realms.ts';
import { libraryVersion } from '../core/version.ts';
import { didYouMean } from './closest-name.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { defaultsOf, helpRows, inColumns, onOff, parseFlags } from './flags.ts';
import { createOutput, type OutputStream } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Exit codes besides 0; a signal ends the program with 130 or 143 after a checkpoint. */
const exitCodes = { failed: 1, wrongUse: 2, diverged: 3 } as const;

/** Flags of every command. */
const everyFlag = {
  json: onOff('prints results as JSON, one object a line'),
  quiet: onOff('prints no progress'),
  help: onOff('shows this help'),
};

/**
 * Runs a command line of `npx tfjs-gan`.
 *
 * Errors are printed as sentences, without a stack: to stderr, and with `--json` also as the last
 * line of stdout.
 *
 * @param typed - The arguments after the name of the program.
 * @param streams - Where results and progress go.
 * @returns The exit code: 0 done, 1 failed, 2 wrong use, 3 diverged or stopped by an alarm;
 * undefined if nothing went wrong and a signal may have set one.
 */
export async function runProgram(
  typed: readonly string[],
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
): Promise<number | undefined> {
  const { stdout, stderr } = streams;
  const [name, ...words] = typed;
  const isJson = typed.includes('--json');
  try {
    if (name === undefined) {
      stderr.write(programHelp());
      return exitCodes.wrongUse;
    }
    if (name === '--help' || name === '-h' || name === 'help') {
      stdout.write(words[0] === undefined ? programHelp() : commandHelp(findCommand(words[0])));
      return 0;
    }
    if (name === '--version' || name === '-v') {
      stdout.write(`${libraryVersion}\n`);
      return 0;
    }
    return await runCommand(findCommand(name), words, streams);
  } catch (error) {
    const message = explain(error);
    const exitCode = codeOf(error);
    if (isJson) stdout.write(`${JSON.stringify({ event: 'error', message, exitCode })}\n`);
    stderr.write(`${message}\n`);
    if (exitCode === exitCodes.wrongUse) {
      const help = commands.some((command) => command.name === name) ? `${name} --help` : '--help';
      stderr.write(`npx tfjs-gan ${help} shows how to use it\n`);
    }
    return exitCode;
  }
}

async function runCommand(
  command: Command,
  words: readonly string[],
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
): Promise<number | undefined> {
  const flags = { ...command.flags, ...everyFlag };
  // Before the other flags are checked: a user who requests help may not know them.
  if (words.includes('--help') || words.includes('-h')) {
    streams.stdout.write(commandHelp(command));
    return 0;
  }
  const { given, operands } = parseFlags(command.name, flags, words);
  checkOperands(command, operands);
  const settings = { ...defaultsOf(flags), ...given };
  const output = createOutput({ json: settings.json, quiet: settings.quiet }, streams);
  return command.run({ operands, settings, given: new Set(Object.keys(given)), output });
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  throw new UsageError(`There is no command '${name.slice(0, 80)}'${didYouMean(name, names)}`);
}

function checkOperands({ name, operands: wanted }: Command, operands: readonly string[]): void {
  const least = wanted.filter((operand) => !operand.startsWith('[')).length;
  const most = wanted.some((operand) => operand.includes('…')) ? Infinity : wanted.length;
  if (operands.length < least) {
    throw new UsageError(`Cannot ${name}: ${wanted[operands.length]!} is missing`);
  }
  const empty = operands.indexOf('');
  // Otherwise it would stand for the folder of the shell.
  if (empty >= 0 && wanted[empty]?.startsWith('[') !== true) {
    throw new UsageError(`Cannot ${name}: ${wanted[Math.min(empty, wanted.length - 1)]!} is empty`);
  }
  if (operands.length > most) {
    throw new UsageError(
      `Cannot ${name}: '${operands[most]!.slice(0, 80)}' is one argument too many`,
    );
  }
}

function programHelp(): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    'npx tfjs-gan COMMAND [arguments] [flags]',
    '',
    ...inColumns(rows),
    '',
    'npx tfjs-gan COMMAND --help shows its arguments, flags and examples.',
    'For example, learn the pictures of a folder in ten minutes: npx tfjs-gan train ./pictures',
    '',
  ].join('\n');
}

function commandHelp({ name, summary, operands, flags, examples }: Command): string {
  return [
    `npx tfjs-gan ${[name, ...operands].join(' ')} [flags]`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    '',
    ...inColumns(helpRows({ ...flags, ...everyFlag })),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  npx tfjs-gan ${example}`),
    '',
  ].join('\n');
}

/** The message of an error, or what to install if a package is missing. */
function explain(error: unknown): string {
  const message = messageOf(error);
  const { code } = error as NodeJS.ErrnoException;
  const missing = /'(@tensorflow\/[^'/]+)/.exec(message)?.[1];
  if (code === 'ERR_MODULE_NOT_FOUND' && missing !== undefined) {
    return (
      `Cannot run: the package ${missing} must be installed, got none. ` +
      'Run: npm install tfjs-gan @tensorflow/tfjs @tensorflow/tfjs-backend-cpu'
    );
  }
  return message === '' ? 'Failed with an error without a message' : message;
}

/** By name: importing the class would load the library for `--help`. */
function codeOf(error: unknown): number {
  const { name } = error as Error;
  if (name === 'UsageError') return exitCodes.wrongUse;
  return name === 'TrainingDivergedError' ? exitCodes.diverged : exitCodes.failed;
}
