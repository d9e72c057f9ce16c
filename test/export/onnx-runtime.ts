import type * as tf from '@tensorflow/tfjs';

/** A tensor of ONNX Runtime. */
export interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int32Array;
}

interface Session {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

/** What tests use of the package. */
interface OnnxRuntime {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OnnxTensor;
  readonly InferenceSession: { create(file: Uint8Array, options: object): Promise<Session> };
  readonly env: { readonly wasm: { numThreads?: number } };
}

/** ONNX_RUNTIME=onnxruntime-node runs the tests on native code, if that package is installed. */
const engine: string = process.env['ONNX_RUNTIME'] ?? 'onnxruntime-web';

/** Runs an ONNX file on each of some batches; tensors of two and more axes may be given channels first. */
export async function runOnnx(
  file: Uint8Array,
  batches: readonly Readonly<Record<string, tf.Tensor>>[],
): Promise<readonly Readonly<Record<string, OnnxTensor>>[]> {
  // By a name that is no literal: the package is large, and types of it are not needed.
  const runtime = (await import(engine)) as OnnxRuntime;
  runtime.env.wasm.numThreads = 1;
  const executionProviders = [engine.endsWith('node') ? 'cpu' : 'wasm'];
  const session = await runtime.InferenceSession.create(file, {
    executionProviders,
    logSeverityLevel: 3,
  });
  const results: Readonly<Record<string, OnnxTensor>>[] = [];
  for (const batch of batches) {
    const feeds: Record<string, OnnxTensor> = {};
    for (const [name, tensor] of Object.entries(batch)) {
      const type = tensor.dtype === 'int32' ? 'int32' : 'float32';
      feeds[name] = new runtime.Tensor(type, await tensor.data(), tensor.shape);
    }
    results.push(await session.run(feeds));
  }
  await session.release();
  return results;
}
