import type { Network } from 'tfjs-gan';
import { exportOnnx, type ExportOnnxOptions } from 'tfjs-gan/export';

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

/** From latents of a hundred numbers to pixels, by the packages of onnxruntime that are installed. */
export async function onnxEngines(
  network: Network,
  threads: number,
  options: ExportOnnxOptions = {},
): Promise<[name: string, engine: (latents: Float32Array) => Promise<Float32Array>][]> {
  const engines: Awaited<ReturnType<typeof onnxEngines>> = [];
  const file = await exportOnnx(network, options);
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    const runtime = await installed(name);
    if (runtime === undefined) continue;
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
        return (await session.run({ latents: input }))['samples']!.data;
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
