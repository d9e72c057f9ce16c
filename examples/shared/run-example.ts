import { UsageError } from './flags.ts';

/** Runs an example. Exit codes: what `main` returns (as it is if nothing), 1 if it fails, 2 if it was called wrongly. */
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
