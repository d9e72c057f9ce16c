import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as tf from '@tensorflow/tfjs';

/** What we use of onnxruntime, whose packages are no dependencies of ours. */
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

/** From latents to pixels by the packages of onnxruntime that are installed; none where there is no PyTorch to write the file. */
export async function onnxEngines(
  model: tf.LayersModel,
  threads: number,
): Promise<[name: string, engine: (latents: Float32Array) => Promise<Float32Array>][]> {
  const engines: Awaited<ReturnType<typeof onnxEngines>> = [];
  let file: Uint8Array | undefined;
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    const runtime = await installed(name);
    if (runtime === undefined) continue;
    file ??= await onnxFile(model);
    if (file === undefined) return [];
    runtime.env.wasm.numThreads = threads;
    const session = await runtime.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      // Threads that wait in a loop would take the cores from the engine whose turn it is.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    engines.push([
      name,
      async (latents) => {
        const input = new runtime.Tensor('float32', latents, [latents.length / 100, 100]);
        return (await session.run({ latents: input }))['images']!.data;
      },
    ]);
  }
  return engines;
}

async function installed(name: string): Promise<Onnxruntime | undefined> {
  try {
    return (await import(name)) as Onnxruntime;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function onnxFile(model: tf.LayersModel): Promise<Uint8Array | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-gan-onnx-'));
  try {
    const weights = model.layers.flatMap((layer) => layer.getWeights());
    const values = await Promise.all(weights.map((weight) => weight.data()));
    const [input, output] = [join(folder, 'weights.f32'), join(folder, 'generator.onnx')];
    writeFileSync(
      input,
      Buffer.concat(values.map((part) => Buffer.from(new Float32Array(part).buffer))),
    );
    const script = fileURLToPath(new URL('./peers/generator_to_onnx.py', import.meta.url));
    const { status, stderr } = spawnSync('/usr/bin/python3', [script, input, output], {
      encoding: 'utf8',
    });
    if (status === 0) return readFileSync(output);
    console.error(`Without onnxruntime: PyTorch did not write the ONNX file. ${stderr}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
