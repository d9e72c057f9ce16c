import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { Generator, type StepInfo, useBackend } from 'tfjs-gan';
import 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { runExample, runWell, startExample } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'mnist';

async function readHistory(folder: string): Promise<StepInfo[]> {
  const lines = (await readFile(join(folder, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as StepInfo);
}

/** −1…1 → 0…255 */
function toByte(value: number): number {
  return Math.round(((value + 1) / 2) * 255);
}

async function readSettings(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8')) as Record<
    string,
    unknown
  >;
}

describe('npm run mnist', () => {
  test('leaves pictures, curves, numbers and a generator that loads', async () => {
    const { out, output } = await runWell(script, '--quick', '--learning-rate', '0.02');
    const folder = join(out, 'mnist');
    expect(output).toContain('backend wasm-train');
    expect(output).toContain('Done: 6 steps');
    expect(output).toContain(join(folder, 'samples.png'));

    // 10 images of 28 pixels drawn twice as wide, and 11 gaps of 2
    const picture = decode(await readFile(join(folder, 'samples.png')), { checkCrc: true });
    expect([picture.width, picture.height, picture.channels]).toEqual([582, 582, 1]);
    const grids = ['real.png', 'step-000000.png', 'step-000003.png', 'step-000006.png'];
    expect((await readdir(join(folder, 'samples'))).sort()).toEqual(grids);

    const history = await readHistory(folder);
    expect(history.map((step) => step.number)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { losses } of history) {
      expect(losses.discriminator).toBeGreaterThan(0);
      expect(losses.generator).toBeGreaterThan(0);
    }
    for (const curve of ['losses.svg', 'accuracy.svg']) {
      expect(await readFile(join(folder, curve), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    }

    // The picture shows samples of the saved generator: row 10 of the first image, drawn twice as
    // wide.
    await useBackend('wasm-train');
    using generator = await Generator.load(`file://${join(folder, 'generator')}`);
    const labels = Array.from({ length: 100 }, (_, i) => i % 10);
    const samples = generator.sample(100, { seed: 7, labels });
    const pixels = (await samples.data()).slice(10 * 28, 11 * 28);
    const drawn = picture.data.subarray(22 * 582 + 2, 22 * 582 + 2 + 56);
    expect([...drawn]).toEqual([...pixels].flatMap((value) => [toByte(value), toByte(value)]));
    samples.dispose();
  });

  test('repeats a run from its seed, and another seed gives another', async () => {
    const out = await temporaryFolder();
    const seeds = ['1', '1', '2'];
    const losses = await Promise.all(
      seeds.map(async (seed, i) => {
        const run = String(i);
        await runExample(script, ['--quick', '--out', out, '--name', run, '--seed', seed]);
        return (await readHistory(join(out, run))).map((step) => step.losses);
      }),
    );
    expect(losses[1]).toEqual(losses[0]);
    expect(losses[2]).not.toEqual(losses[0]);
  });

  test('lets every setting be overridden and notes them', async () => {
    const out = await temporaryFolder();
    const flags = [
      '--epochs',
      '1',
      '--batch-size',
      '5000',
      '--base-filters',
      '1',
      '--save-every',
      '1',
    ];
    const others = ['--kernel-size', '3', '--latent-size', '4', '--learning-rate', '0.001'];
    const rest = ['--beta1', '0.9', '--grid-every', '2', '--name', 'mine', '--out', out];
    const action = ['--quick', ...flags, ...others, ...rest];
    const { code, errors } = await runExample(script, action);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const folder = join(out, 'mine');
    expect(await readSettings(folder)).toMatchObject({
      epochs: 1,
      batchSize: 5000,
      baseFilters: 1,
      kernelSize: 3,
      latentSize: 4,
      learningRate: 0.001,
      beta1: 0.9,
    });
    // 10,000 images in batches of 5,000: two steps, whatever --quick says of their number
    expect((await readHistory(folder)).map((step) => step.samples)).toEqual([5000, 5000]);
    expect(existsSync(join(folder, 'generators', 'step-2', 'model.json'))).toBe(true);
    const model = JSON.parse(await readFile(join(folder, 'generator', 'model.json'), 'utf8')) as {
      userDefinedMetadata: object;
    };
    expect(model.userDefinedMetadata).toMatchObject({ latentSize: 4 });
  });

  test('ends when its time is over, and saves', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--steps', '1000000', '--grid-every', '1000000', '--minutes', '0.05'];
    const { code, output } = await runExample(script, [...flags, '--out', out]);
    expect(code).toBe(0);
    expect(output).toContain('Time limit reached: ');
    expect(existsSync(join(out, 'mnist', 'generator', 'weights.bin'))).toBe(true);
  });

  test('saves the generator on Ctrl-C and ends with code 130', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--steps', '1000000', '--grid-every', '1000000', '--out', out];
    const run = startExample(script, flags);
    await run.printed('step 50/');
    run.kill('SIGINT');
    // npm, the shell and tsx may each pass on the same key press.
    run.kill('SIGINT');
    const { code, output, errors } = await run.ended;
    expect(code).toBe(130);
    expect(errors).toContain('Finishing this step. Press Ctrl-C again to end the program at once');
    expect(output).toContain('Interrupted: ');
    expect(existsSync(join(out, 'mnist', 'generator', 'weights.bin'))).toBe(true);
    const history = await readHistory(join(out, 'mnist'));
    expect(history.length).toBeGreaterThanOrEqual(50);
    expect(output).toContain(`npm run mnist -- --resume mnist --out ${out}`);
  });

  test('continues after SIGTERM, under the settings of the run, to the same end', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--steps', '90', '--grid-every', '1000000', '--out', out];
    await runExample(script, [...flags, '--name', 'whole']);
    const run = startExample(script, [...flags, '--name', 'ended']);
    await run.printed('step 50/');
    run.kill('SIGTERM');
    expect((await run.ended).code).toBe(143);
    const reached = (await readHistory(join(out, 'ended'))).length;
    expect(reached).toBeLessThan(90);
    const { code, output, errors } = await runExample(script, ['--resume', 'ended', '--out', out]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toContain(`Continuing from step ${reached}\n`);
    expect(output).toContain('Done: 90 steps');
    const losses = async (name: string): Promise<unknown> =>
      (await readHistory(join(out, name))).map((step) => step.losses);
    expect(await losses('ended')).toEqual(await losses('whole'));
    const pictures = ['ended', 'whole'].map((name) => readFile(join(out, name, 'samples.png')));
    const [ended, whole] = await Promise.all(pictures);
    expect(ended?.equals(whole!)).toBe(true);

    const changed = ['--resume', 'ended', '--out', out, '--learning-rate', '0.1'];
    const refused = await runExample(script, changed);
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain('optimizers.generator.learningRate.from: was 0.002, is 0.1');
    const longer = await runExample(script, ['--resume', 'ended', '--out', out, '--steps', '95']);
    expect(longer.output).toContain('Done: 95 steps');
    const lost = await runExample(script, ['--resume', 'nobody', '--out', out]);
    expect(lost.code).toBe(2);
    expect(lost.errors).toContain(
      `Cannot resume: '${join(out, 'nobody')}' must be the folder of a run, got one without settings.json`,
    );
  });

  test('saves what was reached when training diverges', async () => {
    const out = await temporaryFolder();
    const flags = ['--quick', '--steps', '200', '--learning-rate', '1e20', '--out', out];
    const { code, errors } = await runExample(script, flags);
    expect(code).toBe(1);
    expect(errors).toMatch(/^Cannot continue training: /);
    expect(existsSync(join(out, 'mnist', 'generator', 'weights.bin'))).toBe(true);
  });

  test('refuses a wrong flag with code 2', async () => {
    const { code, output, errors } = await runExample(script, ['--batch-size', '0']);
    expect(errors).toBe(
      "Cannot start: --batch-size must be a positive integer, got '0'\n--help shows every flag\n",
    );
    expect(output).toBe('');
    expect(code).toBe(2);
  });

  test('fails with code 1 before training if it cannot write', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, output, errors } = await runExample(script, ['--quick', '--out', file]);
    expect(errors).toContain(`Cannot start: '${join(file, 'mnist')}' must be a writable folder`);
    expect(output).not.toContain('step 1');
    expect(code).toBe(1);
  });

  test('fails with code 1 if the backend is not there', async () => {
    const out = await temporaryFolder();
    const { code, errors } = await runExample(script, [
      '--quick',
      '--out',
      out,
      '--backend',
      'webgl',
    ]);
    expect(errors).toContain('Cannot use the webgl backend: ');
    expect(code).toBe(1);
    // A run that never started leaves no folder and takes no name.
    expect(await readdir(out)).toEqual([]);
  });

  test('says what it can do', async () => {
    const { code, output } = await runExample(script, ['--help']);
    expect(code).toBe(0);
    for (const flag of ['--tutorial', '--quick', '--epochs N', '--batch-size N', '--overwrite']) {
      expect(output).toContain(flag);
    }
  });
});
