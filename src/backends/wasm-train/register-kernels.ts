import * as tf from '@tensorflow/tfjs';
import { adamKernels } from './kernels/adam-update.ts';
import { arrangeKernels } from './kernels/arrange.ts';
import { batchNormKernels } from './kernels/batch-norm.ts';
import { batchNormTrainingKernels } from './kernels/batch-norm-training.ts';
import { binaryKernels } from './kernels/binary.ts';
import { conv2dBackpropFilterKernels } from './kernels/conv2d-backprop-filter.ts';
import { conv2dBackpropInputKernels } from './kernels/conv2d-backprop-input.ts';
import { conv2dKernels } from './kernels/conv2d.ts';
import { convertKernels } from './kernels/convert.ts';
import { depthwiseKernels } from './kernels/depthwise.ts';
import { matMulKernels } from './kernels/mat-mul.ts';
import { gatherKernels } from './kernels/gather.ts';
import { globalNormKernels } from './kernels/global-norm.ts';
import { poolKernels } from './kernels/pool.ts';
import { reduceKernels } from './kernels/reduce.ts';
import { resizeBilinearGradKernels } from './kernels/resize-bilinear-grad.ts';
import { resizeKernels } from './kernels/resize.ts';
import { reusedTensorKernels } from './kernels/reused-tensor.ts';
import { segmentSumKernels } from './kernels/segment-sum.ts';
import { softmaxKernels } from './kernels/softmax.ts';
import { unaryKernels } from './kernels/unary.ts';
import type { KernelRunner, WasmKernel } from './wasm-kernel.ts';

/** The kernels of this backend, by family. */
const ownKernels: readonly WasmKernel[] = [
  ...adamKernels,
  ...arrangeKernels,
  ...batchNormKernels,
  ...batchNormTrainingKernels,
  ...binaryKernels,
  ...conv2dBackpropFilterKernels,
  ...conv2dBackpropInputKernels,
  ...conv2dKernels,
  ...convertKernels,
  ...depthwiseKernels,
  ...matMulKernels,
  ...gatherKernels,
  ...globalNormKernels,
  ...poolKernels,
  ...reduceKernels,
  ...resizeBilinearGradKernels,
  ...resizeKernels,
  ...reusedTensorKernels,
  ...segmentSumKernels,
  ...softmaxKernels,
  ...unaryKernels,
];

/** One of the backend's own kernels. @internal */
export function ownKernel(kernelName: string): WasmKernel {
  const kernel = ownKernels.find((one) => one.kernelName === kernelName);
  if (kernel === undefined)
    throw new RangeError(`Cannot run ${kernelName}: wasm-train has no such kernel`);
  return kernel;
}

/**
 * Registers every kernel of the backend under a name: cpu's, overridden by its own.
 *
 * @internal
 */
export function registerKernels(backendName: string): void {
  // Kernels stay registered after their backend is removed.
  if (tf.getKernelsForBackend(backendName).length > 0) return;
  const own = new Map(ownKernels.map((kernel) => [kernel.kernelName, kernel]));
  for (const inherited of tf.getKernelsForBackend('cpu')) {
    const kernel = own.get(inherited.kernelName);
    own.delete(inherited.kernelName);
    const counted = counting(inherited);
    const kernelFunc = kernel === undefined ? counted : withFallback(kernel, counted);
    tf.registerKernel({ ...inherited, backendName, kernelFunc });
  }
  for (const kernel of own.values()) {
    tf.registerKernel({
      kernelName: kernel.kernelName,
      backendName,
      kernelFunc: withFallback(kernel),
    });
  }
}

/** An inherited kernel that is counted for the backend's report. */
function counting({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc {
  return (params) => {
    const backend = params.backend as KernelRunner;
    backend.computeAll(params.inputs);
    return backend.inherited.run(kernelName, () => kernelFunc(params));
  };
}

/** Runs the backend's own kernel, or the inherited one in the cases left to it. */
function withFallback(kernel: WasmKernel, inherited?: tf.KernelFunc): tf.KernelFunc {
  return (params) => {
    const backend = params.backend as KernelRunner;
    const result = backend.run(kernel, params.inputs, params.attrs) ?? inherited?.(params);
    if (result === undefined) {
      throw new TypeError(
        `Cannot run ${kernel.kernelName}: its tensors must have dtype float32 and one shape`,
      );
    }
    return result;
  };
}
