import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { PassPlanner, TrainingPass } from '../training-pass.ts';
import type { ForkJoin, ThreadScratch } from './fork-join.ts';
import { InheritedOps } from './inherited-ops.ts';
import type { KernelExports, KernelFlavour } from './kernels-binary.ts';
import type { MemoryPool } from './memory-pool.ts';
import { NetworkPass } from './pass/network-pass.ts';
import { bytesPerValue, StoredTensor, viewOf } from './stored-tensor.ts';
import type { ResidentArray, ResidentType } from './stored-tensor.ts';
import type {
  KernelCall,
  KernelHost,
  KernelName,
  KernelOutput,
  KernelRunner,
  WasmKernel,
} from './wasm-kernel.ts';

/** What `tf.memory()` returns in addition to tfjs's own counts. @internal */
export interface WasmTrainMemory {
  unreliable: boolean;
  reasons: string[];
  /** Bytes of the WebAssembly memory that tensors use. */
  wasmBytesInUse: number;
  /** The current size of the WebAssembly memory in bytes. */
  wasmBytesReserved: number;
}

const mostPlans = 1000;

/**
 * The tfjs backend. It extends the cpu backend: values are in a WebAssembly memory once a kernel of
 * this backend writes or reads them.
 *
 * `read` always returns a copy, which stays valid when the tensor is disposed and its block is
 * reused.
 *
 * @internal
 */
export class WasmTrainBackend
  extends MathBackendCPU
  implements KernelRunner, KernelHost, PassPlanner
{
  // Only this class adds entries.
  declare data: tf.DataStorage<StoredTensor>;
  readonly wasm: KernelExports;
  /** The module that runs; the other one returns other bits. */
  readonly flavour: KernelFlavour;
  readonly pool: MemoryPool;
  /** The operations that ran on cpu's kernels. */
  readonly inherited: InheritedOps = new InheritedOps();
  /** What kernels planned for sizes that they met, by name. */
  readonly plans: Map<string, unknown> = new Map<string, unknown>();
  /** The threads that share the work; `undefined` for one thread. */
  readonly workers: ForkJoin | undefined;

  /**
   * @param wasm - The exports of the compiled kernels, instantiated with the pool's memory.
   * @param flavour - Which kernels these are.
   * @param pool - The memory and its blocks.
   * @param workers - Threads that work on the same memory.
   */
  constructor(wasm: KernelExports, flavour: KernelFlavour, pool: MemoryPool, workers?: ForkJoin) {
    super();
    this.wasm = wasm;
    this.flavour = flavour;
    this.pool = pool;
    this.workers = workers;
  }

  override write(
    values: tf.backend_util.BackendValues,
    _shape: number[],
    dtype: tf.DataType,
  ): object {
    // Does not call super.write, whose first call recommends another backend on the console.
    const dataId = {};
    this.data.set(dataId, StoredTensor.inJavaScript(this.pool, dtype, values, 1));
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    if (dtype !== 'complex64') {
      this.data.set(dataId, StoredTensor.inJavaScript(this.pool, dtype, values, refCount));
      return;
    }
    const parts = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
    const stored = StoredTensor.inJavaScript(this.pool, dtype, undefined, refCount);
    stored.complexTensorInfos = {
      real: this.makeTensorInfo(shape, 'float32', parts.real),
      imag: this.makeTensorInfo(shape, 'float32', parts.imag),
    };
    this.data.set(dataId, stored);
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const stored = this.data.get(dataId);
    const parts = stored.complexTensorInfos;
    if (parts !== undefined) {
      return tf.backend_util.mergeRealAndImagArrays(
        this.readSync(parts.real.dataId) as Float32Array,
        this.readSync(parts.imag.dataId) as Float32Array,
      );
    }
    return tf.util.convertBackendValuesAndArrayBuffer(stored.copy(), stored.dtype);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.data.get(dataId);
    const disposed = super.disposeData(dataId, force);
    if (disposed) stored.release();
    return disposed;
  }

  override dispose(): void {
    this.workers?.dispose();
    super.dispose();
  }

  override memory(): WasmTrainMemory {
    return {
      unreliable: false,
      reasons: [],
      wasmBytesInUse: this.pool.bytesInUse,
      wasmBytesReserved: this.pool.bytesReserved,
    };
  }

  /** Runs a kernel of this backend. */
  run(
    kernel: WasmKernel,
    inputs: tf.NamedTensorInfoMap,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | undefined {
    const shape = kernel.shapeOfLater?.(inputs as never, (attributes ?? {}) as never);
    if (shape !== undefined) return this.#runLater(kernel, inputs, attributes, shape);
    return this.#runNow(kernel, inputs, attributes);
  }

  compute(kernel: WasmKernel, inputs: object, attributes: object): tf.TensorInfo | tf.TensorInfo[] {
    const result = this.#runNow(
      kernel,
      inputs as tf.NamedTensorInfoMap,
      attributes as tf.NamedAttrMap,
    );
    if (result !== undefined) return result;
    throw new TypeError(`Cannot run ${kernel.kernelName} on wasm-train with these tensors`);
  }

  trainingPass(model: tf.LayersModel): TrainingPass | undefined {
    // A backend that wraps the kernels of this one, for instance to time them, has another name.
    if (tf.getBackend() !== 'wasm-train') return undefined;
    return NetworkPass.of(model, this);
  }

  #runNow(
    kernel: WasmKernel,
    inputs: tf.NamedTensorInfoMap,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | undefined {
    const call = new Call(this);
    let result: tf.TensorInfo | tf.TensorInfo[] | undefined;
    try {
      result = kernel.run(call, inputs as never, (attributes ?? {}) as never);
    } finally {
      call.end(result !== undefined);
    }
    return result;
  }

  /** Computes the deferred inputs of an inherited kernel. */
  computeAll(inputs: tf.NamedTensorInfoMap): void {
    // Some kernels take a list of tensors under one name.
    const tensors: readonly (tf.TensorInfo | undefined)[] = Object.values({ ...inputs }).flat();
    for (const tensor of tensors) {
      if (tensor !== undefined) this.data.get(tensor.dataId).compute();
    }
  }

  /** Defers the result of a kernel. Its inputs may be disposed meanwhile: their values are kept. */
  #runLater(
    kernel: WasmKernel,
    inputs: tf.NamedTensorInfoMap,
    attributes: tf.NamedAttrMap | undefined,
    shape: readonly number[],
  ): tf.TensorInfo {
    const held = Object.entries<tf.TensorInfo>(inputs as Record<string, tf.TensorInfo>).map(
      ([name, tensor]) => {
        const stored = this.data.get(tensor.dataId);
        stored.hold();
        return { name, stored, tensor: { ...tensor, dataId: {} } };
      },
    );
    const forget = (): void => {
      for (const { stored } of held) stored.letGo();
    };
    const compute = (): number => {
      for (const { stored, tensor } of held) this.data.set(tensor.dataId, stored);
      try {
        const again = Object.fromEntries(held.map(({ name, tensor }) => [name, tensor]));
        const result = this.#runNow(kernel, again, attributes) as tf.TensorInfo;
        const address = this.data.get(result.dataId).takeBlock();
        this.data.delete(result.dataId);
        forget();
        return address;
      } finally {
        for (const { tensor } of held) this.data.delete(tensor.dataId);
      }
    };
    const dataId = {};
    const length = tf.util.sizeFromShape([...shape]);
    this.data.set(dataId, StoredTensor.computedLater(this.pool, length, { compute, forget }));
    return { dataId, shape: [...shape], dtype: 'float32' };
  }

  /**
   * The address of the values, for {@link KernelCall.input}; moves them here from another backend
   * if needed.
   */
  pointer(tensor: tf.TensorInfo): number {
    return this.data.get(tensor.dataId).pointer(tensor.dtype as ResidentType);
  }

  /** Creates a tensor from a block, and takes ownership of it. */
  adopt(shape: readonly number[], dtype: ResidentType, address: number): tf.TensorInfo {
    const dataId = {};
    const length = tf.util.sizeFromShape([...shape]);
    this.data.set(dataId, StoredTensor.inMemory(this.pool, dtype, address, length));
    return { dataId, shape: [...shape], dtype };
  }
}

/** One call of a kernel: records its allocations, so that they can be freed. */
class Call implements KernelCall {
  readonly wasm: KernelExports;
  readonly #backend: WasmTrainBackend;
  readonly #scratch: number[] = [];
  readonly #made: tf.TensorInfo[] = [];

  constructor(backend: WasmTrainBackend) {
    this.wasm = backend.wasm;
    this.#backend = backend;
  }

  input(tensor: tf.TensorInfo): number {
    return this.#backend.pointer(tensor);
  }

  isResident(tensor: tf.TensorInfo): boolean {
    return this.#backend.data.get(tensor.dataId).isResident;
  }

  output(shape: readonly number[], dtype: ResidentType): KernelOutput {
    const size = tf.util.sizeFromShape([...shape]);
    const address = this.#backend.pool.allocate(size * bytesPerValue(dtype));
    const tensor = this.#backend.adopt(shape, dtype, address);
    this.#made.push(tensor);
    return { tensor, address };
  }

  reshaped(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
    this.#backend.incRef(tensor.dataId);
    const result = { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
    this.#made.push(result);
    return result;
  }

  scratch(bytes: number): number {
    const address = this.#backend.pool.allocate(bytes);
    this.#scratch.push(address);
    return address;
  }

  keepForms(tensor: tf.TensorInfo): void {
    this.#backend.data.get(tensor.dataId).keepForms();
  }

  keepsForms(tensor: tf.TensorInfo): boolean {
    return this.#backend.data.get(tensor.dataId).keepsForms;
  }

  form(
    tensor: tf.TensorInfo,
    name: string,
    bytes: number,
    compute: (address: number) => void,
  ): number {
    const kept = this.#backend.data.get(tensor.dataId).form(name, bytes, compute);
    if (kept !== undefined) return kept;
    const address = this.scratch(bytes);
    compute(address);
    return address;
  }

  plan<Plan>(name: string, compute: () => Plan): Plan {
    const { plans } = this.#backend;
    // Programs whose sizes keep changing start over now and then.
    if (plans.size >= mostPlans) plans.clear();
    if (!plans.has(name)) plans.set(name, compute());
    return plans.get(name) as Plan;
  }

  get threads(): number {
    return this.#backend.workers?.threads ?? 1;
  }

  partsFor(operations: number): number {
    return this.#backend.workers?.partsFor(operations) ?? 1;
  }

  runParts<Name extends KernelName>(
    kernel: Name,
    parts: readonly Parameters<KernelExports[Name]>[],
    scratch?: ThreadScratch,
  ): void {
    const { workers } = this.#backend;
    if (workers !== undefined) {
      workers.run(kernel, parts, scratch);
      return;
    }
    const run = this.wasm[kernel] as (...values: Parameters<KernelExports[Name]>) => unknown;
    for (const part of parts) run(...part);
  }

  view(dtype: 'float32', address: number, length: number): Float32Array;
  view(dtype: 'int32', address: number, length: number): Int32Array;
  view(dtype: ResidentType, address: number, length: number): ResidentArray;
  view(dtype: ResidentType, address: number, length: number): ResidentArray {
    return viewOf(this.#backend.pool.memory, dtype, address, length);
  }

  end(succeeded: boolean): void {
    for (const address of this.#scratch) this.#backend.pool.release(address);
    if (succeeded) return;
    for (const tensor of this.#made) this.#backend.disposeData(tensor.dataId);
  }
}
