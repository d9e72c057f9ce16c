import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryPath } from './public-api.ts';

/** Runs vitest on test files of the given contents; returns its exit code and its last line. */
async function lastLine(...files: readonly string[]): Promise<[code: number, line: string]> {
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-reporter-'));
  try {
    for (const [index, code] of files.entries()) {
      await writeFile(join(folder, `file-${index}.test.js`), code);
    }
    const reporter = repositoryPath('test/support/count-reporter.ts');
    const vitest = repositoryPath('node_modules/vitest/vitest.mjs');
    const words = [
      'run',
      '--root',
      folder,
      '--globals',
      '--reporter=default',
      '--reporter',
      reporter,
    ];
    return await new Promise((resolve) => {
      execFile(process.execPath, [vitest, ...words], (error, stdout) => {
        const code = typeof error?.code === 'number' ? error.code : 0;
        resolve([code, stdout.trimEnd().split('\n').at(-1) ?? '']);
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('CountReporter', () => {
  test('ends with the count of what passed, and leaves out what was skipped', async () => {
    const code = "test('a', () => {}); test('b', () => {}); test.skip('c', () => {});";
    expect(await lastLine(code)).toEqual([0, '2 passed, 0 failed']);
  });

  test('counts failures: of tests, of files that do not load, of errors outside any test', async () => {
    const failing = "test('a', () => {}); test('b', () => { expect(1).toBe(2); });";
    const broken = "throw new Error('cannot load');";
    const hook = "beforeAll(() => { throw new Error('no'); }); test('c', () => {});";
    const stray = "test('d', async () => { void Promise.reject(new Error('stray')); });";
    expect(await lastLine(failing, broken, hook, stray)).toEqual([1, '2 passed, 4 failed']);
  });
});
