import type * as tf from '@tensorflow/tfjs';
import type { ThreadScratch } from './fork-join.ts';
import type { KernelExports } from './kernels-binary.ts';
import type { ResidentArray, ResidentType } from './stored-tensor.ts';

/**
 * The context of one call of a kernel of this backend.
 *
 * Addresses stay valid for the whole call. A later `input`, `output` or `scratch` may grow the
 * memory and invalidate views: create views last. If a kernel throws, everything it allocated is
 * freed.
 *
 * @internal
 */
export interface KernelCall {
  /** The compiled kernels. */
  readonly wasm: KernelExports;
  /**
   * The address of a tensor's values, in the tensor's dtype; copies them into the memory if they
   * are not there.
   */
  input(tensor: tf.TensorInfo): number;
  /** Whether a tensor's values are in the memory already; false for a tensor of another backend. */
  isResident(tensor: tf.TensorInfo): boolean;
  /** Allocates a tensor with arbitrary values. Return `tensor` as the kernel's result. */
  output(shape: readonly number[], dtype: ResidentType): KernelOutput;
  /** The same values under another shape: no copy, one more reference. */
  reshaped(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo;
  /**
   * Scratch memory, aligned to 64 bytes, with arbitrary contents; freed when the kernel returns.
   */
  scratch(bytes: number): number;
  /** Lets {@link KernelCall.form} keep what it computes from a tensor. */
  keepForms(tensor: tf.TensorInfo): void;
  /** Whether {@link KernelCall.form} keeps what it computes from a tensor. */
  keepsForms(tensor: tf.TensorInfo): boolean;
  /**
   * Memory with what `compute` writes there, a function of the tensor's values alone: scratch
   * memory, or a block that is kept as long as the values and only computed once.
   * `name` distinguishes the forms of a tensor; it must imply the number of bytes.
   */
  form(
    tensor: tf.TensorInfo,
    name: string,
    bytes: number,
    compute: (address: number) => void,
  ): number;
  /**
   * What `compute` returns, a function of sizes alone; computed once.
   *
   * @param name - Distinguishes all plans of the backend.
   */
  plan<Plan>(name: string, compute: () => Plan): Plan;
  /** The number of threads that share the work. Each needs its own scratch memory. */
  readonly threads: number;
  /**
   * The number of parts to split about this many operations into: 1 for one thread or little work.
   * A value read, changed and written counts as eight operations.
   */
  partsFor(operations: number): number;
  /**
   * Runs one compiled kernel once for each list of arguments, on all threads, and returns when all
   * have finished.
   *
   * Split over outputs only, so that the bits do not depend on the number of parts.
   *
   * @param kernel - Its name.
   * @param parts - At most 128.
   * @param scratch - The argument that is scratch memory, with a block for each thread.
   */
  runParts<Name extends KernelName>(
    kernel: Name,
    parts: readonly Parameters<KernelExports[Name]>[],
    scratch?: ThreadScratch,
  ): void;
  /** A view of the memory, to fill small tables (strides, offsets) or to read results. */
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
 * One kernel, registered under a kernel name of tfjs.
 *
 * @internal
 */
export interface WasmKernel {
  readonly kernelName: string;
  /**
   * @returns The result, or `undefined` before any work to leave this case to the inherited cpu
   * kernel.
   */
  readonly run: (
    call: KernelCall,
    inputs: never,
    attributes: never,
  ) => tf.TensorInfo | tf.TensorInfo[] | undefined;
  /**
   * For a kernel whose result is often unused: the shape of that result, one float tensor. The
   * result is then computed on first access, or never.
   *
   * @returns `undefined` if `run` would leave the case to cpu.
   */
  readonly shapeOfLater?:
    ((inputs: never, attributes: never) => readonly number[] | undefined) | undefined;
}

/** The backend, as a registered kernel sees it. @internal */
export interface KernelRunner {
  /** Counts the operations that run on inherited kernels. */
  readonly inherited: { run<Result>(kernelName: string, kernel: () => Result): Result };
  /**
   * Computes deferred inputs first: computing one during an inherited kernel could detach its view
   * of another.
   */
  computeAll(inputs: tf.NamedTensorInfoMap): void;
  /**
   * @returns The kernel's result, or `undefined` if it leaves the case to cpu.
   */
  run(
    kernel: WasmKernel,
    inputs: tf.NamedTensorInfoMap,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | undefined;
}

/** The backend, as a planned pass sees it. @internal */
export interface KernelHost {
  /**
   * Runs a kernel on tensors that it supports, without deferring it.
   *
   * @returns The results; the caller frees them.
   */
  compute(kernel: WasmKernel, inputs: object, attributes: object): tf.TensorInfo | tf.TensorInfo[];
  /** Frees one reference to a tensor. */
  disposeData(dataId: object): boolean;
}

/** The input tensors of a kernel, by their names in tfjs: `Inputs<'a' | 'b'>`. @internal */
export type Inputs<Names extends string> = { readonly [name in Names]: tf.TensorInfo };

/**
 * Creates a kernel from its name and function, with typed inputs and attributes (`tf.SumAttrs`, …).
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
