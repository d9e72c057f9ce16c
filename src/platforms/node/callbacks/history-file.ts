import { type FileHandle, open, stat } from 'node:fs/promises';
import { checkOptions } from '../../../core/checks.ts';
import { checkPath } from '../check-path.ts';
import type { Callback } from '../../../training/callback.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { StepInfo } from '../../../training/step-info.ts';
import { AppendedFile } from '../appended-file.ts';
import { orExplain } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Writes each step as one line of JSON when it ends.
 *
 * Each line is a `StepInfo`: losses and their terms, gradient norms, learning rates, accuracy,
 * metrics of constraints, and durations. Numbers that another callback logs have their own line,
 * with the number of the step: `{"number":50,"logged":{"heldOut/gap":0.1}}`. Lines are appended, so
 * a resumed run continues in the same file; lines of steps after the checkpoint are removed first.
 * A line that does not fit on the disk is skipped, with a warning, and training continues.
 *
 * @param path - The file, as a path or a `file:` address; its folder is created if it does not
 * exist.
 * @param options - How often.
 * @returns The callback.
 * @throws RangeError if the path is empty, or `every` is not one positive number of steps, epochs
 * or minutes.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 1, callbacks: [historyFile('runs/a/history.jsonl')] });
 * ```
 */
export function historyFile(
  path: string | URL,
  options: {
    /**
     * How often to write a step. Numbers that other callbacks log are always written.
     *
     * @defaultValue `{ steps: 1 }`
     */
    readonly every?: Every | undefined;
  } = {},
): Callback {
  const action = 'write the history';
  checkOptions(action, options, ['every']);
  const due = rhythm(action, options.every ?? { steps: 1 });
  const target = checkPath(action, path, 'path', 'a file');
  const file = new AppendedFile(action, target);
  const write = (step: StepInfo): Promise<void> => file.append(`${JSON.stringify(step)}\n`);
  return goOnWithout({
    onTrainBegin: async ({ trainer }) => {
      await file.open();
      if (trainer.step > 0) await forgetAfter(target, trainer.step);
    },
    onStepEnd: async (step) => {
      if (due.atStep(step.number)) await write(step);
    },
    onEpochEnd: async (epoch, { trainer }) => {
      const last = trainer.history.steps.at(-1);
      if (due.atEpoch(epoch.number) && last !== undefined) await write(last);
    },
    onLog: async ({ step, values }) => {
      await file.append(`${JSON.stringify({ number: step, logged: values })}\n`);
    },
  });
}

/** Bytes read at a time, from the end. */
const blockLength = 2 ** 16;

/**
 * Removes the lines of later steps, and a line that a kill truncated. Reads from the end up to a
 * line that is kept: the whole file may exceed the maximum length of a string.
 */
async function forgetAfter(path: string, step: number): Promise<void> {
  await orExplain(`write the history: '${path}' must be a readable file`, async () => {
    // Only regular files have a past, not /dev/stdout.
    if (!(await stat(path)).isFile()) return;
    const file = await open(path, 'r+');
    try {
      const end = await endOfLastLine(file, step);
      // A kill may have come between a line and its line feed.
      if (end > 0) await file.write('\n', end);
      await file.truncate(end > 0 ? end + 1 : 0);
    } finally {
      await file.close();
    }
  });
}

/**
 * The end of the last line of this step or an earlier one, without its line feed; 0 if there is
 * none.
 */
async function endOfLastLine(file: FileHandle, step: number): Promise<number> {
  let { size: at } = await file.stat();
  let tail = Buffer.alloc(0);
  while (at > 0) {
    const block = Buffer.alloc(Math.min(blockLength, at));
    at -= block.length;
    await file.read(block, 0, block.length, at);
    tail = Buffer.concat([block, tail]);
    for (
      let begin = tail.lastIndexOf('\n');
      begin >= 0 || at === 0;
      begin = tail.lastIndexOf('\n')
    ) {
      const line = tail.subarray(begin + 1).toString();
      if ((numberIn(line) ?? Infinity) <= step) return at + tail.length;
      if (begin < 0) break;
      tail = tail.subarray(0, begin);
    }
  }
  return 0;
}

function numberIn(line: string): number | undefined {
  try {
    return (JSON.parse(line) as Partial<StepInfo> | null)?.number;
  } catch {
    return undefined;
  }
}
