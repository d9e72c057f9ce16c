import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decode } from 'fast-png';
import { encodePng } from 'tfjs-gan/node';
import { parseIdx } from 'tfjs-gan';
import { createTvae, TableGenerator, tableDataset } from 'tfjs-gan/tabular';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { lockFolder } from '../../src/platforms/node/checkpoints/folder-lock.ts';
import type { OutputEvent } from '../../src/cli/output.ts';
import { type Outcome, runCli } from './capture.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();
const fast = ['--backend', 'wasm-train', '--quiet'];
const tiny = ['--steps', '2', '--batch-size', '4', '--seed', '3', ...fast];

/** Runs a command that must succeed, and parses its lines of JSON. */
async function events(...typed: readonly string[]): Promise<OutputEvent[]> {
  const { code, stdout, stderr } = await runCli(...typed, '--json');
  expect({ code, stderr }).toEqual({ code: undefined, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OutputEvent);
}

async function drawPictures(path: string, count: number, side: number): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let i = 0; i < count; i += 1) {
    const data = Uint8Array.from({ length: side * side * 3 }, (_, k) => (k * (i + 3)) % 256);
    await writeFile(
      join(path, `${i}.png`),
      encodePng({ width: side, height: side, channels: 3, data }),
    );
  }
}

async function refusal(...typed: readonly string[]): Promise<Outcome & { readonly first: string }> {
  const outcome = await runCli(...typed, ...fast);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
  return { ...outcome, first: outcome.stderr.split('\n')[0]! };
}

beforeAll(async () => {
  await drawPictures(at('pictures'), 8, 16);
  for (const name of ['cat', 'dog']) await drawPictures(at(`animals/${name}`), 4, 16);
  const rows = Array.from({ length: 60 }, (_, i) => `${'ab'[i % 2]!},${i % 7},${i % 3 === 0}`);
  await writeFile(at('customers.csv'), `species,mass,old\n${rows.join('\n')}\n`);
});

describe('train of a folder of pictures', () => {
  let lines: OutputEvent[];

  beforeAll(async () => {
    lines = await events(
      'train',
      at('pictures'),
      '--out',
      at('run'),
      '--base-filters',
      '4',
      ...tiny,
    );
  });

  test('says what it saw, chose and made, one object a line', () => {
    expect(lines.map(({ event }) => event)).toEqual(['data', 'plan', 'step', 'step', 'done']);
    expect(lines[0]).toMatchObject({ pictures: 8, modes: { color: 8, gray: 0 } });
    expect(lines[1]).toMatchObject({
      preset: 'dcgan',
      sampleShape: [16, 16, 3],
      augment: 'diff',
      batchSize: 4,
    });
    expect(lines[3]).toMatchObject({ step: 2, of: 2 });
    expect(lines[4]).toMatchObject({ state: 'done', step: 2, folder: at('run') });
  });

  test('leaves a report, samples, checkpoints and the generator', async () => {
    const files = await readdir(at('run'));
    expect(files).toEqual(
      expect.arrayContaining([
        'checkpoints',
        'generator',
        'report.html',
        'samples',
        'samples.png',
        'settings.json',
      ]),
    );
    expect(existsSync(at('run/generator/model.json'))).toBe(true);
    const { width, height, channels } = decode(await readFile(at('run/samples.png')));
    // 8 × 8 pictures of 16 pixels drawn twice as large, with gaps of 2
    expect([width, height, channels]).toEqual([274, 274, 3]);
  });

  test('refuses to write over it', async () => {
    const { code, first } = await refusal('train', at('pictures'), '--out', at('run'));
    expect(code).toBe(2);
    expect(first).toContain(
      `got '${at('run')}' with an earlier run. Continue it: npx tfjs-gan resume`,
    );
  });

  test('resume continues to a later step', async () => {
    const lines = await events('resume', at('run'), '--until', '4', '--quiet');
    expect(lines.map(({ event, step }) => [event, step])).toEqual([
      ['step', 3],
      ['step', 4],
      ['done', 4],
    ]);
    const history = (await readFile(at('run/history.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(history.map((line) => (JSON.parse(line) as { number: number }).number)).toEqual([
      1, 2, 3, 4,
    ]);
  });

  test('samples the run of a program, whose settings are its own', async () => {
    await cp(at('run/generator'), at('program/generator'), { recursive: true });
    await writeFile(at('program/settings.json'), '{ "epochs": 5 }');
    const [done] = await events('grid', at('program'), '--out', at('program.png'), ...fast);
    expect(done).toMatchObject({ event: 'done', file: at('program.png') });
    const { first } = await refusal('resume', at('program'));
    expect(first).toMatch(/must be the settings of a run, got a damaged file$/);
    // One that was cut off is no program's.
    await writeFile(at('program/settings.json'), '{ "data": ');
    const cut = await refusal('grid', at('program'));
    expect(cut.first).toMatch(/must be the settings of a run, got a damaged file$/);
  });

  test('resume and train leave a run alone that another process trains', async () => {
    const history = await readFile(at('run/history.jsonl'), 'utf8');
    const release = await lockFolder('train', at('run'));
    const longer = await refusal('resume', at('run'), '--steps', '2');
    const over = await refusal('train', at('pictures'), '--out', at('run'), '--overwrite');
    await release();
    const got = `'${at('run')}' must be free, got one that another run of this process writes to`;
    expect([longer.code, over.code]).toEqual([1, 1]);
    expect(longer.first).toContain(`resume: ${got}`);
    expect(over.first).toContain(`train: ${got}`);
    expect(await readFile(at('run/history.jsonl'), 'utf8')).toBe(history);
    expect(await readdir(at('run'))).not.toContain('lock');
  });

  test('train leaves a run alone that PyTorch continues, which locks its checkpoints', async () => {
    const release = await lockFolder('train', at('run/checkpoints'));
    const { code, first } = await refusal(
      ...['train', at('pictures'), '--out', at('run'), '--overwrite'],
    );
    await release();
    expect(code).toBe(1);
    expect(first).toContain(`train: '${at('run/checkpoints')}' must be free`);
    expect(await readdir(at('run'))).not.toContain('lock');
    expect(await readdir(at('run'))).toContain('history.jsonl');
  });

  test('resume says that a run is at its end', async () => {
    const { code, first } = await refusal('resume', at('run'), '--until', '4');
    expect({ code, first }).toEqual({
      code: 2,
      first: `Cannot resume: the run '${at('run')}' must have steps left, got its end at step 4. Say how much longer: --minutes 10`,
    });
  });

  test('sample repeats the samples of a seed, in each format', async () => {
    const out = async (name: string, seed = '5'): Promise<Buffer> => {
      const flags = ['--count', '3', '--seed', seed, '--out', at(name), ...fast];
      await events('sample', at('run'), ...flags);
      return readFile(at(name));
    };
    expect((await out('a.png')).equals(await out('b.png'))).toBe(true);
    expect((await out('c.png', '6')).equals(await out('a.png'))).toBe(false);
    const npy = await out('a.npy');
    expect(npy.subarray(1, 6).toString()).toBe('NUMPY');
    expect(npy.toString('latin1')).toContain("'shape': (3, 16, 16, 3)");
    expect((await out('a.safetensors')).toString('latin1')).toContain('"samples":{"dtype":"F32"');
    await events('sample', at('run'), '--count', '3', '--out', at('single'), ...fast);
    expect(await readdir(at('single'))).toEqual(['0.png', '1.png', '2.png']);
  });

  test('sample refuses the name of a picture that it does not write', async () => {
    const { code, first } = await refusal('sample', at('run'), '--out', at('a.jpg'));
    expect({ code, first }).toEqual({
      code: 2,
      first: `Cannot sample: the format must be one of grid, png, npy, safetensors for these samples, got '${at('a.jpg')}'`,
    });
    expect(existsSync(at('a.jpg'))).toBe(false);
  });

  test('loads the weights on the backend that computes', async () => {
    // On cpu, TensorFlow.js would advertise its Node backend.
    await tf.setBackend('cpu');
    const loadAny = TableGenerator.loadAny.bind(TableGenerator);
    const backends: string[] = [];
    const spy = vi.spyOn(TableGenerator, 'loadAny').mockImplementation((from) => {
      backends.push(tf.getBackend());
      return loadAny(from);
    });
    onTestFinished(() => {
      spy.mockRestore();
    });
    for (const command of ['sample', 'grid', 'interpolate', 'export']) {
      const out = ['--out', at(`loaded-${command}.png`)];
      expect((await runCli(command, at('run'), ...out, ...fast)).code).toBeUndefined();
    }
    expect(backends).toEqual(Array<string>(4).fill('wasm-train'));
  });

  test('grid and interpolate draw one picture', async () => {
    await events(
      'grid',
      at('run'),
      '--count',
      '6',
      '--columns',
      '3',
      '--scale',
      '1',
      '--out',
      at('g.png'),
      ...fast,
    );
    const drawn = decode(await readFile(at('g.png')));
    expect([drawn.width, drawn.height]).toEqual([3 * 16 + 8, 2 * 16 + 6]);
    await events(
      'interpolate',
      at('run/generator'),
      '--steps',
      '4',
      '--scale',
      '1',
      '--out',
      at('i.png'),
      ...fast,
    );
    const way = decode(await readFile(at('i.png')));
    expect([way.width, way.height]).toEqual([4 * 16 + 10, 16 + 4]);
  });

  test('evaluate compares with the data of the run', async () => {
    const [done] = await events('evaluate', at('run'), '--seeds', '2', ...fast);
    expect(done).toMatchObject({ seeds: [0, 1], realSamples: 8, extractor: 'means of 2×2 pixels' });
    expect(Object.keys(done!['figures'] as object)).toContain('frechet');
  });

  test.each([
    ['onnx', ['generator.onnx']],
    ['torch', ['generator.py', 'generator.safetensors']],
    ['safetensors', ['generator.safetensors']],
    [
      'torch-training',
      ['checkpoints', 'networks.py', 'settings.json', 'test_train.py', 'tfjs_gan', 'train.py'],
    ],
  ])('export --to %s', async (to, files) => {
    await events('export', at('run'), '--to', to, '--out', at(to), ...fast);
    expect(await readdir(at(to))).toEqual(files);
  });

  test('export --to torch-training gives the newest checkpoint that is intact', async () => {
    await cp(at('run'), at('damaged'), { recursive: true });
    const names = (await readdir(at('damaged/checkpoints'))).sort();
    const newest = names.at(-1);
    await writeFile(at(`damaged/checkpoints/${newest}/networks.json`), '{}');
    const out = at('intact');
    await events('export', at('damaged'), '--to', 'torch-training', '--out', out, ...fast);
    expect(await readdir(join(out, 'checkpoints'))).toEqual([names.at(-2)]);
  });

  test('card writes a folder to publish, with checksums', async () => {
    await events('card', at('run'), '--license', 'mit', '--dataset', 'me/pictures', ...fast);
    const text = await readFile(at('run/card/README.md'), 'utf8');
    expect(text).toMatch(/^---\nlicense: "mit"/);
    const sums = await readFile(at('run/card/SHA256SUMS'), 'utf8');
    expect(sums).toMatch(/^[0-9a-f]{64} {2}README\.md$/m);
    expect(sums).toMatch(/^[0-9a-f]{64} {2}onnx\/model\.onnx$/m);
  });

  test('report writes a page of one run, and one of several', async () => {
    expect(await events('report', at('run'))).toMatchObject([{ file: at('run/report.html') }]);
    await cp(at('run'), at('again'), { recursive: true });
    const [done] = await events('report', at('run'), at('again'), '--out', at('both.html'));
    expect(done).toMatchObject({ file: at('both.html') });
    expect(await readFile(at('both.html'), 'utf8')).toContain('<html');
  });
});

describe('train that diverges', () => {
  test('ends with exit code 3, and leaves the networks as they were before', async () => {
    const flags = [
      '--out',
      at('diverged'),
      '--base-filters',
      '4',
      '--learning-rate',
      '1e30',
      ...['--steps', '20', '--batch-size', '4', '--seed', '3', ...fast],
    ];
    const { code, stdout, stderr } = await runCli('train', at('pictures'), ...flags, '--json');
    expect(code).toBe(3);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as OutputEvent);
    expect(lines.slice(-2)).toMatchObject([
      { event: 'done', state: 'diverged' },
      { event: 'error', exitCode: 3, message: stderr.trimEnd() },
    ]);
    expect(existsSync(at('diverged/generator/model.json'))).toBe(true);
  });
});

describe('train of other data', () => {
  test('takes each subfolder as a class, and sample takes classes by name', async () => {
    const run = at('animals-run');
    const lines = await events(
      'train',
      at('animals'),
      '--out',
      run,
      '--base-filters',
      '4',
      ...tiny,
    );
    expect(lines.find(({ event }) => event === 'plan')).toMatchObject({ classes: 2 });
    await events('sample', run, '--labels', 'dog', '--count', '2', '--out', at('dog.npy'), ...fast);
    await events('sample', run, '--labels', '1', '--count', '2', '--out', at('one.npy'), ...fast);
    await events('sample', run, '--labels', 'cat', '--count', '2', '--out', at('cat.npy'), ...fast);
    const [dog, one, cat] = await Promise.all(
      ['dog', 'one', 'cat'].map((name) => readFile(at(`${name}.npy`))),
    );
    expect([dog!.equals(one!), dog!.equals(cat!)]).toEqual([true, false]);
    const { code, first } = await refusal('sample', run, '--labels', 'cow');
    expect({ code, first }).toEqual({
      code: 2,
      first: "Cannot sample: --labels must be classes from 0 to 1, or cat, dog, got 'cow'",
    });
  });

  test('says which pictures it leaves out', async () => {
    await cp(at('animals'), at('mixed'), { recursive: true });
    await cp(at('pictures/0.png'), at('mixed/0.png'));
    const dry = ['--dry-run', '--out', at('none')];
    const own = await runCli('train', at('mixed'), ...dry, '--preset', 'dcgan');
    expect(own.stderr).toContain(
      'Leaving out 8 pictures in its subfolders; --labels subfolders learns those alone, each subfolder as a class\n',
    );
    const classes = await runCli('train', at('mixed'), ...dry, '--labels', 'subfolders', '--json');
    expect(classes.stdout).toContain(
      '{"event":"warning","message":"Leaving out 1 picture beside the subfolders"}\n',
    );
    for (const whole of ['animals', 'pictures']) {
      expect((await runCli('train', at(whole), ...dry)).stderr).not.toContain('Leaving out');
    }
  });

  test('takes batches of the pictures that can be read, and says which cannot', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    await drawPictures(at('damaged-pictures'), 6, 16);
    const whole = await readFile(at('damaged-pictures/5.png'));
    await writeFile(at('damaged-pictures/5.png'), whole.subarray(0, 60));
    await writeFile(at('damaged-pictures/notes.txt'), 'no picture');
    const typed = ['train', at('damaged-pictures'), '--out', at('readable'), '--steps', '1'];
    const outcome = await runCli(...typed, '--base-filters', '4', ...fast);
    expect(outcome).toMatchObject({ code: undefined, stderr: '' });
    const [saw, plan] = outcome.stdout.split('\n');
    expect(saw).toBe(
      'Saw 5 pictures, all 16×16, in color; leaving out 1 that cannot be read: 5.png',
    );
    expect(plan).toMatch(/batches of 5$/);
    expect(warn.mock.calls.flat().join('')).toMatch(
      /5\.png' must be a valid picture\. Cannot read/,
    );
  });

  test('learns a table, and sample gives rows with requested values', async () => {
    const run = at('table-run');
    await events('train', at('customers.csv'), '--out', run, '--steps', '2', ...fast);
    const { code, stdout } = await runCli(
      'sample',
      run,
      '--count',
      '5',
      '--where',
      'species=a',
      '--where',
      'mass>=1',
      ...fast,
    );
    expect(code).toBeUndefined();
    const table = tableDataset(stdout);
    expect(table.size).toBe(5);
    for (const row of table.rows()) {
      expect(row['species']).toBe('a');
      expect(row['mass']).toBeGreaterThanOrEqual(1);
    }
    const { first } = await refusal('sample', run, '--where', 'specie=a');
    expect(first).toContain("got 'specie'. Did you mean species?");
    const page = at('table-run.html');
    const [report] = await events('evaluate', run, '--samples', '50', '--page', page, ...fast);
    expect(await readFile(page, 'utf8')).toContain('50 generated rows beside');
    expect(report).toMatchObject({ event: 'done', shapes: { mean: expect.any(Number) as number } });
    const held = ['--held-out', at('held.csv'), '--target', 'species'];
    await writeFile(at('held.csv'), 'species,mass,old\na,0,true\nb,1,true\na,0,true\nb,1,true\n');
    const [more] = await events('evaluate', run, '--samples', '50', ...held, ...fast);
    const { stdout: figures } = await runCli('evaluate', run, '--samples', '50', ...held, ...fast);
    expect(figures).toMatch(/^closer .*\nusefulness .* learns 'species' from these rows/m);
    const alone = await refusal('evaluate', run, '--target', 'species');
    expect(alone.first).toBe('Cannot evaluate: --target must be used with --held-out, got none');
    const unknown = await refusal('evaluate', run, ...held.slice(0, 2), '--target', 'sort');
    expect(unknown.first).toContain("--target must be one of 'species', 'mass', 'old', got 'sort'");
    expect(more).toMatchObject({
      privacy: { heldOut: { copies: expect.any(Number) as number } },
      usefulness: { target: 'species' },
    });
  });

  test('samples a saved TVAE, whose layer only tables have', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ species: 'ab'[i % 2]!, mass: i }));
    using vae = createTvae({ table: tableDataset(rows), units: [8] });
    await vae.generator.save(`file://${at('tvae')}`);
    const { code, stdout } = await runCli('sample', at('tvae'), '--count', '3', ...fast);
    expect(code).toBeUndefined();
    expect(tableDataset(stdout).size).toBe(3);
  });

  test('learns images in IDX and NumPy files', async () => {
    const idx = Uint8Array.from([
      0,
      0,
      8,
      3,
      0,
      0,
      0,
      8,
      0,
      0,
      0,
      8,
      0,
      0,
      0,
      8,
      ...Array.from({ length: 512 }, (_, i) => i % 256),
    ]);
    expect(parseIdx(idx).shape).toEqual([8, 8, 8]);
    await writeFile(at('digits.idx'), idx);
    // As numpy.save writes it.
    const header =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (8, 8, 8), }".padEnd(117) + '\n';
    const start = Uint8Array.from([
      0x93,
      ...Buffer.from('NUMPY'),
      1,
      0,
      118,
      0,
      ...Buffer.from(header),
    ]);
    await writeFile(at('digits.npy'), Buffer.concat([start, idx.subarray(16)]));
    for (const name of ['digits.idx', 'digits.npy']) {
      const run = at(`${name}-run`);
      const lines = await events('train', at(name), '--out', run, '--base-filters', '4', ...tiny);
      expect(lines.find(({ event }) => event === 'plan')).toMatchObject({ sampleShape: [8, 8, 1] });
    }
    const [a, b] = await Promise.all(
      ['digits.idx', 'digits.npy'].map((name) => readFile(at(`${name}-run/generator/weights.bin`))),
    );
    expect(a!.equals(b!)).toBe(true);
  });
});

describe('wrong use', () => {
  test('report names a folder that is no run', async () => {
    const { code, stderr } = await runCli('report', at('pictures'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Cannot report: RUN must be the folder of a run/);
  });

  test.each([
    [
      ['train', 'nowhere'],
      /^Cannot train: DATA must be a folder .*, got 'nowhere', which does not exist$/,
    ],
    [
      ['train', 'pictures', '--steps', '1', '--minutes', '1'],
      /^Cannot train: one of --minutes, --steps and --epochs must end the run, got --minutes and --steps$/,
    ],
    [['train', 'pictures', '--size', '30', '--dry-run', '--out', 'x'], /^$/],
    [
      ['train', 'pictures', '--size', '15', '--out', 'x'],
      /^Cannot create .*: height and width of imageShape must be even/,
    ],
    [
      ['train', 'pictures', '--preset', 'conditional'],
      /^Cannot train: --preset conditional must have classes, got data without/,
    ],
    [
      ['train', 'customers.csv', '--size', '16'],
      /^Cannot train: --size must be used with a folder of pictures, got table$/,
    ],
    [
      ['train', 'customers.csv', '--preset', 'dcgan'],
      /^Cannot train: --preset must be auto or ctgan with this data, got dcgan$/,
    ],
    [
      ['resume', 'pictures'],
      /^Cannot resume: RUN must be the folder of a run, got '.*' without settings.json$/,
    ],
    [
      ['sample', 'pictures'],
      /^Cannot sample: MODEL must be the folder of a run, a folder with model.json or its address, got/,
    ],
    [['evaluate', 'pictures'], /^Cannot evaluate: MODEL must be/],
  ])('%j', async ([command, operand, ...rest], message) => {
    const path = operand === 'nowhere' ? operand : at(operand);
    const { code, first } = await refusal(command!, path, ...rest);
    expect(first).toMatch(message);
    expect(code).toBe(message.source === '^$' ? undefined : 2);
  });
});
