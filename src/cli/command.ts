import type { Flags, SettingsOf } from './flags.ts';
import type { Output } from './output.ts';

/**
 * A command of `npx tfjs-gan`: what its help shows, and what it does.
 *
 * The file of a command must not import TensorFlow.js, directly or not: `run` loads what it needs,
 * so that `--help` is instant and works without it.
 */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** What it does, in the list of commands. */
  readonly summary: string;
  /**
   * Its operands as the help shows them: `RUN`, `[DATA]` if it may be left out, `RUN…` if there may
   * be several.
   */
  readonly operands: readonly string[];
  /** Its flags, besides those that every command has: `--json`, `--quiet`, `--help`. */
  readonly flags: F;
  /** Command lines that the help shows, without `npx tfjs-gan`. */
  readonly examples: readonly string[];
  /**
   * Runs the command.
   *
   * @returns The exit code; undefined for 0, or for the one that a signal has set.
   * @throws UsageError for a wrong command line, exit code 2; any other error is printed, exit code
   *   1.
   */
  run(call: CommandCall<F>): Promise<number | undefined>;
}

/** A command line of a command. */
export interface CommandCall<F extends Flags = Flags> {
  readonly operands: readonly string[];
  /** The value of each flag: given, or the default. */
  readonly settings: SettingsOf<F>;
  /** Names of the settings whose flag was given. */
  readonly given: ReadonlySet<string>;
  readonly output: Output;
}

/** Infers the settings of a command from its flags. */
export function defineCommand<F extends Flags>(command: Command<F>): Command<F> {
  return command;
}
