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
import { onnxEngines } from './onnx-engines.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

const { threads, simd } = readOptions({ threads: availableParallelism(), simd: 'plain' });
const { detail } = await useBackend(wasmTrain({ threads, simd: simd as 'plain' | 'relaxed' }));
const generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: 64 });

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
const engines = new Map<string, Engine>([
  ['tfjs-gan', ours],
  ...(await onnxEngines(generator, threads)),
]);

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
