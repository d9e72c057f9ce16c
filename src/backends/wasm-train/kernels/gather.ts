import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';

/** Picks slices by index: the batches of a dataset, the rows of an embedding. @internal */
export const gatherKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'indices'>, tf.GatherV2Attrs>(
    tf.GatherV2,
    (call, { x, indices }, { axis, batchDims }) => {
      if ((x.dtype !== 'float32' && x.dtype !== 'int32') || indices.dtype !== 'int32') {
        return undefined;
      }
      const count = tf.util.sizeFromShape(indices.shape);
      if (tf.util.sizeFromShape(x.shape) === 0 || count === 0) return undefined;
      const along = tf.util.parseAxisParam(axis, x.shape)[0] ?? 0;
      const shape = tf.backend_util.segment_util.collectGatherOpShapeInfo(
        // Only the shapes are read.
        x,
        indices,
        along,
        batchDims,
      );
      const indicesAddress = call.input(indices);
      const numbers = call.view('int32', indicesAddress, count);
      // An index out of range is an error, which cpu's kernel throws.
      if (!numbers.every((index) => index >= 0 && index < shape.dimSize)) return undefined;
      const from = call.input(x);
      const { tensor, address } = call.output(shape.outputShape, x.dtype);
      call.wasm.gather(
        address,
        from,
        indicesAddress,
        shape.batchSize,
        shape.outerSize,
        shape.dimSize,
        shape.sliceSize,
        count / shape.batchSize,
      );
      return tensor;
    },
  ),
];
