import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDcgan } from 'tfjs-gan';
import { beforeEach, describe, expect, test } from 'vitest';
import { configSchema } from '../../scripts/config-schema.ts';
import { encodeNpy } from '../../src/io/npy.ts';
import { repositoryPath } from '../support/public-api.ts';
import { runCli } from './capture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, 'table.csv'), `a,b\n${'1,x\n2,y\n3,x\n'.repeat(20)}`);
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

describe('gan.config.mjs', () => {
  const requests: unknown[] = [];
  // Of this process: a module in a temporary folder cannot import the library from its sources.
  Object.assign(globalThis, {
    createOwn: (request: { sampleShape: [number, number, number]; seed: number }) => {
      requests.push(request);
      const { sampleShape: imageShape, seed } = request;
      return createDcgan({ imageShape, seed, baseFilters: 4, latentSize: 5 });
    },
  });

  async function write(gan: string, data = 'pictures.npy'): Promise<string> {
    const file = join(folder, 'gan.config.mjs');
    await writeFile(file, `export default { data: '${data}', batchSize: 4, gan: ${gan} };\n`);
    const pixels = Float32Array.from({ length: 8 * 8 * 8 }, (_, i) => (i * 7) % 256);
    await writeFile(join(folder, 'pictures.npy'), encodeNpy([8, 8, 8], pixels));
    return file;
  }

  test('trains the networks that its function creates, and resume creates them again', async () => {
    const file = await write('(request) => globalThis.createOwn(request)');
    const run = join(folder, 'run');
    const flags = ['--backend', 'wasm-train', '--threads', '1', '--quiet'];
    const trained = await runCli(
      ...['train', '--config', file, '--out', run, '--steps', '1', '--augment', 'none', ...flags],
    );
    expect(trained).toMatchObject({ code: undefined, stderr: '' });
    expect(trained.stdout).toContain('Training own, samples of 8×8×1, batches of 4');
    const resumed = await runCli('resume', run, '--steps', '1', ...flags);
    expect(resumed).toMatchObject({ code: undefined, stderr: '' });
    expect(requests).toEqual([
      { sampleShape: [8, 8, 1], classes: undefined, seed: 42, transforms: undefined },
      { sampleShape: [8, 8, 1], classes: undefined, seed: 42, transforms: undefined },
    ]);
    const model = JSON.parse(await readFile(join(run, 'generator/model.json'), 'utf8')) as object;
    expect(JSON.stringify(model)).toContain('"batch_input_shape":[null,5]');

    const exported = await runCli('export', run, '--to', 'torch-training', '--quiet');
    expect(exported).toMatchObject({ code: undefined, stderr: '' });
    expect(requests).toHaveLength(3);
  });

  test.each<[gan: string, flags: string[], message: RegExp]>([
    ['3', [], /gan must be a function that creates a GAN in '.*', got 3$/],
    ['() => 3', [], /gan of '.*' must return what a preset such as createDcgan .* returns, got 3$/],
    ['() => 3', ['--preset', 'mlp'], /--preset must be used with a preset, got a function gan/],
    ['() => 3', ['--base-filters', '8'], /--base-filters must be used with a preset, got a func/],
    ['() => {', [], /there must be a module in '.*', got /],
  ])('refuses gan: %s with flags %j', async (gan, flags, message) => {
    const file = await write(gan);
    const out = ['--out', join(folder, 'none'), '--backend', 'cpu', '--quiet'];
    const { code, stderr } = await runCli('train', '--config', file, ...flags, ...out);
    expect(stderr.split('\n')[0]).toMatch(message);
    expect(code).toBe(gan === '() => 3' && flags.length === 0 ? 1 : 2);
  });

  test('is read without being named, but not beside tfjs-gan.json', async () => {
    await write('() => 3');
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect((await runCli('train', '--dry-run')).stderr).toContain('Settings from gan.config.mjs');
      await writeFile('tfjs-gan.json', '{}');
      expect((await runCli('train', '--dry-run')).stderr).toContain(
        'Cannot train: there must be one file of settings here, got tfjs-gan.json and gan.config.mjs. Choose one',
      );
    } finally {
      process.chdir(before);
    }
  });
});
