import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { broadcastAxes, forEachPosition } from './broadcast.ts';
import { activate, addBias, isKnownEpilogue, isRow, startRow } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';
import { packedBytes } from './packed-bytes.ts';

type FusedInputs = Inputs<'a' | 'b'> & Pick<Epilogue, 'bias' | 'preluActivationWeights'>;

/** Products of matrices. @internal */
export const matMulKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'a' | 'b'>, tf.BatchMatMulAttrs>(tf.BatchMatMul, (call, { a, b }, attributes) =>
    matMul(call, a, b, attributes, {}),
  ),
  wasmKernel<FusedInputs, tf._FusedMatMulAttrs>(tf._FusedMatMul, (call, inputs, attributes) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const { activation, leakyreluAlpha } = attributes;
    const epilogue = { bias, preluActivationWeights, activation, leakyreluAlpha };
    return matMul(call, a, b, attributes, epilogue);
  }),
];

/** A matrix in memory: steps in values from one row, and from one column, to the next. */
interface Matrix {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Room that a product needs. */
interface Work {
  /** What the sums start from, for each column. */
  readonly start: number;
  readonly packed: number;
  readonly scratch: number;
}

function matMul(
  call: KernelCall,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposed: { readonly transposeA: boolean; readonly transposeB: boolean },
  epilogue: Epilogue,
): tf.TensorInfo | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || !isKnownEpilogue(epilogue))
    return undefined;
  if (tf.util.sizeFromShape(a.shape) === 0 || tf.util.sizeFromShape(b.shape) === 0) {
    return undefined;
  }
  // Matrices that do not fit are an error, which cpu's kernel words.
  const shared = a.shape.at(transposed.transposeA ? -2 : -1);
  if (shared !== b.shape.at(transposed.transposeB ? -1 : -2)) return undefined;
  const aBatch = a.shape.slice(0, -2);
  const bBatch = b.shape.slice(0, -2);
  const batchShape = tf.backend_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const aCount = tf.util.sizeFromShape(aBatch);
  const bCount = tf.util.sizeFromShape(bBatch);

  const left = matrixOf(call.input(a), a.shape, transposed.transposeA);
  const right = matrixOf(call.input(b), b.shape, transposed.transposeB);
  const shape = [...batchShape, left.rows, right.columns];
  const { tensor, address } = call.output(shape, 'float32');
  const work: Work = {
    start: startRow(call, right.columns, epilogue.bias),
    packed: call.scratch(packedBytes(right.rows, right.columns)),
    scratch: call.scratch(call.wasm.gemmScratch()),
  };

  if (bCount === 1 && !transposed.transposeA) {
    // One tall product: all the matrices of A below each other.
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

/** target = start + a · b, by the way that suits the shapes. */
function multiply(call: KernelCall, target: number, a: Matrix, b: Matrix, work: Work): void {
  const { rows: m, columns: k } = a;
  const n = b.columns;
  const { wasm } = call;
  const { start, packed, scratch } = work;
  // The values of a vector are neighbours, whichever way it lies.
  if (n === 1 && a.columnStep === 1) {
    wasm.multiplyRowsByVector(target, a.address, a.rowStep, b.address, start, 0, m, k);
  } else if (n === 1) {
    wasm.multiplyVectorByRows(target, b.address, a.address, a.columnStep, start, 0, m, k);
  } else if (m === 1 && b.columnStep === 1) {
    wasm.multiplyVectorByRows(target, a.address, b.address, b.rowStep, start, 1, n, k);
  } else if (m === 1) {
    wasm.multiplyRowsByVector(target, b.address, b.columnStep, a.address, start, 1, n, k);
  } else {
    wasm.packMatrix(packed, b.address, b.rowStep, b.columnStep, k, n, k);
    wasm.gemm(target, n, a.address, a.rowStep, a.columnStep, packed, start, m, n, k, scratch);
  }
}
