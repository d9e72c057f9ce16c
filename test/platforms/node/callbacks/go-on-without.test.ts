import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Callback } from 'tfjs-gan';
import { historyFile, runReport, sampleGrid, tensorBoard, trainingCurves } from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../../../support/tiny-gan.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import '../../../support/on-cpu.ts';

/** Every callback that only shows a run, writing below a folder after each step. */
const showing: Record<string, (folder: string) => Callback> = {
  sampleGrid: (folder) => sampleGrid(folder, { every: { steps: 1 } }),
  historyFile: (folder) => historyFile(join(folder, 'history.jsonl')),
  tensorBoard: (folder) => tensorBoard(folder),
  trainingCurves: (folder) => trainingCurves(folder, { every: { steps: 1 } }),
  runReport: (folder) => runReport(folder),
};

/** Puts a file in the place of the folder after step 1, and the folder back after step 3. */
function obstacle(folder: string): Callback {
  return {
    onStepEnd: async ({ number }) => {
      if (number === 1) {
        await rename(folder, `${folder}-away`).catch(() => mkdir(`${folder}-away`));
        await writeFile(folder, '');
      }
      if (number === 3) {
        await rm(folder);
        await rename(`${folder}-away`, folder);
      }
    },
  };
}

describe('callbacks that show a run', () => {
  test.each(Object.entries(showing))(
    'let it continue if their folder is gone for a while: %s',
    async (name, make) => {
      const folder = join(await temporaryFolder(), 'run');
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      using gan = tinyDcgan();
      await gan.trainer.fit(blobs(), {
        batchSize: 8,
        steps: 5,
        callbacks: [make(folder), obstacle(folder)],
      });
      const said = warn.mock.calls
        .map(([message]) => String(message))
        .filter((message) => message.startsWith('tfjs-gan: Cannot'));
      warn.mockRestore();
      expect(gan.trainer.step).toBe(5);
      // The report is not due within the steps it cannot be written in.
      expect(said.length).toBe(name === 'runReport' ? 0 : 1);
      for (const message of said) {
        expect(message).toMatch(
          /^tfjs-gan: Cannot .*, got a file where a folder is needed\. Training continues without it/,
        );
      }
    },
  );

  test('write again when they can: the lines between are missing, and no line is broken', async () => {
    const folder = join(await temporaryFolder(), 'run');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    using gan = tinyDcgan();
    const callbacks = [historyFile(join(folder, 'history.jsonl')), obstacle(folder)];
    await gan.trainer.fit(blobs(), { batchSize: 8, steps: 5, callbacks });
    warn.mockRestore();
    const lines = (await readFile(join(folder, 'history.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { number: number }).number)).toEqual([1, 4, 5]);
  });

  test.each(Object.entries(showing))(
    'end it if they cannot write from the start, except for curves, which begin later: %s',
    async (name, make) => {
      const folder = join(await temporaryFolder(), 'run');
      await writeFile(folder, '');
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      using gan = tinyDcgan();
      const message = await gan.trainer
        .fit(blobs(), { batchSize: 8, steps: 2, callbacks: [make(folder)] })
        .then(() => `step ${gan.trainer.step}`)
        .catch((error: unknown) => String(error));
      warn.mockRestore();
      expect(message).toContain(
        name === 'trainingCurves' ? 'step 2' : 'a file where a folder is needed',
      );
    },
  );

  test('end it on an error that is not the disk’s', async () => {
    const folder = await temporaryFolder();
    using gan = tinyDcgan();
    const spoil: Callback = {
      onStepEnd: () => {
        gan.generator.dispose();
      },
    };
    const run = gan.trainer.fit(blobs(), {
      batchSize: 8,
      steps: 2,
      callbacks: [spoil, sampleGrid(folder, { every: { steps: 1 } })],
    });
    await expect(run).rejects.toThrow('dispose');
  });
});
