// What you learn: a custom backend has three members; this one wraps another and times its kernels.
// Run it: npm run example -- custom-backend (--quick for a few seconds)
// In half a minute, a table shows where the time of a training step goes, and
// runs/custom-backend/samples.png shows the samples.

import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Backend, createDcgan, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(300, 'training steps'),
  baseFilters: count(16, 'filters of the layer next to the image'),
  rows: count(10, 'how many kernels the table shows'),
};
const quick = { steps: 3, baseFilters: 4 };

/** A backend that records the time of each of its kernels. */
interface TimedBackend extends Backend {
  readonly kernels: ReadonlyMap<string, { calls: number; milliseconds: number }>;
}

/** Wraps a backend and times each kernel; the results are the same. */
function timed(base: Backend): TimedBackend {
  const name = `timed-${base.name}`;
  const kernels = new Map<string, { calls: number; milliseconds: number }>();
  return {
    // Its name in TensorFlow.js, which tf.getBackend() returns while it is current.
    name,
    // Whether it runs here, and what it runs on; if not, why. The report of useBackend prints both.
    isAvailable: () => base.isAvailable(),
    // Makes it current. Registers what TensorFlow.js needs: the memory, and a function for each
    // kernel.
    activate: async () => {
      await base.activate();
      const memory = tf.backend();
      tf.registerBackend(name, () => memory);
      for (const kernel of tf.getKernelsForBackend(base.name)) {
        const time = { calls: 0, milliseconds: 0 };
        kernels.set(kernel.kernelName, time);
        tf.registerKernel({
          ...kernel,
          backendName: name,
          kernelFunc: (work) => {
            const begin = performance.now();
            // On a CPU the kernel is done when it returns; on a GPU this would only time its launch.
            const result = kernel.kernelFunc(work);
            time.milliseconds += performance.now() - begin;
            time.calls += 1;
            return result;
          },
        });
      }
      await tf.setBackend(name);
    },
    kernels,
  };
}

await lesson('custom-backend', flags, quick, async ({ steps, baseFilters, rows, seed, out }) => {
  const backend = timed(wasmTrain());
  // In a list, the next backend is used if the one before cannot run.
  console.log(`backend ${String(await useBackend([backend, 'cpu']))}`);

  const mnist = await loadMnist({ split: 'train' });
  const gan = createDcgan({ imageShape: [28, 28, 1], baseFilters, seed });
  const begin = performance.now();
  await gan.trainer.fit(mnist, { steps, callbacks: [progress(), runReport(out)] });
  const all = performance.now() - begin;
  const samples = gan.generator.sample(64, { seed: 7 });
  await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8, scale: 2 });
  samples.dispose();
  gan.dispose();

  const slowest = [...backend.kernels].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const inKernels = slowest.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  console.log(
    `\n${(all / steps).toFixed(1)} ms per step, ${percent(inKernels / all)} of it in kernels:`,
  );
  console.table(
    Object.fromEntries(
      slowest.slice(0, rows).map(([kernel, { calls, milliseconds }]) => [
        kernel,
        {
          'calls per step': Number((calls / steps).toFixed(1)),
          'ms per step': Number((milliseconds / steps).toFixed(2)),
          share: percent(milliseconds / inKernels),
        },
      ]),
    ),
  );
  console.log(`Look at ${join(out, 'samples.png')}`);
});

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
