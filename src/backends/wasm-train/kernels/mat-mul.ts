import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { broadcastAxes, forEachPosition } from './broadcast.ts';
import { activate, addBias, isKnownEpilogue, isRow, startRow } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';
import { multiplyPacked } from './multiply-packed.ts';
import type { PackedMatrix } from './multiply-packed.ts';
import { packMatrix } from './pack-matrix.ts';
import type { Matrix } from './pack-matrix.ts';
import { packedBytes } from './packed-bytes.ts';
import { ranges } from './split.ts';

type FusedInputs = Inputs<'a' | 'b'> & Pick<Epilogue, 'bias' | 'preluActivationWeights'>;

/** Matrix products. @internal */
export const matMulKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'a' | 'b'>, tf.BatchMatMulAttrs>(
    tf.BatchMatMul,
    (call, { a, b }, attributes) => matMul(call, a, b, attributes, {}),
    // The gradient of a weight, which a fused product computes even if it is not requested.
    ({ a, b }, attributes) =>
      attributes.transposeA && !attributes.transposeB ? shapeOf(a, b, attributes) : undefined,
  ),
  wasmKernel<FusedInputs, tf._FusedMatMulAttrs>(tf._FusedMatMul, (call, inputs, attributes) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const { activation, leakyreluAlpha } = attributes;
    const epilogue = { bias, preluActivationWeights, activation, leakyreluAlpha };
    return matMul(call, a, b, attributes, epilogue);
  }),
];

/** The scratch memory of a product. */
interface Work extends PackedMatrix {
  /** Whether the right matrix is packed already. */
  readonly isPacked: boolean;
}

interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The shape of a product, or `undefined` for the cases left to cpu. */
function shapeOf(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB }: Transposed,
): number[] | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  if (tf.util.sizeFromShape(a.shape) === 0 || tf.util.sizeFromShape(b.shape) === 0) {
    return undefined;
  }
  // Matrices that do not match are an error, which cpu's kernel throws.
  if (a.shape.at(transposeA ? -2 : -1) !== b.shape.at(transposeB ? -1 : -2)) return undefined;
  const batch = tf.backend_util.assertAndGetBroadcastShape(
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  return [...batch, a.shape.at(transposeA ? -1 : -2) ?? 1, b.shape.at(transposeB ? -2 : -1) ?? 1];
}

function matMul(
  call: KernelCall,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposed: Transposed,
  epilogue: Epilogue,
): tf.TensorInfo | undefined {
  const shape = shapeOf(a, b, transposed);
  if (shape === undefined || !isKnownEpilogue(epilogue)) return undefined;
  const aBatch = a.shape.slice(0, -2);
  const bBatch = b.shape.slice(0, -2);
  const batchShape = shape.slice(0, -2);
  const aCount = tf.util.sizeFromShape(aBatch);
  const bCount = tf.util.sizeFromShape(bBatch);

  const left = matrixOf(call.input(a), a.shape, transposed.transposeA);
  const right = matrixOf(call.input(b), b.shape, transposed.transposeB);
  const { tensor, address } = call.output(shape, 'float32');
  const isKept = bCount === 1 && right.columns > 1 && call.keepsForms(b);
  const bytes = packedBytes(right.rows, right.columns);
  const pack = (to: number): void => {
    packMatrix(call, to, right);
  };
  const work: Work = {
    start: startRow(call, right.columns, epilogue.bias),
    packed: isKept ? call.form(b, `columns ${right.columnStep}`, bytes, pack) : call.scratch(bytes),
    isPacked: isKept,
    scratch: call.scratch(call.wasm.gemmScratch() * call.threads),
  };

  if (bCount === 1 && !transposed.transposeA) {
    // One tall product: the matrices of A, stacked vertically.
    multiply(call, address, { ...left, rows: aCount * left.rows }, right, work);
  } else {
    const size = left.rows * right.columns;
    forEachPosition(broadcastAxes(aBatch, bBatch, batchShape), (position, aIndex, bIndex) => {
      const target = address + position * size * 4;
      multiply(call, target, nth(left, aIndex), nth(right, bIndex), work);
    });
  }
  if (!isRow(epilogue.bias, right.columns)) addBias(call, address, shape, epilogue.bias);
  activate(call, address, shape, epilogue);
  return tensor;
}

function matrixOf(address: number, shape: readonly number[], transposed: boolean): Matrix {
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1) ?? 1;
  return transposed
    ? { address, rows: columns, columns: rows, rowStep: 1, columnStep: columns }
    : { address, rows, columns, rowStep: columns, columnStep: 1 };
}

function nth(matrix: Matrix, index: number): Matrix {
  return { ...matrix, address: matrix.address + index * matrix.rows * matrix.columns * 4 };
}

/** target = start + a · b, by the algorithm that suits the shapes. */
function multiply(call: KernelCall, target: number, a: Matrix, b: Matrix, work: Work): void {
  const { address: x } = a;
  const { address: y } = b;
  const product = { target, start: work.start, k: a.columns };
  // The values of a vector are adjacent, as a row or as a column.
  if (work.isPacked) {
    multiplyPacked(call, target, a, b.columns, work);
  } else if (b.columns === 1) {
    const rows = { matrix: x, count: a.rows, startStep: 0 as const };
    if (a.columnStep === 1) rowsByVector(call, { ...product, ...rows, vector: y, step: a.rowStep });
    else vectorByRows(call, { ...product, ...rows, vector: y, step: a.columnStep });
  } else if (a.rows === 1) {
    const columns = { matrix: y, count: b.columns, startStep: 1 as const };
    if (b.columnStep === 1)
      vectorByRows(call, { ...product, ...columns, vector: x, step: b.rowStep });
    else rowsByVector(call, { ...product, ...columns, vector: x, step: b.columnStep });
  } else {
    packMatrix(call, work.packed, b);
    multiplyPacked(call, target, a, b.columns, work);
  }
}

/** A matrix times a vector. */
interface VectorProduct {
  readonly target: number;
  readonly matrix: number;
  /** Values from one dense run of the matrix to the next. */
  readonly step: number;
  readonly vector: number;
  readonly start: number;
  readonly startStep: 0 | 1;
  /** The number of results, and the number of products in each. */
  readonly count: number;
  readonly k: number;
}

/**
 * Each result is a dense run of the matrix times the vector. Split by fours, which are computed
 * together.
 */
function rowsByVector(call: KernelCall, product: VectorProduct): void {
  const { target, matrix, step, vector, start, startStep, count, k } = product;
  call.runParts(
    'multiplyRowsByVector',
    ranges(count, 4, call.partsFor(2 * count * k)).map(({ first, count: rows }) => [
      ...([target + first * 4, matrix + first * step * 4, step, vector] as const),
      ...([start + first * startStep * 4, startStep, rows, k] as const),
    ]),
  );
}

/** Sums the dense runs of the matrix, each times a value of the vector. Split by cache lines. */
function vectorByRows(call: KernelCall, product: VectorProduct): void {
  const { target, matrix, step, vector, start, startStep, count, k } = product;
  call.runParts(
    'multiplyVectorByRows',
    ranges(count, 32, call.partsFor(2 * count * k)).map(({ first, count: columns }) => [
      ...([target + first * 4, vector, matrix + first * 4, step] as const),
      ...([start + first * startStep * 4, startStep, columns, k] as const),
    ]),
  );
}
