import type * as tf from '@tensorflow/tfjs';
import type { ThreadScratch } from './fork-join.ts';
import type { KernelExports } from './kernels-binary.ts';
import type { ResidentArray, ResidentType } from './stored-tensor.ts';

/**
 * What a kernel of ours works with during one call.
 *
 * Addresses stay valid for the whole call; views do not survive an `input`, `output` or `scratch` that comes after
 * them, since those may grow the memory: make views last. When a kernel throws, everything it took is given back.
 *
 * @internal
 */
export interface KernelCall {
  /** The compiled kernels. */
  readonly wasm: KernelExports;
  /**
   * The address of a tensor's values, of the tensor's own dtype; copies them into the memory when they are not there.
   */
  input(tensor: tf.TensorInfo): number;
  /** Whether a tensor's values are in the memory already; one that another backend holds is not. */
  isResident(tensor: tf.TensorInfo): boolean;
  /** A new tensor, its values not yet written. Give `tensor` back as the kernel's result. */
  output(shape: readonly number[], dtype: ResidentType): KernelOutput;
  /** The same values under another shape: no copy, one more reference. */
  reshaped(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo;
  /** Room for this call only; aligned to 64 bytes, contents arbitrary, given back when the kernel returns. */
  scratch(bytes: number): number;
  /** How many threads share the work; each that a job needs scratch for must have its own. */
  readonly threads: number;
  /**
   * Into how many parts work of about so many operations is worth being cut: 1 where there is one thread, or little
   * work. One value read, changed and written counts as eight operations.
   */
  partsFor(operations: number): number;
  /**
   * Runs one compiled kernel with each of several lists of arguments, on all threads, and returns when all are done.
   *
   * Cut over outputs only, so that the bits do not depend on how many parts there are.
   *
   * @param kernel - Its name.
   * @param parts - At most 128.
   * @param scratch - Which argument is scratch memory, of which there is a run of bytes for each thread.
   */
  runParts<Name extends KernelName>(
    kernel: Name,
    parts: readonly Parameters<KernelExports[Name]>[],
    scratch?: ThreadScratch,
  ): void;
  /** A view to fill small tables (strides, offsets) through, or to look at results. */
  view(dtype: 'float32', address: number, length: number): Float32Array;
  view(dtype: 'int32', address: number, length: number): Int32Array;
  view(dtype: ResidentType, address: number, length: number): ResidentArray;
}

/** The name of a compiled kernel. @internal */
export type KernelName = keyof KernelExports;

/** @internal */
export interface KernelOutput {
  readonly tensor: tf.TensorInfo;
  readonly address: number;
}

/**
 * One kernel: what it computes under which of tfjs's kernel names.
 *
 * @internal
 */
export interface WasmKernel {
  readonly kernelName: string;
  /**
   * @returns The result; or `undefined`, before any work, to leave this case to the inherited cpu kernel.
   */
  readonly run: (
    call: KernelCall,
    inputs: never,
    attributes: never,
  ) => tf.TensorInfo | tf.TensorInfo[] | undefined;
  /**
   * For a kernel whose result often nobody looks at: the shape of that result, of one float tensor. It is then computed when
   * it is first looked at, or never.
   *
   * @returns `undefined` where `run` would leave the case to cpu.
   */
  readonly shapeOfLater?:
    ((inputs: never, attributes: never) => readonly number[] | undefined) | undefined;
}

/** What runs kernels: the backend, as a registered kernel sees it. @internal */
export interface KernelRunner {
  /** Counts what is left to inherited kernels. */
  readonly inherited: { run<Result>(kernelName: string, kernel: () => Result): Result };
  /** Computes what is to be computed later: an inherited kernel's view of one input would not survive it for the next. */
  computeAll(inputs: tf.NamedTensorInfoMap): void;
  /**
   * @returns The kernel's result, or `undefined` where it leaves the case to cpu.
   */
  run(
    kernel: WasmKernel,
    inputs: tf.NamedTensorInfoMap,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | undefined;
}

/** The input tensors of a kernel, by the names tfjs gives them: `Inputs<'a' | 'b'>`. @internal */
export type Inputs<Names extends string> = { readonly [name in Names]: tf.TensorInfo };

/**
 * Ties a kernel to its name, with the types of its inputs and attributes (`tf.SumAttrs`, …).
 *
 * @internal
 */
export function wasmKernel<KernelInputs, Attributes = undefined>(
  kernelName: string,
  run: (
    call: KernelCall,
    inputs: KernelInputs,
    attributes: Attributes,
  ) => tf.TensorInfo | tf.TensorInfo[] | undefined,
  shapeOfLater?: (inputs: KernelInputs, attributes: Attributes) => readonly number[] | undefined,
): WasmKernel {
  return { kernelName, run, shapeOfLater };
}
