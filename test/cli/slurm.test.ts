import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMlpGan } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mergeChunks, sampleChunks } from 'tfjs-gan/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../../src/io/npy.ts';
import { repositoryPath } from '../support/public-api.ts';
import { hasSlurm, type Slurm, startSlurm } from '../support/slurm.ts';
import { runCli } from './capture.ts';

describe.skipIf(!hasSlurm())('a Slurm job array', () => {
  let folder: string;
  let slurm: Slurm;
  const at = (path: string): string => join(folder, path);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-slurm-'));
    slurm = await startSlurm(folder);
  });

  afterAll(async () => {
    await slurm.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Submits a job whose tasks run the command line; returns its number. */
  async function submit(tasks: string, ...typed: readonly string[]): Promise<string> {
    const words = [
      process.execPath,
      '--import',
      'tsx',
      repositoryPath('src/cli/main.ts'),
      ...typed,
    ];
    const quoted = words.map((word) => `'${word}'`).join(' ');
    await writeFile(at('job.sh'), `#!/bin/sh\ncd '${repositoryPath('.')}'\nexec ${quoted}\n`);
    const output = at('task-%A-%a.txt');
    const given = ['--parsable', `--array=${tasks}`, `--output=${output}`, '--no-requeue'];
    return slurm.run('sbatch', ...given, at('job.sh')).trim();
  }

  /** Waits until a job has ended; returns what its tasks have printed. */
  async function ended(job: string): Promise<readonly string[]> {
    while (slurm.run('squeue', '--noheader').trim() !== '') await sleep(200);
    const names = (await readdir(folder)).filter((name) => name.startsWith(`task-${job}-`)).sort();
    return Promise.all(names.map((name) => readFile(at(name), 'utf8')));
  }

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await sleep(20);
  }

  test('samples in chunks, with one sum whoever made them, though a task is killed', async () => {
    await wasmTrain({ threads: 1 }).activate();
    using gan = createMlpGan({ sampleShape: [2], latentSize: 3, seed: 1 });
    const { generator } = gan;
    await generator.save(`file://${at('model')}`);
    await sampleChunks(generator, { folder: at('alone'), count: 25_600, seed: 7, chunkSize: 64 });
    const { sha256 } = await mergeChunks(at('alone'));

    const size = ['--count', '25600', '--chunk-size', '64', '--seed', '7', '--out', at('chunks')];
    const shared = ['--backend', 'wasm-train', '--threads', '1', ...size];
    const job = await submit('0-3', 'sample', at('model'), ...shared, '--shard', 'auto/4');
    await until(() => existsSync(at('chunks/chunk-000001.safetensors')));
    slurm.run('scancel', '--signal=KILL', '--full', `${job}_1`);
    await ended(job);
    const [again = ''] = await ended(
      await submit('1', 'sample', at('model'), ...shared, '--shard', 'auto/4'),
    );
    // 100 of each task, of which the killed one had made some.
    const [, written, found] = /(\d+) chunks written, (\d+) were there/.exec(again) ?? [again];
    expect(Number(written) + Number(found)).toBe(100);
    expect(Number(found)).toBeGreaterThan(0);
    expect(await mergeChunks(at('chunks'))).toEqual({ chunks: 400, samples: 25_600, sha256 });
  }, 600_000);

  test('trains the runs of a sweep, and what a killed task has left when it is submitted again', async () => {
    const points = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i) / 2);
    await writeFile(at('points.npy'), encodeNpy([64, 2], points));
    const base = { data: 'points.npy', steps: 80, batchSize: 8 };
    for (const name of ['array', 'alone']) {
      await writeFile(at(`${name}.json`), JSON.stringify({ base, seeds: [1, 2, 3] }));
    }
    const flags = ['--backend', 'wasm-train', '--threads', '1'];
    const typed = ['sweep', at('array.json'), ...flags, '--shard', 'auto/2'];
    const job = await submit('0-1', ...typed);
    const isWritten = async (): Promise<boolean> =>
      (await readdir(at('runs/array')).catch(() => [])).some((name) => /^[0-9a-f]{12}$/.test(name));
    await until(isWritten);
    slurm.run('scancel', '--signal=KILL', '--full', `${job}_0`);
    await ended(job);
    await ended(await submit('0', ...typed));
    await runCli('sweep', at('alone.json'), ...flags, '--quiet');
    await runCli('sweep', at('array.json'), '--status');
    const rows = await readFile(at('runs/alone/sweep.csv'), 'utf8');
    expect(rows.match(/,done,80,/g)).toHaveLength(3);
    expect(await readFile(at('runs/array/sweep.csv'), 'utf8')).toBe(rows);
  }, 600_000);
});
