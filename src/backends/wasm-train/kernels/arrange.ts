import * as tf from '@tensorflow/tfjs';
import type { ResidentType } from '../stored-tensor.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';
import { denseSteps, stridedCopy } from './strided-copy.ts';

/** Kernels that move values without changing them. @internal */
export const arrangeKernels: readonly WasmKernel[] = [
  // Without the values, which may not be computed yet. The parts of a complex tensor are left to
  // cpu.
  wasmKernel<Inputs<'x'>>(tf.Identity, (call, { x }) =>
    x.dtype === 'complex64' ? undefined : call.reshaped(x, x.shape),
  ),
  wasmKernel<Inputs<'x'>, tf.ReshapeAttrs>(tf.Reshape, (call, { x }, { shape }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const whole = tf.util.inferFromImplicitShape(shape, size);
    const fits = tf.util.sizeFromShape(whole) === size;
    return fits && x.dtype !== 'complex64' ? call.reshaped(x, whole) : undefined;
  }),
  wasmKernel<Inputs<'x'>, tf.TransposeAttrs>(tf.Transpose, (call, { x }, { perm }) => {
    if (!isMovable(x)) return undefined;
    const shape = perm.map((axis) => x.shape[axis] ?? 1);
    const from = call.input(x);
    const { tensor, address } = call.output(shape, x.dtype);
    const sourceSteps = denseSteps(x.shape);
    const targetSteps = denseSteps(shape);
    const axes = perm.map((axis, position) => ({
      size: shape[position] ?? 1,
      targetStep: targetSteps[position] ?? 1,
      sourceStep: sourceSteps[axis] ?? 1,
    }));
    stridedCopy(call, address, from, axes);
    return tensor;
  }),

  wasmKernel<Inputs<'x'>, tf.SliceAttrs>(tf.Slice, (call, { x }, { begin, size }) => {
    if (!isMovable(x)) return undefined;
    const [start, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
    tf.slice_util.assertParamsValid(x, start, shape);
    if (tf.util.sizeFromShape(shape) === 0) return undefined;
    // On cpu a slice of a JavaScript array is a free view, so a dataset need not move into the
    // memory for each of its batches.
    if (!call.isResident(x) && tf.slice_util.isSliceContinous(x.shape, start, shape)) {
      return undefined;
    }
    const from = call.input(x);
    const { tensor, address } = call.output(shape, x.dtype);
    const sourceSteps = denseSteps(x.shape);
    stridedCopy(
      call,
      address,
      from + offsetOf(start, sourceSteps) * 4,
      between(shape, denseSteps(shape), sourceSteps),
    );
    return tensor;
  }),

  wasmKernel<Inputs<'x'>, tf.PadV2Attrs>(tf.PadV2, (call, { x }, { paddings, constantValue }) => {
    if (!isMovable(x) || x.dtype !== 'float32') return undefined;
    const shape = x.shape.map((size, axis) => {
      const [before, after] = paddings[axis] ?? [0, 0];
      return before + size + after;
    });
    const from = call.input(x);
    const { tensor, address } = call.output(shape, 'float32');
    call.wasm.fillFloats(address, tf.util.sizeFromShape(shape), constantValue);
    const targetSteps = denseSteps(shape);
    const start = paddings.map(([before]) => before);
    stridedCopy(
      call,
      address + offsetOf(start, targetSteps) * 4,
      from,
      between(x.shape, targetSteps, denseSteps(x.shape)),
    );
    return tensor;
  }),

  wasmKernel<Inputs<'x'>, tf.TileAttrs>(tf.Tile, (call, { x }, { reps }) => {
    if (!isMovable(x) || reps.length !== x.shape.length || reps.includes(0)) return undefined;
    const shape = x.shape.map((size, axis) => size * (reps[axis] ?? 1));
    const from = call.input(x);
    const { tensor, address } = call.output(shape, x.dtype);
    const sourceSteps = denseSteps(x.shape);
    const targetSteps = denseSteps(shape);
    // Each axis becomes two: the repeats, with a step of 0 in the source, and the positions.
    const axes = x.shape.flatMap((size, axis) => {
      const targetStep = targetSteps[axis] ?? 1;
      return [
        { size: reps[axis] ?? 1, targetStep: targetStep * size, sourceStep: 0 },
        { size, targetStep, sourceStep: sourceSteps[axis] ?? 1 },
      ];
    });
    stridedCopy(call, address, from, axes);
    return tensor;
  }),

  wasmKernel<tf.TensorInfo[], tf.ConcatAttrs>(tf.Concat, (call, tensors, { axis }) => {
    const shapes = tensors.map(({ shape }) => shape);
    const [along = 0] = tf.util.parseAxisParam(axis, shapes[0] ?? []);
    tf.backend_util.assertParamsConsistent(shapes, along);
    const filled = tensors.filter(({ shape }) => tf.util.sizeFromShape(shape) > 0);
    const [first] = filled;
    if (first === undefined || filled.length < 2 || !isMovable(first)) return undefined;
    if (filled.some(({ dtype }) => dtype !== first.dtype)) return undefined;

    const shape = tf.backend_util.computeOutShape(shapes, along);
    const addresses = filled.map((tensor) => call.input(tensor));
    const { tensor, address } = call.output(shape, first.dtype);
    const rowLength = tf.util.sizeFromShape(shape.slice(along));
    const rows = tf.util.sizeFromShape(shape.slice(0, along));
    let column = 0;
    for (const [index, part] of filled.entries()) {
      const length = tf.util.sizeFromShape(part.shape.slice(along));
      stridedCopy(call, address + column * 4, addresses[index] ?? 0, [
        { size: rows, targetStep: rowLength, sourceStep: length },
        { size: length, targetStep: 1, sourceStep: 1 },
      ]);
      column += length;
    }
    return tensor;
  }),

  wasmKernel<Inputs<'x'>, tf.SplitVAttrs>(tf.SplitV, (call, { x }, { numOrSizeSplits, axis }) => {
    if (!isMovable(x)) return undefined;
    const [along = 0] = tf.util.parseAxisParam(axis, x.shape);
    const sizes = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, along);
    if (sizes.some((size) => size <= 0)) return undefined;
    const from = call.input(x);
    const sourceSteps = denseSteps(x.shape);
    let first = 0;
    return sizes.map((size) => {
      const shape = x.shape.with(along, size);
      const { tensor, address } = call.output(shape, x.dtype);
      const start = from + first * (sourceSteps[along] ?? 1) * 4;
      stridedCopy(call, address, start, between(shape, denseSteps(shape), sourceSteps));
      first += size;
      return tensor;
    });
  }),
];

/** Whether a tensor is not empty and has 32-bit values. */
function isMovable(
  x: tf.TensorInfo,
): x is tf.TensorInfo & { dtype: Exclude<ResidentType, 'bool'> } {
  return (x.dtype === 'float32' || x.dtype === 'int32') && tf.util.sizeFromShape(x.shape) > 0;
}

function offsetOf(position: readonly number[], steps: readonly number[]): number {
  return position.reduce((offset, index, axis) => offset + index * (steps[axis] ?? 0), 0);
}

function between(
  sizes: readonly number[],
  targetSteps: readonly number[],
  sourceSteps: readonly number[],
): { size: number; targetStep: number; sourceStep: number }[] {
  return sizes.map((size, axis) => ({
    size,
    targetStep: targetSteps[axis] ?? 1,
    sourceStep: sourceSteps[axis] ?? 1,
  }));
}
