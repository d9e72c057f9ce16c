import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Callback } from '../../../training/callback.ts';
import { makeFolder, reasonOf } from '../write-file.ts';

/**
 * Writes each step as one line of JSON, as it happens.
 *
 * Lines are appended, so a run that goes on goes on in the same file.
 *
 * @param path - The file; its folder is made where it is missing.
 * @returns The callback.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 1, callbacks: [historyFile('runs/a/history.jsonl')] });
 * ```
 */
export function historyFile(path: string): Callback {
  return {
    onTrainBegin: async () => {
      await append(path, '');
    },
    onStepEnd: async (step) => {
      await append(path, `${JSON.stringify(step)}\n`);
    },
  };
}

async function append(path: string, text: string): Promise<void> {
  try {
    // Before the first line only: the folder is there afterwards.
    if (text === '') await makeFolder(dirname(path));
    await appendFile(path, text);
  } catch (error) {
    throw new Error(
      `Cannot write the history: '${path}' must be a writable file, got ${reasonOf(error)}`,
      { cause: error },
    );
  }
}
