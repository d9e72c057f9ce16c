import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { commands } from '../../src/cli/commands.ts';
import { importsOf } from '../support/architecture.ts';
import { repositoryPath } from '../support/public-api.ts';
import { runCli } from './capture.ts';

describe('npx tfjs-gan', () => {
  test('lists every command, and shows the list for no command with exit code 2', async () => {
    const { code, stdout } = await runCli('--help');
    expect(code).toBe(0);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`${name} +${summary}`));
    expect(await runCli()).toEqual({ code: 2, stdout: '', stderr: stdout });
  });

  test('prints its version', async () => {
    expect(await runCli('--version')).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  });

  test.each(commands)('$name --help shows its flags and an example', async ({ name, flags }) => {
    const { code, stdout, stderr } = await runCli(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const flag of ['--json', '--quiet', ...Object.keys(flags).map(flagOf)]) {
      expect(stdout).toContain(`  ${flag}`);
    }
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  npx tfjs-gan ${name}`));
    expect(await runCli('help', name)).toMatchObject({ stdout });
  });

  test.each(commands)('$name refuses an unknown flag with exit code 2', async ({ name }) => {
    const { code, stderr } = await runCli(name, '--jsno');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `Cannot ${name}: there is no flag --jsno. Did you mean --json?\nnpx tfjs-gan ${name} --help shows how to use it\n`,
    });
  });

  test('names the closest command', async () => {
    expect(await runCli('trian', 'x')).toMatchObject({
      code: 2,
      stderr:
        "There is no command 'trian'. Did you mean train?\nnpx tfjs-gan --help shows how to use it\n",
    });
    expect((await runCli('fly')).stderr).toMatch(/^There is no command 'fly'\n/);
  });

  test.each([
    [['train'], 'Cannot train: DATA is missing'],
    [['train', ''], /^Cannot train: DATA must be a folder of PNG or JPEG files, .*, got ''/],
    [['train', 'a', 'b'], "Cannot train: 'b' is one argument too many"],
    [['train', 'a', '--steps'], 'Cannot train: --steps must be a positive integer, got no value'],
    [
      ['train', 'a', '--steps', '--json'],
      'Cannot train: --steps must be a positive integer, got no value',
    ],
    [['train', 'a', '--steps', '-3'], "Cannot train: --steps must be a positive integer, got '-3'"],
    [
      ['train', 'a', '--steps', '1e3x'],
      "Cannot train: --steps must be a positive integer, got '1e3x'",
    ],
    [['train', 'a', '--flip=yes'], "Cannot train: --flip must be given without a value, got 'yes'"],
    [
      ['train', 'a', '--preset', 'gan'],
      /^Cannot train: --preset must be one of auto, dcgan, .*, got 'gan'/,
    ],
    [
      ['train', 'a', '--steps', '3', '--steps=4'],
      'Cannot train: --steps must be given once, got it twice',
    ],
    [['train', 'a', '-q'], 'Cannot train: there is no flag -q'],
  ])('refuses %j', async (typed, message) => {
    const { code, stdout, stderr } = await runCli(...typed);
    expect({ code, stdout }).toMatchObject({ code: 2 });
    expect(stderr.split('\n')[0]).toEqual(
      typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
    );
  });

  test('prints an error as a line of JSON too, if JSON is requested', async () => {
    const { stdout, stderr } = await runCli('train', '--json');
    const message = 'Cannot train: DATA is missing';
    expect(JSON.parse(stdout)).toEqual({ event: 'error', message, exitCode: 2 });
    expect(stderr).toContain(message);
  });

  test('ends with exit code 2 and a sentence for whatever is typed', async () => {
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'train',
        'doctor',
        '--steps',
        '--out',
        '--',
        '-',
        '--__proto__',
        '--constructor=1',
      ),
      fc.string().map((text) => `--${text}`),
    );
    const names = fc.oneof(fc.constantFrom(...commands.map(({ name }) => name)), fc.string());
    await fc.assert(
      fc.asyncProperty(names, fc.array(words, { maxLength: 5 }), async (name, typed) => {
        // Of these two, the first is answered, the second needs no operand.
        fc.pre(
          ![name, ...typed].some((word) => /^(-h|-v|--help|help|--version|doctor)$/.test(word)),
        );
        const { code, stderr } = await runCli(name, ...typed);
        expect(code).toBe(2);
        expect(stderr).not.toMatch(/\n\s+at /);
        expect(stderr).toMatch(/^(Cannot|There is no command) /);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the files of the commands', () => {
  test('import TensorFlow.js only when they run, so that --help is instant', () => {
    const root = repositoryPath('src');
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const code = readFileSync(posix.join(root, path), 'utf8').replaceAll(
        /\bimport\('[^']+'\)/g,
        '',
      );
      for (const name of importsOf(withoutTypes(code))) {
        expect(`${path}: ${name}`).not.toContain('@tensorflow');
        if (name.startsWith('.')) visit(posix.join(posix.dirname(path), name));
      }
    };
    visit('cli/main.ts');
    const files = readdirSync(posix.join(root, 'cli/commands'));
    expect(files.filter((file) => !seen.has(`cli/commands/${file}`))).toEqual([]);
  });
});

/** Imports of types load nothing. */
function withoutTypes(code: string): string {
  return code.replaceAll(/^import type [\s\S]*?;$/gm, '');
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
