/**
 * Speed of a finished generator (the tutorial's, 64 filters) on `wasm-train`: images a second at batch 1, 16 and 256, and how long
 * one call takes, median and 95th percentile; beside onnxruntime with the same weights, if it is installed.
 *
 *     npm run bench -- generation
 *     npm run bench -- generation --threads 1        every engine gets as many (default: all cores)
 *     npm run bench -- generation --simd relaxed
 *
 * For the native peer: `npm install --no-save --ignore-scripts onnxruntime-node`. Engines take turns call by call, so that a
 * busy moment of the machine falls on all alike.
 */
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { dcganGenerator, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { exportOnnx } from 'tfjs-gan/export';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

const { threads, simd } = readOptions({ threads: availableParallelism(), simd: 'plain' });
const { detail } = await useBackend(wasmTrain({ threads, simd: simd as 'plain' | 'relaxed' }));
const generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: 64 });

/** What we use of onnxruntime; of its packages only the one for the web is a dependency of ours. */
interface Onnxruntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: Record<string, object>): Promise<Record<string, { data: Float32Array }>>;
    }>;
  };
  readonly env: { readonly wasm: { numThreads?: number | undefined } };
}

/** From latents to pixels, both in JavaScript. */
type Engine = (latents: Float32Array) => Promise<ArrayLike<number>>;

const ours: Engine = async (latents) => {
  const images = tf.tidy(() =>
    generator.generate(
      tf.tensor2d(latents, [latents.length / generator.latentSize, generator.latentSize]),
    ),
  );
  const pixels = await images.data();
  images.dispose();
  return pixels;
};
const engines = new Map<string, Engine>([['tfjs-gan', ours], ...(await onnxEngines())]);

const probe = latentsOf(4);
const expected = await ours(probe);
for (const [name, engine] of engines) {
  const pixels = await engine(probe);
  const error = Math.max(...Array.from(expected, (pixel, i) => Math.abs(pixel - pixels[i]!)));
  if (!(error < 1e-4)) throw new Error(`${name} gives other images: they differ by up to ${error}`);
}

const rows = [];
for (const [batch, runs] of [
  [1, 200],
  [16, 60],
  [256, 10],
] as const) {
  const latents = latentsOf(batch);
  const times = new Map([...engines.keys()].map((name) => [name, [] as number[]]));
  for (let run = -3; run < runs; run++) {
    for (const [name, engine] of engines) {
      const start = performance.now();
      await engine(latents);
      if (run >= 0) times.get(name)!.push(performance.now() - start);
    }
  }
  for (const [engine, milliseconds] of times) {
    milliseconds.sort((a, b) => a - b);
    const at = (share: number): number => milliseconds[Math.floor(share * (runs - 1))]!;
    const [p50, p95] = [at(0.5), at(0.95)];
    rows.push([
      ...[engine, batch, Math.round((1000 * batch) / p50)],
      ...[p50.toFixed(2), p95.toFixed(2)],
    ]);
  }
}
const head = ['engine', 'batch', 'images / s', 'p50, ms', 'p95, ms'];
console.log(`${detail}\n${table(head, rows)}`);
generator.dispose();

function latentsOf(batch: number): Float32Array {
  return Float32Array.from({ length: batch * generator.latentSize }, (_, i) => Math.sin(1.7 * i));
}

/** The packages of onnxruntime that are installed, with the same weights. */
async function onnxEngines(): Promise<[name: string, engine: Engine][]> {
  const made: [string, Engine][] = [];
  const file = await exportOnnx(generator);
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    const runtime = await installed(name);
    if (runtime === undefined) continue;
    runtime.env.wasm.numThreads = threads;
    const session = await runtime.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      // Threads that wait in a loop would take the cores from the engine whose turn it is.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    made.push([
      name,
      async (latents) => {
        const input = new runtime.Tensor('float32', latents, [
          latents.length / generator.latentSize,
          generator.latentSize,
        ]);
        return (await session.run({ latents: input }))['samples']!.data;
      },
    ]);
  }
  return made;
}

async function installed(name: string): Promise<Onnxruntime | undefined> {
  try {
    return (await import(name)) as Onnxruntime;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
