import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';
import { moves } from './broadcast.ts';

/** The number of the operation, as in assembly/binary.ts. */
const addOperation = 0;

/** Sums slices by segment: the gradient of picking them, as in an embedding. @internal */
export const segmentSumKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'segmentIds'>, tf.UnsortedSegmentSumAttrs>(
    tf.UnsortedSegmentSum,
    (call, { x, segmentIds }, { numSegments }) => {
      if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32') return undefined;
      const [count = 0, ...sliceShape] = x.shape;
      const length = tf.util.sizeFromShape(sliceShape);
      if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== count) return undefined;
      if (count === 0 || length === 0 || numSegments === 0) return undefined;
      const from = call.input(x);
      const numbers = call.input(segmentIds);
      const { tensor, address } = call.output([numSegments, ...sliceShape], 'float32');
      call.wasm.fillFloats(address, numSegments * length, 0);
      call.view('int32', numbers, count).forEach((segment, slice) => {
        // As on cpu, ids out of range are skipped.
        if (segment < 0 || segment >= numSegments) return;
        const to = address + segment * length * 4;
        const own = from + slice * length * 4;
        call.wasm.binary(addOperation, to, to, own, 1, length, 0, 0, moves.both);
      });
      return tensor;
    },
  ),
];
