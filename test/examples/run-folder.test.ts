import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRunFolder } from '../../examples/mnist-dcgan/run-folder.ts';
import { mnistSettings, type Settings } from '../../examples/mnist-dcgan/settings.ts';
import { UsageError } from '../../examples/shared/flags.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function settings(...flags: readonly string[]): Settings {
  return mnistSettings(flags)!;
}

describe('makeRunFolder', () => {
  test('creates a folder and records the settings in it', async () => {
    const out = join(await temporaryFolder(), 'runs');
    const action = settings('--out', out, '--batch-size', '16');
    const folder = await makeRunFolder(action);
    expect(folder).toBe(join(out, 'mnist'));
    const noted: unknown = JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'));
    expect(noted).toMatchObject({ batchSize: 16, seed: 42 });
  });

  test('numbers runs that have no name', async () => {
    const action = settings('--out', await temporaryFolder());
    await makeRunFolder(action);
    await makeRunFolder(action);
    expect(await makeRunFolder(action)).toMatch(/mnist-3$/);
  });

  test('replaces an earlier run of the same name only if requested', async () => {
    const flags = ['--out', await temporaryFolder(), '--name', 'mine'];
    const folder = await makeRunFolder(settings(...flags));
    await writeFile(join(folder, 'samples.png'), '');
    await expect(makeRunFolder(settings(...flags))).rejects.toThrow(
      new UsageError(
        `Cannot start: '${folder}' must be empty, got an earlier run. Choose another --name, or add --overwrite`,
      ),
    );
    await makeRunFolder(settings(...flags, '--overwrite'));
    expect(existsSync(join(folder, 'samples.png'))).toBe(false);
    expect(existsSync(join(folder, 'settings.json'))).toBe(true);
  });

  test('never replaces files that are no run', async () => {
    const out = await temporaryFolder();
    await mkdir(join(out, 'mine'));
    await writeFile(join(out, 'mine', 'thesis.txt'), 'years of work');
    await expect(
      makeRunFolder(settings('--out', out, '--name', 'mine', '--overwrite')),
    ).rejects.toThrow('must be empty, got other files. Choose another --name');
    expect(await readFile(join(out, 'mine', 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  test.each(['..', '.', 'a/b', '../up'])('refuses the name %s', async (name) => {
    const action = settings('--out', await temporaryFolder(), `--name=${name}`);
    await expect(makeRunFolder(action)).rejects.toThrow(
      `Cannot start: --name must be the name of one folder, got '${name}'`,
    );
  });

  test('names a folder that cannot be written', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(makeRunFolder(settings('--out', file))).rejects.toThrow(
      `Cannot start: '${join(file, 'mnist')}' must be a writable folder, got ENOTDIR`,
    );
  });
});
