import * as tf from '@tensorflow/tfjs';
import type { KernelCall } from '../wasm-kernel.ts';
import { broadcastAxes, forEachPosition, moves } from './broadcast.ts';
import { applyUnary } from './unary.ts';

/** What tfjs's fused products apply to their result. @internal */
export interface Epilogue {
  readonly bias?: tf.TensorInfo | undefined;
  readonly activation?: tf.fused.Activation | 'tanh' | undefined;
  readonly preluActivationWeights?: tf.TensorInfo | undefined;
  readonly leakyreluAlpha?: number | undefined;
}

/** Numbers of the activations, as in assembly/unary.ts. */
const activations = { relu: 0, leakyrelu: 1, tanh: 2, sigmoid: 3, elu: 15, relu6: 16 } as const;

/** Numbers of the operations, as in assembly/binary.ts. */
const addOperation = 0;
const preluOperation = 7;

/** Whether the functions below support every part of an epilogue. @internal */
export function isKnownEpilogue(epilogue: Epilogue): boolean {
  const { activation, bias, preluActivationWeights } = epilogue;
  if (bias !== undefined && bias.dtype !== 'float32') return false;
  if (preluActivationWeights !== undefined && preluActivationWeights.dtype !== 'float32') {
    return false;
  }
  if (activation === 'prelu') return preluActivationWeights !== undefined;
  return activation === undefined || activation === 'linear' || activation in activations;
}

/**
 * The start values of a product's sums, one for each column: the bias if it has one value for each
 * column, else zeros. Padded to a multiple of eight.
 *
 * @internal
 */
export function startRow(call: KernelCall, columns: number, bias?: tf.TensorInfo): number {
  const padded = Math.ceil(columns / 8) * 8;
  const source = bias !== undefined && isRow(bias, columns) ? call.input(bias) : undefined;
  const row = call.scratch(padded * 4);
  call.wasm.fillFloats(row, padded, 0);
  if (source !== undefined) {
    call.view('float32', row, columns).set(call.view('float32', source, columns));
  }
  return row;
}

/** Whether {@link startRow} includes a bias; if not, {@link addBias} must add it. @internal */
export function isRow(bias: tf.TensorInfo | undefined, columns: number): boolean {
  return bias?.shape.at(-1) === columns && tf.util.sizeFromShape(bias.shape) === columns;
}

/** Adds a bias of any shape to a finished product. @internal */
export function addBias(
  call: KernelCall,
  address: number,
  shape: readonly number[],
  bias: tf.TensorInfo | undefined,
): void {
  if (bias !== undefined) combineInPlace(call, addOperation, address, shape, bias);
}

/** Applies the activation to a product that has its bias. @internal */
export function activate(
  call: KernelCall,
  address: number,
  shape: readonly number[],
  epilogue: Epilogue,
): void {
  const { activation, preluActivationWeights, leakyreluAlpha } = epilogue;
  if (activation === 'prelu' && preluActivationWeights !== undefined) {
    combineInPlace(call, preluOperation, address, shape, preluActivationWeights);
  } else if (activation !== undefined && activation in activations) {
    const operation = activations[activation as keyof typeof activations];
    const size = tf.util.sizeFromShape([...shape]);
    applyUnary(call, operation, address, address, size, [leakyreluAlpha ?? 0, 0]);
  }
}

function combineInPlace(
  call: KernelCall,
  operation: number,
  address: number,
  shape: readonly number[],
  other: tf.TensorInfo,
): void {
  const otherAddress = call.input(other);
  const axes = broadcastAxes(shape, other.shape, shape);
  const columns = axes.pop() ?? { size: 1, moves: moves.both, aStep: 1, bStep: 1 };
  const rows = axes.pop() ?? { size: 1, moves: moves.both, aStep: 0, bStep: 0 };
  forEachPosition(axes, (_position, own, others) => {
    const target = address + own * 4;
    const second = otherAddress + others * 4;
    const { size, moves: kind } = columns;
    call.wasm.binary(
      operation,
      target,
      target,
      second,
      rows.size,
      size,
      rows.aStep,
      rows.bStep,
      kind,
    );
  });
}
