import { spawnSync } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AppendedFile } from '../../../src/platforms/node/appended-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('AppendedFile', () => {
  test('creates the folder, and adds to what is there', async () => {
    const path = join(await temporaryFolder(), 'a', 'b.txt');
    for (const record of ['one\n', 'two\n']) {
      const file = new AppendedFile('write', path);
      await file.open();
      await file.append(record);
    }
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  });

  test('begins anew if the file was moved away', async () => {
    const path = join(await temporaryFolder(), 'records.txt');
    const file = new AppendedFile('write', path);
    await file.open();
    await file.append('one\n');
    await rename(path, `${path}.old`);
    await file.append('two\n');
    expect(await readFile(path, 'utf8')).toBe('two\n');
  });

  // A limit on the length of files cuts a record in the middle, as a full disk does.
  test('takes out again what does not fit whole', async () => {
    const path = join(await temporaryFolder(), 'records.txt');
    const program = `
      import { AppendedFile } from './src/platforms/node/appended-file.ts';
      const file = new AppendedFile('write', ${JSON.stringify(path)});
      await file.open();
      await file.append('a'.repeat(1000) + '\\n');
      await file.append('b'.repeat(1000) + '\\n').catch((error) => console.log(error.message));
      await file.append('c\\n');
    `;
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program];
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 1; exec "$@"', 'bash', ...node],
      {
        cwd: root,
        encoding: 'utf8',
        // The loader writes its cache nowhere, as that would meet the limit as well.
        env: { ...process.env, TSX_DISABLE_CACHE: '1' },
      },
    );
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(
      `Cannot write: '${path}' must be a writable file, got a limit on the length of files`,
    );
    expect(await readFile(path, 'utf8')).toBe(`${'a'.repeat(1000)}\nc\n`);
  });
});
