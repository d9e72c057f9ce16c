import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

describe('the committed kernels', () => {
  test('are what their sources compile to', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const tsx = fileURLToPath(import.meta.resolve('tsx/cli'));
    const arguments_ = [tsx, 'scripts/build-kernels.ts', '--check'];
    await expect(
      promisify(execFile)(process.execPath, arguments_, { cwd: root }),
    ).resolves.toMatchObject({ stderr: '' });
  });
});
