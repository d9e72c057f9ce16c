import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configSchema } from '../../scripts/config-schema.ts';
import { repositoryPath } from '../support/public-api.ts';
import { runCli } from './capture.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-config-'));
  await writeFile(join(folder, 'table.csv'), `a,b\n${'1,x\n2,y\n3,x\n'.repeat(20)}`);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Plans a run by a file of settings, without training. */
async function plan(
  settings: unknown,
  ...flags: readonly string[]
): Promise<{ code: number | undefined; stdout: string; first: string }> {
  const file = join(folder, 'own.json');
  await writeFile(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  const { code, stdout, stderr } = await runCli(
    'train',
    '--config',
    file,
    '--dry-run',
    '--quiet',
    ...flags,
  );
  return { code, stdout, first: stderr.split('\n')[0]!.replace(file, 'own.json') };
}

describe('a file of settings of train', () => {
  test('names data beside it, and flags come before it', async () => {
    const settings = {
      $schema: './s.json',
      data: 'table.csv',
      batchSize: 20,
      minutes: 3,
      out: 'run',
    };
    expect(await plan(settings)).toEqual({
      code: undefined,
      stdout: 'Training ctgan, batches of 20\n',
      first: '',
    });
    expect((await plan(settings, '--batch-size', '30', '--steps', '4')).stdout).toBe(
      'Training ctgan, batches of 30\n',
    );
  });

  test.each([
    [
      { data: 'table.csv', batchsize: 20 },
      "each name must be a setting in 'own.json', got 'batchsize'. Did you mean batchSize?",
    ],
    [
      { data: 'table.csv', batchSize: '20' },
      "batchSize must be a positive integer in 'own.json', got '20'",
    ],
    [{ data: 'table.csv', flip: 'yes' }, "flip must be true or false in 'own.json', got 'yes'"],
    [
      { data: 'table.csv', preset: 'gan' },
      /^Cannot train: preset must be one of auto, dcgan, .* in 'own.json', got 'gan'$/,
    ],
    [{ data: 3 }, "data must be a nonempty text in 'own.json', got 3"],
    [[], "there must be an object in 'own.json', got []"],
    ['{', /^Cannot train: there must be JSON in 'own.json', got /],
    [{}, 'DATA is missing'],
  ])('is refused with a sentence: %j', async (settings, message) => {
    const { code, stdout, first } = await plan(settings);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(first).toEqual(
      typeof message === 'string'
        ? `Cannot train: ${message}`
        : (expect.stringMatching(message) as unknown),
    );
  });

  test('has a schema for editors that is current: npx tsx scripts/config-schema.ts writes it', async () => {
    const file = await readFile(repositoryPath('tfjs-gan.schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(configSchema());
  });
});
