import { Generator, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { type ChunkJob, sampleChunks } from 'tfjs-gan/node';

/** What the queue holds for each chunk. */
export interface ChunkTask {
  readonly model: string;
  readonly job: ChunkJob;
  readonly chunk: number;
  readonly of: number;
}

// The machine is divided by processes, so each takes one thread.
await useBackend(wasmTrain({ threads: 1 }));
const generators = new Map<string, Promise<Generator>>();

/** Generates one chunk. */
export async function generateChunk({ data }: { readonly data: ChunkTask }): Promise<void> {
  const { model, job, chunk, of } = data;
  const loading = generators.get(model) ?? Generator.load(`file://${model}`);
  generators.set(model, loading);
  await sampleChunks(await loading, job, { shard: { index: chunk, count: of } });
}
