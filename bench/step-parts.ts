/**
 * Where the time of one step of the tutorial's DCGAN goes on `wasm-train`: by compiled kernel, and what is left, which is
 * TensorFlow.js and JavaScript.
 *
 *     npm run bench -- step-parts                       all cores, batch 64
 *     npm run bench -- step-parts --threads 1 --simd relaxed --batch 32 --steps 20
 *
 * Times are the main thread's, its waiting for others included. Looking at the clock around some 1,500 calls adds about a
 * thousandth to a step.
 */
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { dcganTrainer } from './dcgan-trainer.ts';
import { readOptions } from './shared/options.ts';

/** What of the backend is replaced by the same under a clock. */
interface Clocked {
  wasm: Record<string, (...numbers: number[]) => unknown>;
  readonly workers?: { run(name: string, ...rest: unknown[]): void };
}

const parts: readonly (readonly [part: string, kernels: RegExp])[] = [
  [
    'products (convolutions and dense layers)',
    /gemm|gather|scatter|filterGradient|winograd|pack|multiply/i,
  ],
  ['batch norm', /batchNorm/],
  ['one value at a time, sums, moves', /^(?!adam)/],
  ['Adam', /adam/],
];

const { threads, simd, batch, steps } = readOptions({
  threads: availableParallelism(),
  simd: 'plain',
  batch: 64,
  steps: 10,
});
const { detail } = await useBackend(wasmTrain({ threads, simd: simd as 'plain' | 'relaxed' }));

const spent = new Map<string, { calls: number; milliseconds: number }>();
const backend = tf.backend() as unknown as Clocked;
backend.wasm = Object.fromEntries(
  Object.entries(backend.wasm).map(([name, run]) => [
    name,
    typeof run === 'function'
      ? (...numbers: number[]) => clocked(name, () => run(...numbers))
      : run,
  ]),
);
const { workers } = backend;
if (workers !== undefined) {
  const run = workers.run.bind(workers);
  workers.run = (name, ...rest) => {
    clocked(name, () => {
      run(name, ...rest);
    });
  };
}

const { trainer, dataset } = dcganTrainer({ batch });
await trainer.fit(dataset, { batchSize: batch, steps: 2 });
spent.clear();
const { steps: made } = await trainer.fit(dataset, { batchSize: batch, steps });
const step = made.slice(-steps).reduce((sum, { seconds }) => sum + seconds * 1000, 0) / steps;

const rows = [...spent].map(([name, { calls, milliseconds }]) => ({
  name,
  part: parts.find(([, kernels]) => kernels.test(name))?.[0] ?? '',
  calls: calls / steps,
  milliseconds: milliseconds / steps,
}));
rows.sort((a, b) => b.milliseconds - a.milliseconds);
const inKernels = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

console.log(`${detail}, batch ${batch}: ${step.toFixed(1)} ms a step\n`);
for (const [part] of parts) {
  const own = rows.filter((row) => row.part === part);
  print(
    part,
    own.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  );
}
print('JavaScript: TensorFlow.js, this library, tables for kernels', step - inKernels);
console.log();
for (const { name, calls, milliseconds } of rows) print(`${name} × ${calls}`, milliseconds);

function print(name: string, milliseconds: number): void {
  const share = `${((100 * milliseconds) / step).toFixed(1)} %`;
  console.log(`${name.padEnd(60)} ${milliseconds.toFixed(2).padStart(8)} ms ${share.padStart(7)}`);
}

function clocked<Result>(name: string, run: () => Result): Result {
  const begin = performance.now();
  const result = run();
  const entry = spent.get(name) ?? { calls: 0, milliseconds: 0 };
  entry.calls += 1;
  entry.milliseconds += performance.now() - begin;
  spent.set(name, entry);
  return result;
}
