import { runProgram } from '../../src/cli/program.ts';

/** How a command line ended, and what it printed. */
export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line of `npx tfjs-gan` in this process. */
export async function runCli(...typed: readonly string[]): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const code = await runProgram(typed, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}
