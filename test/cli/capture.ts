import { runProgram } from '../../src/cli/program.ts';

/** How a command line ended, and what it printed. */
export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs a command line of `npx tfjs-gan` in this process, and takes off the handlers that it set for signals. */
export async function runCli(...typed: readonly string[]): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const handlers = signals.map((name) => process.listeners(name));
  const code = await runProgram(typed, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  signals.forEach((name, i) => {
    const added = process.listeners(name).filter((handler) => !handlers[i]!.includes(handler));
    for (const handler of added) process.off(name, handler);
  });
  return { code, stdout, stderr };
}
