import { readFile, stat } from 'node:fs/promises';
import { checkPath } from '../check-path.ts';
import type { Callback } from '../../../training/callback.ts';
import type { StepInfo } from '../../../training/step-info.ts';
import { AppendedFile } from '../appended-file.ts';
import { reasonOf, writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Writes each step as one line of JSON, as it happens.
 *
 * Each line is a `StepInfo`: losses and each of their terms, gradient norms, learning rates, accuracy, what constraints
 * show, and the time of each part. What another callback logs is a line of its own, with the number of the step and the
 * values: `{"number":50,"logged":{"heldOut/gap":0.1}}`. Lines are appended, so a run that goes on goes on in the same
 * file; those of steps that were made after the checkpoint it goes on from are taken out first. A line that does not fit on the
 * disk is left out, with a warning, and training goes on.
 *
 * @param path - The file, as a path or a `file:` address; its folder is made where it is missing.
 * @returns The callback.
 * @throws RangeError where the path is empty.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 1, callbacks: [historyFile('runs/a/history.jsonl')] });
 * ```
 */
export function historyFile(path: string | URL): Callback {
  const action = 'write the history';
  const target = checkPath(action, path, 'path', 'a file');
  const file = new AppendedFile(action, target);
  return goOnWithout({
    onTrainBegin: async ({ trainer }) => {
      await file.open();
      if (trainer.step > 0) await forgetAfter(target, trainer.step);
    },
    onStepEnd: async (step) => {
      await file.append(`${JSON.stringify(step)}\n`);
    },
    onLog: async ({ step, values }) => {
      await file.append(`${JSON.stringify({ number: step, logged: values })}\n`);
    },
  });
}

/** Takes out the lines of later steps, and one that a kill cut short. */
async function forgetAfter(path: string, step: number): Promise<void> {
  const lines = (await read(path)).split('\n');
  const end = lines.findLastIndex((line) => (numberIn(line) ?? Infinity) <= step) + 1;
  const rest = lines.slice(end).join('');
  if (rest === '') return;
  const kept = lines.slice(0, end).map((line) => `${line}\n`);
  await writeFileWhole('write the history', path, kept.join(''));
}

function numberIn(line: string): number | undefined {
  try {
    return (JSON.parse(line) as Partial<StepInfo> | null)?.number;
  } catch {
    return undefined;
  }
}

async function read(path: string): Promise<string> {
  try {
    // What is no file, such as /dev/stdout, has no past.
    return (await stat(path)).isFile() ? await readFile(path, 'utf8') : '';
  } catch (error) {
    throw new Error(
      `Cannot write the history: '${path}' must be a readable file, got ${reasonOf(error)}`,
      { cause: error },
    );
  }
}
