import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, writeFileWhole } from '../../../src/platforms/node/write-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('makeFolder', () => {
  test('creates what is missing and leaves what is there', async () => {
    const folder = await temporaryFolder();
    const deep = join(folder, 'a', 'b', 'c');
    await makeFolder(deep);
    await writeFile(join(deep, 'kept'), 'x');
    await makeFolder(deep);
    expect((await stat(deep)).isDirectory()).toBe(true);
    expect(await readFile(join(deep, 'kept'), 'utf8')).toBe('x');
  });

  test('creates the same folder from several sides at once', async () => {
    const deep = join(await temporaryFolder(), 'a', 'b');
    await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(deep, 'c'))]);
    expect((await stat(join(deep, 'c'))).isDirectory()).toBe(true);
  });

  test('fails if a file is in the way', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(makeFolder(file)).rejects.toThrow('EEXIST');
    await expect(makeFolder(join(file, 'a', 'b'))).rejects.toThrow('ENOTDIR');
  });
});

describe('writeFileWhole', () => {
  // Node's own recursive mkdir waits for ever here.
  test.skipIf(process.platform !== 'linux')(
    'fails at once if no folder can be created',
    async () => {
      await expect(writeFileWhole('save', '/proc/nowhere/deep/a.png', '')).rejects.toThrow(
        "Cannot save: '/proc/nowhere/deep/a.png' must be writable, got no such file",
      );
    },
  );
});
