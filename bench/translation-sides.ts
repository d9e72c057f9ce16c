/**
 * What a step of `createPix2pix` costs as pictures grow: milliseconds, and the most memory of the process.
 *
 *     npm run bench -- translation-sides
 *     npm run bench -- translation-sides --sides 64 --threads 1 --batch 4 --steps 10
 *
 * Each side and number of threads has a process of its own. Pictures are of three channels, all settings those of the preset but the
 * size of the batch. The first two steps are left out; minutes are computed from the median of the others. Nothing else should run.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { datasetFromTensor, type ImageShape, paired, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { createPix2pix } from 'tfjs-gan/image-to-image';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';
import { timeSteps } from './shared/time-steps.ts';

const options = readOptions({
  sides: '64,128,256',
  threads: '1,2',
  batch: 1,
  steps: 10,
  // Of the run whose minutes are computed.
  run: 5000,
  // In a process of one side.
  alone: false,
});

if (options.alone) {
  console.log(JSON.stringify(await measure(Number(options.sides), Number(options.threads))));
} else {
  const rows = options.sides.split(',').flatMap((side) =>
    options.threads.split(',').map((threads) => {
      const { ms, mebibytes } = inProcess(side, threads);
      return [side, threads, ms.toFixed(0), ((ms * options.run) / 60_000).toFixed(0), mebibytes];
    }),
  );
  console.log(table(['side', 'threads', 'ms/step', `minutes for ${options.run}`, 'MiB'], rows));
}

/** What a side costs. */
interface Cost {
  readonly ms: number;
  /** The most that the whole process had resident. */
  readonly mebibytes: number;
}

function inProcess(side: string, threads: string): Cost {
  const file = fileURLToPath(import.meta.url);
  const flags = ['--alone', '--sides', side, '--threads', threads];
  const size = ['--batch', String(options.batch), '--steps', String(options.steps)];
  const printed = execFileSync(process.execPath, ['--import', 'tsx', file, ...flags, ...size]);
  return JSON.parse(printed.toString().trim().split('\n').at(-1)) as Cost;
}

async function measure(side: number, threads: number): Promise<Cost> {
  await useBackend(wasmTrain({ threads }));
  const shape: ImageShape = [side, side, 3];
  const images = tf.randomUniform([4 * options.batch, ...shape], -1, 1, 'float32', 1);
  const data = paired({
    source: await datasetFromTensor(images),
    samples: await datasetFromTensor(tf.neg(images)),
  });
  const gan = createPix2pix({ sourceShape: shape, targetShape: shape });
  const { callback, seconds } = timeSteps();
  const run = { steps: 2 + options.steps, batchSize: options.batch };
  await gan.trainer.fit(data, { ...run, callbacks: [callback] });
  gan.dispose();
  const { maxRSS } = process.resourceUsage();
  return { ms: 1000 * median(seconds.slice(2)), mebibytes: Math.round(maxRSS / 1024) };
}
