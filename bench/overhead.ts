/**
 * What a training step costs besides compiled kernels: calls of kernels through TensorFlow.js, and milliseconds of JavaScript.
 *
 *     npm run bench -- overhead
 *     npm run bench -- overhead --steps 40 --threads 2
 *     npm run bench -- overhead --networks dense,projection
 *
 * A call costs JavaScript around its kernel, which small networks and batches feel. Kernels that the backend runs by itself are not
 * counted. JavaScript is what a step takes if the compiled kernels do nothing; their caches are then warmer than in training.
 * On one thread, the floor of dense networks is what their products and their optimizers would take at the speed of a large product and of a large
 * weight, both measured in the same run; the share is that floor, of a step.
 * To compare with another commit, copy this file there.
 */
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  createDcgan,
  createMlpGan,
  datasetFromArray,
  type Gan,
  GradientPenalty,
  useBackend,
  WassersteinLoss,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { choose } from './shared/choose.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

/** What of the backend is replaced. */
interface Replaced {
  wasm: Readonly<Record<string, unknown>>;
  workers: unknown;
  readSync: (dataId: object) => Float32Array;
}

const { steps, threads, networks } = readOptions({
  steps: 40,
  threads: 1,
  networks: 'dense,dense-256,dense-wgan-gp,dcgan,dcgan-small,projection,concat',
});
const imageShape = [28, 28, 1] as const;
const classes = { imageShape, classes: 10, seed: 1 } as const;
const optimizer = adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 });
const dense = { sampleShape: imageShape, hiddenUnits: [256, 512], seed: 1 };

/** Dense networks of 256 and 512 units; the tutorial's DCGAN; one of 16 filters, and the same with 10 classes. */
const rows: Readonly<Record<string, { readonly batchSize: number; readonly gan: () => Gan }>> = {
  dense: { batchSize: 32, gan: () => createMlpGan(dense) },
  'dense-256': { batchSize: 256, gan: () => createMlpGan(dense) },
  'dense-wgan-gp': {
    batchSize: 32,
    gan: () =>
      createMlpGan({
        ...dense,
        loss: new WassersteinLoss(),
        penalties: [new GradientPenalty()],
        optimizers: { generator: optimizer, discriminator: optimizer },
        updatesPerStep: { discriminator: 5 },
      }),
  },
  dcgan: {
    batchSize: 64,
    gan: () => createDcgan({ imageShape, baseFilters: 64, seed: 1 }),
  },
  'dcgan-small': {
    batchSize: 4,
    gan: () => createDcgan({ imageShape, baseFilters: 16, seed: 1 }),
  },
  projection: {
    batchSize: 4,
    gan: () => createDcgan({ ...classes, baseFilters: 16, conditioning: 'projection' }),
  },
  concat: {
    batchSize: 4,
    gan: () => createDcgan({ ...classes, baseFilters: 16, conditioning: 'concat' }),
  },
};

console.log(await useBackend(wasmTrain({ threads })));
const backend = tf.backend() as unknown as Replaced;
const { wasm, workers, readSync } = backend;
const rates = { gemm: rateOfProducts(), adam: rateOfAdam() };
const pixels = Uint8Array.from({ length: 320 * 784 }, (_, i) => (i * 31) % 256);
const labels = Uint8Array.from({ length: 320 }, (_, i) => i % 10);
const data = datasetFromArray(pixels, { sampleShape: imageShape, labels, classes: 10 });
const measured: (readonly (string | number)[])[] = [];
for (const [name, { batchSize, gan }] of choose('networks', networks, rows)) {
  const created = gan();
  const { trainer } = created;
  const play = async (count: number): Promise<string> => {
    const { steps: made } = await trainer.fit(data, { steps: count, batchSize });
    return (1000 * median(made.slice(-count).map(({ seconds }) => seconds))).toFixed(1);
  };
  await play(3);
  const calls = await callsOf(() => play(1));
  const work = await workOf(() => play(1));
  const whole = await play(steps);
  Object.assign(backend, {
    wasm: withoutWork(wasm),
    workers: undefined,
    // Memory that no kernel wrote may hold NaN, which ends training.
    readSync: (id: object) => readSync.call(backend, id).fill(0),
  } satisfies Replaced);
  const script = await play(steps);
  Object.assign(backend, { wasm, workers, readSync });
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  const [copies = 0, shapes = 0] = ['Identity', 'Reshape'].map((kernel) => calls.get(kernel));
  const floor = 1000 * (work.gemm / rates.gemm + work.adam / rates.adam);
  const bound =
    name.startsWith('dense') && threads === 1
      ? [floor.toFixed(1), (floor / Number(whole)).toFixed(2)]
      : ['', ''];
  measured.push([name, batchSize, total, copies, shapes, whole, script, ...bound]);
  created.dispose();
}
console.log(
  table(
    [
      'networks',
      'batch',
      'calls of kernels',
      'copies of a handle',
      'changes of shape',
      'ms per step',
      'ms of JavaScript',
      'ms of the floor',
      'share',
    ],
    measured,
  ),
);

/** Multiplications of products, and weights that Adam updates, in some work on one thread. */
async function workOf(run: () => Promise<unknown>): Promise<{ gemm: number; adam: number }> {
  const work = { gemm: 0, adam: 0 };
  type Kernel = (...given: number[]) => unknown;
  const { gemm, adam: update } = wasm as Readonly<Record<string, Kernel>>;
  const counting = {
    ...wasm,
    gemm: (...given: number[]) => {
      const [m, n, k] = given.slice(7) as [number, number, number];
      work.gemm += m * n * k;
      return gemm!(...given);
    },
    adam: (...given: number[]) => {
      work.adam += given[7]!;
      return update!(...given);
    },
  };
  Object.assign(backend, { wasm: counting });
  try {
    await run();
  } finally {
    Object.assign(backend, { wasm });
  }
  return work;
}

/** Multiplications a second of a product of 1,024 rows and columns. */
function rateOfProducts(): number {
  const size = 1024;
  const matrix = tf.randomNormal<tf.Rank.R2>([size, size], 0, 1, 'float32', 1);
  return size ** 3 / secondsOf(() => tf.matMul(matrix, matrix), 9);
}

/** Weights a second that Adam updates, of a million. */
function rateOfAdam(): number {
  const size = 2 ** 20;
  const [value, gradient, firstMoment] = [1, 2, 3].map((seed) =>
    tf.randomNormal([size], 0, 1, 'float32', seed),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const inputs = { value, gradient, firstMoment, secondMoment: tf.square(gradient) };
  const settings = { stepSize: 1e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8, secondCorrection: 1 };
  return size / secondsOf(() => tf.engine().runKernel('AdamUpdate', inputs, settings), 30);
}

/** The median of some runs; the first ones do not count. */
function secondsOf(run: () => tf.TensorContainer, rounds: number): number {
  const times = Array.from({ length: rounds + 3 }, () => {
    const begin = performance.now();
    tf.dispose(run());
    return (performance.now() - begin) / 1000;
  });
  return median(times.slice(3));
}

/** How often TensorFlow.js calls each kernel meanwhile. */
async function callsOf(work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>> {
  type Call = (given: { readonly kernelName?: string }) => unknown;
  const engine = tf.engine() as unknown as { runKernelFunc: Call };
  const original = engine.runKernelFunc;
  const calls = new Map<string, number>();
  engine.runKernelFunc = (given) => {
    const { kernelName = 'a function' } = given;
    calls.set(kernelName, (calls.get(kernelName) ?? 0) + 1);
    return original.call(engine, given);
  };
  try {
    await work();
  } finally {
    engine.runKernelFunc = original;
  }
  return calls;
}

/** The compiled kernels, doing nothing; those that return a size still do. */
function withoutWork(kernels: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isSize = /Scratch$|^filterGradientTiles$|^scatterColumns$/;
  return Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]) => [
      name,
      isSize.test(name) || typeof kernel !== 'function' ? kernel : () => true,
    ]),
  );
}
