import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../bench/reliability-run.ts', import.meta.url));

/** How a run ended. */
export interface RunEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** A run under way, in a process of its own. */
export interface StartedRun {
  readonly pid: number;
  /** Resolves once a line begins with a text, or the run has ended without. */
  said(beginning: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<RunEnd>;
}

/**
 * Starts bench/reliability-run.ts.
 *
 * @param args - Its arguments.
 * @param limit - What the shell lays on the process first, such as `ulimit -f 8`.
 */
export function startRun(args: readonly (string | number)[], limit?: string): StartedRun {
  const command = [process.execPath, '--import', 'tsx', script, ...args.map(String)];
  const child =
    limit === undefined
      ? spawn(command[0]!, command.slice(1))
      : spawn('bash', ['-c', `${limit}; exec "$@"`, 'bash', ...command]);
  let output = '';
  let errors = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const listen of listeners) listen();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines = (): string[] => output.split('\n').filter((line) => line !== '');
  const ended = new Promise<RunEnd>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, lines: lines(), errors });
    });
  });
  const said = (beginning: string): Promise<void> =>
    new Promise((resolve) => {
      const listen = (): void => {
        if (lines().some((line) => line.startsWith(beginning))) resolve();
      };
      listeners.add(listen);
      listen();
      void ended.then(() => {
        resolve();
      });
    });
  return { pid: child.pid!, said, ended, kill: (signal) => child.kill(signal) };
}

/** The number in the last line that begins with a word, 0 if there is none. */
export function lastNumber({ lines }: RunEnd, word: string): number {
  const line = lines.filter((text) => text.startsWith(`${word} `)).at(-1) ?? '';
  return Number(line.split(' ')[1] ?? 0);
}
