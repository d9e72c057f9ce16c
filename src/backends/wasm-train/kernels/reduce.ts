import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { ranges, rowRanges } from './split.ts';

/** How the values along an axis are reduced. */
type Reduction = 'sum' | 'mean' | 'max' | 'min';

/** Sum, mean, maximum and minimum over any axes. @internal */
export const reduceKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x'>, tf.SumAttrs>(tf.Sum, (call, { x }, { axis, keepDims }) =>
    reduceAxes(call, 'sum', x, axis, keepDims),
  ),
  wasmKernel<Inputs<'x'>, tf.MeanAttrs>(tf.Mean, (call, { x }, { axis, keepDims }) =>
    reduceAxes(call, 'mean', x, axis, keepDims),
  ),
  wasmKernel<Inputs<'x'>, tf.MaxAttrs>(tf.Max, (call, { x }, { reductionIndices, keepDims }) =>
    reduceAxes(call, 'max', x, reductionIndices, keepDims),
  ),
  wasmKernel<Inputs<'x'>, tf.MinAttrs>(tf.Min, (call, { x }, { axis, keepDims }) =>
    reduceAxes(call, 'min', x, axis, keepDims),
  ),
];

function reduceAxes(
  call: KernelCall,
  reduction: Reduction,
  x: tf.TensorInfo,
  axis: number | number[],
  keepDims: boolean,
): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32' || tf.util.sizeFromShape(x.shape) === 0) return undefined;
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const [keptShape] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(keptShape, axes) : keptShape;

  const runs = axisRuns(x.shape, axes);
  const passes = runs.filter((run) => run.reduced).length;
  if (passes === 0) return call.reshaped(x, shape);

  let from = call.input(x);
  let size = tf.util.sizeFromShape(x.shape);
  const { tensor, address } = call.output(shape, 'float32');
  // From the last run of reduced axes to the first, so that only kept axes follow a run.
  let inner = 1;
  let left = passes;
  for (const run of [...runs].reverse()) {
    if (!run.reduced) {
      inner *= run.size;
      continue;
    }
    left -= 1;
    const outer = size / (run.size * inner);
    const to = left === 0 ? address : call.scratch(outer * inner * 4);
    reduce(call, reduction, to, from, [outer, run.size, inner]);
    from = to;
    size = outer * inner;
  }
  return tensor;
}

/** A cache line of floats. */
const columnsApart = 16;

/**
 * Reduces `[outer, reduced, inner]` to `[outer, inner]`; splits along outer, or along inner if
 * outer is 1.
 *
 * @internal
 */
export function reduce(
  call: KernelCall,
  reduction: Reduction,
  target: number,
  x: number,
  [outer, reduced, inner]: readonly [outer: number, reduced: number, inner: number],
): void {
  const byColumns = outer === 1;
  const runs = byColumns
    ? ranges(inner, columnsApart, call.partsFor(8 * reduced * inner))
    : rowRanges(call, outer, reduced * inner);
  const parts = runs.map(({ first, count }) => {
    const to = target + first * (byColumns ? 1 : inner) * 4;
    const from = x + first * (byColumns ? 1 : reduced * inner) * 4;
    return byColumns
      ? ([to, from, 1, reduced, count, inner] as const)
      : ([to, from, count, reduced, inner, inner] as const);
  });
  if (reduction === 'max' || reduction === 'min') {
    call.runParts(
      reduction,
      parts.map((part) => [...part]),
    );
  } else {
    const scale = reduction === 'mean' ? 1 / reduced : 1;
    call.runParts(
      'sum',
      parts.map((part) => [...part, scale]),
    );
  }
}

interface AxisRun {
  size: number;
  readonly reduced: boolean;
}

/** Merges neighboring axes that are all reduced or all kept, without axes of size 1. */
function axisRuns(shape: readonly number[], axes: readonly number[]): AxisRun[] {
  const runs: AxisRun[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  }
  return runs;
}
