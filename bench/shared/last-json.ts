import { spawnSync } from 'node:child_process';

/** Runs a command to its end and reads the JSON of the last line that it prints. */
export function lastJson(command: string, words: readonly string[], env = process.env): unknown {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown;
}
