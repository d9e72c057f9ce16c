/**
 * Whether a long run stays as it began: memory, tensors and the work of a step through time. Prints one JSON line for
 * the backend, threads included, and one for each tenth.
 *
 *     npm run bench -- soak                         a small DCGAN (8 filters, 28×28, batch 16), 2000 steps
 *     npm run bench -- soak --steps 20000           another length
 *     npm run bench -- soak --mnist --minutes 60    MNIST, 32 filters, batch 64, with every callback that writes files, for an hour
 *
 * `cpu_s` is the processor time a step took, with the callbacks' share in it: unlike the time of the clock, it stays the
 * same if the machine has other work too. `--threads 1` keeps that of waiting threads out of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  type Callback,
  checkpoint,
  createDcgan,
  type Dataset,
  datasetFromArray,
  type Gan,
  saveGenerator,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import {
  directoryStore,
  historyFile,
  loadMnist,
  sampleGrid,
  tensorBoard,
  trainingCurves,
} from 'tfjs-gan/node';
import { readOptions } from './shared/options.ts';

const { mnist, minutes, steps, threads } = readOptions({
  mnist: false,
  // By the clock if it is not 0.
  minutes: 0,
  steps: 2000,
  threads: availableParallelism(),
});

const { detail } = await useBackend(wasmTrain({ threads }));
console.log(JSON.stringify({ backend: detail }));
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-soak-'));
const [gan, dataset, batchSize, callbacks] = mnist ? await mnistRun() : smallRun();
try {
  await gan.trainer.fit(dataset, {
    batchSize,
    ...(minutes === 0 ? { steps } : { signal: AbortSignal.timeout(60_000 * minutes) }),
    callbacks: [...callbacks, meter()],
  });
} finally {
  gan.dispose();
  await rm(folder, { recursive: true });
}

/** Prints what a tenth of the run took. */
function meter(): Callback {
  const tenth = minutes === 0 ? steps / 10 : 6 * minutes;
  const start = performance.now();
  let [since, made] = [process.cpuUsage(), 0];
  let next = 0;
  return {
    onStepEnd: ({ number }) => {
      made += 1;
      const seconds = (performance.now() - start) / 1000;
      // The first line comes early: the step that has all its memory, compared with which nothing may grow.
      const passed = minutes === 0 ? number : seconds;
      if (passed < next) return;
      const { user, system } = process.cpuUsage(since);
      console.log(
        JSON.stringify({
          step: number,
          minutes: Number((seconds / 60).toFixed(1)),
          cpu_s: Number(((user + system) / 1e6 / made).toFixed(4)),
          numTensors: tf.memory().numTensors,
          numBytes: tf.memory().numBytes,
          rss_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
          heap_mib: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
        }),
      );
      [since, made] = [process.cpuUsage(), 0];
      next += tenth;
    },
  };
}

function smallRun(): Run {
  const pixels = Uint8Array.from({ length: 512 * 784 }, (_, i) => (i * 31) % 256);
  const small = createDcgan({ imageShape: [28, 28, 1], baseFilters: 8 });
  return [small, datasetFromArray(pixels, { sampleShape: [28, 28, 1] }), 16, []];
}

/** `createDcgan` as it is, and all that a run may write but its report. */
async function mnistRun(): Promise<Run> {
  const large = createDcgan({ imageShape: [28, 28, 1], baseFilters: 32 });
  const callbacks = [
    historyFile(join(folder, 'history.jsonl')),
    tensorBoard(join(folder, 'tensorboard')),
    sampleGrid(join(folder, 'samples'), { every: { steps: 100 }, scale: 2 }),
    trainingCurves(folder),
    checkpoint(directoryStore(folder)),
    saveGenerator((step) => `file://${join(folder, 'generators', `step-${step}`)}`, {
      every: { epochs: 5 },
    }),
  ];
  return [large, await loadMnist({ split: 'train' }), 64, callbacks];
}

type Run = [gan: Gan, dataset: Dataset, batchSize: number, callbacks: Callback[]];
