import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** A folder of its own for the test that asks, gone when it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A folder that the tests of a file, or of a `describe`, share, gone when the last of them has ended.
 *
 * @returns The path of a name in the folder, or of the folder itself; there is none before `beforeAll`.
 */
export function sharedFolder(): (path?: string) => string {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (path = '') => join(folder, path);
}
