/**
 * What several processes gain on this machine: the program for torchrun, and samples in chunks.
 *
 *     npm run bench -- scale --part training
 *     npm run bench -- scale --part samples --samples 20000
 *     npm run bench -- scale --part bytes
 *
 * `training` is the tutorial's DCGAN, by Debian's PyTorch with a thread a process, and by a trainer here with all threads. `bytes` is
 * what a step of the presets exchanges. Nothing else should run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createDcgan,
  createMlpGan,
  createSngan,
  createWganGp,
  type Gan,
  type ImageShape,
  useBackend,
} from 'tfjs-gan';
import {
  copyRun,
  datasetOf,
  prepareRun,
  type Recipe,
  train,
} from '../test/export/torch-training.ts';
import { choose } from './shared/choose.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';
import { timeSteps } from './shared/time-steps.ts';

const { part, samples, steps } = readOptions({ part: 'training', samples: 20_000, steps: 10 });
const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const imageShape: ImageShape = [28, 28, 1];
const tutorial: Recipe = {
  create: () => createDcgan({ imageShape, baseFilters: 64, seed: 1 }),
  sampleShape: imageShape,
  first: 1,
  more: 0,
};
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-scale-'));
await useBackend('wasm-train');
try {
  const parts = { training, samples: sampling, bytes: exchanged };
  for (const [, run] of choose('part', part, parts)) console.log(await run());
} finally {
  await rm(folder, { recursive: true });
}

async function training(): Promise<string> {
  const prepared = await prepareRun(join(folder, 'prepared'), tutorial);
  const rows: (string | number)[][] = [];
  for (const [what, batch] of [
    ['a batch of 64 divided', (): number => 64],
    ['16 images a process', (processes: number): number => 16 * processes],
  ] as const) {
    for (const processes of [1, 2, 4]) {
      const run = await copyRun({ ...prepared, until: 1 + steps }, join(folder, 'run'));
      const size = batch(processes);
      const given = ['--batch-size', String(size)];
      const { code, stdout, stderr } = await train(run, { processes, given });
      if (code !== 0) throw new Error(stderr);
      const seconds = [...stdout.matchAll(/"step": \d+,.*"seconds": ([\d.]+)/g)].map(([, text]) =>
        Number(text),
      );
      rows.push([what, processes, size, ...speed(seconds, size)]);
    }
  }
  const gan = tutorial.create();
  const { callback, seconds } = timeSteps();
  const fitted = { steps: 1 + steps, batchSize: 64, callbacks: [callback] };
  await gan.trainer.fit(datasetOf(tutorial), fitted);
  gan.dispose();
  rows.push(['a trainer here, all threads', 1, 64, ...speed(seconds, 64)]);
  return table(['', 'processes', 'batch', 'ms a step', 'images a second'], rows);
}

/** Milliseconds of a step, the first of which is left out, and images a second. */
function speed(seconds: readonly number[], batchSize: number): string[] {
  const step = median(seconds.slice(1));
  return [(step * 1000).toFixed(0), (batchSize / step).toFixed(0)];
}

async function sampling(): Promise<string> {
  const gan = createDcgan({ imageShape, baseFilters: 64, seed: 1 });
  await gan.generator.save(`file://${join(folder, 'model')}`);
  gan.dispose();
  const rows: string[][] = [];
  for (const processes of [1, 2, 4]) {
    const out = join(folder, `chunks-${processes}`);
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: processes }, async (_, i) => {
        const flags = [
          '--count',
          String(samples),
          '--shard',
          `${i}/${processes}`,
          '--threads',
          '1',
        ];
        const words = ['sample', join(folder, 'model'), ...flags, '--out', out, '--quiet'];
        const child = spawn(
          process.execPath,
          ['--import', 'tsx', file('src/cli/main.ts'), ...words],
          {
            stdio: ['ignore', 'ignore', 'inherit'],
          },
        );
        const [code] = (await once(child, 'exit')) as [number | null];
        if (code !== 0) throw new Error(`A process ended with ${code}`);
      }),
    );
    const seconds = (performance.now() - begin) / 1000;
    const hours = (seconds / samples) * (1_000_000 / 3600);
    rows.push([
      String(processes),
      seconds.toFixed(1),
      (samples / seconds).toFixed(0),
      hours.toFixed(2),
    ]);
  }
  return table(
    ['processes', `seconds for ${samples}`, 'samples a second', 'hours for a million'],
    rows,
  );
}

async function exchanged(): Promise<string> {
  const presets: Readonly<Record<string, () => Gan>> = {
    'createMlpGan, 256 and 512 units': () =>
      createMlpGan({ sampleShape: imageShape, hiddenUnits: [256, 512] }),
    'createDcgan, 64 filters': () => createDcgan({ imageShape, baseFilters: 64 }),
    'createWganGp, 64 filters, 5 updates of the critic': () =>
      createWganGp({ imageShape, baseFilters: 64 }),
    'createSngan, 64 filters': () => createSngan({ imageShape: [32, 32, 3], baseFilters: 64 }),
  };
  const rows: string[][] = [];
  for (const [name, create] of Object.entries(presets)) {
    const counts: (readonly [calls: number, bytes: number])[] = [];
    for (const more of [1, 2]) {
      const sampleShape = name.includes('Sngan') ? [32, 32, 3] : imageShape;
      const recipe = { create, sampleShape, first: 1, more: 0 };
      const run = await prepareRun(join(folder, `${rows.length}-${more}`), recipe);
      const { code, stderr } = await train(
        { ...run, until: 1 + more },
        { processes: 2, wrapper: [file('bench/peers/count_all_reduce.py')] },
      );
      const [, calls, bytes] = /all_reduce (\d+) calls (\d+) bytes/.exec(stderr) ?? [];
      if (code !== 0 || bytes === undefined) throw new Error(stderr);
      counts.push([Number(calls), Number(bytes)]);
    }
    // What a run exchanges once drops out of the difference.
    const [[calls, bytes], [moreCalls, moreBytes]] = counts as [
      readonly [number, number],
      readonly [number, number],
    ];
    rows.push([name, String(moreCalls - calls), ((moreBytes - bytes) / 1e6).toFixed(2)]);
  }
  return table(['preset, batch 16', 'exchanges a step', 'MB a step'], rows);
}
