import * as tf from '@tensorflow/tfjs';
import { elementwiseKernels } from './kernels/elementwise.ts';
import type { WasmKernel } from './wasm-kernel.ts';
import type { WasmTrainBackend } from './wasm-train-backend.ts';

/** The kernels of our own, by family. */
const ownKernels: readonly WasmKernel[] = [...elementwiseKernels];

/**
 * Registers every kernel of the backend under a name: cpu's, and over them our own.
 *
 * @internal
 */
export function registerKernels(backendName: string): void {
  const own = new Map(ownKernels.map((kernel) => [kernel.kernelName, kernel]));
  for (const inherited of tf.getKernelsForBackend('cpu')) {
    const kernel = own.get(inherited.kernelName);
    own.delete(inherited.kernelName);
    tf.registerKernel(
      kernel === undefined
        ? { ...inherited, backendName }
        : { ...inherited, backendName, kernelFunc: withFallback(kernel, inherited.kernelFunc) },
    );
  }
  for (const kernel of own.values()) {
    tf.registerKernel({
      kernelName: kernel.kernelName,
      backendName,
      kernelFunc: withFallback(kernel),
    });
  }
}

/** Runs our kernel, and the inherited one in the cases ours leaves to it. */
function withFallback(kernel: WasmKernel, inherited?: tf.KernelFunc): tf.KernelFunc {
  return (params) => {
    const backend = params.backend as WasmTrainBackend;
    const result = backend.run(kernel, params.inputs, params.attrs) ?? inherited?.(params);
    if (result === undefined) {
      throw new TypeError(
        `Cannot run ${kernel.kernelName}: its tensors must be of type float32 and of one shape`,
      );
    }
    return result;
  };
}
