import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** How an example ended and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** An example under way. */
export interface Run {
  /** Resolves once the example has printed a text, or has ended without. */
  printed(text: string): Promise<void>;
  /** What it has printed so far. */
  output(): string;
  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** Starts `npm run mnist`, or `npm run example` with the name of another, in a process of its own. */
export function startExample(name: string, flags: readonly string[]): Run {
  const [script, names] = name === 'mnist' ? ['mnist', []] : ['example', [name]];
  const words = (scripts[script] ?? '').split(' ');
  if (words[0] !== 'node') throw new Error(`The script ${script} must be a command of node`);
  const child = spawn(process.execPath, [...words.slice(1), ...names, ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const look of watchers) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output, errors });
    });
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      watchers.add(look);
      look();
      ended.then(() => {
        resolve();
      }, resolve);
    });
  return { printed, ended, output: () => output, kill: (signal) => child.kill(signal) };
}

/** Runs an example to its end. */
export function runExample(name: string, flags: readonly string[]): Promise<Outcome> {
  return startExample(name, flags).ended;
}

/**
 * Runs an example in a folder that goes when the test ends. Expects that it ends well, and complains of nothing.
 *
 * @returns The folder, and what the example printed.
 */
export async function runWell(
  name: string,
  ...flags: readonly string[]
): Promise<{ readonly out: string; readonly output: string }> {
  const out = await temporaryFolder();
  const { code, output, errors } = await runExample(name, [...flags, '--out', out]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return { out, output };
}
