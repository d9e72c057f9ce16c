import { UsageError } from './flags.ts';

/**
 * Runs an example. Exit codes: the value that `main` returns (unchanged if undefined), 1 if it
 * fails, 2 for a wrong command line.
 */
export async function runExample(main: () => Promise<number | undefined>): Promise<void> {
  try {
    const exitCode = await main();
    if (exitCode !== undefined) process.exitCode = exitCode;
  } catch (error) {
    const wrongUse = error instanceof UsageError;
    console.error(error instanceof Error ? error.message : error);
    if (wrongUse) console.error('--help shows every flag');
    process.exitCode = wrongUse ? 2 : 1;
  }
}
