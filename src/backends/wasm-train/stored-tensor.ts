import type * as tf from '@tensorflow/tfjs';
import type { MemoryPool } from './memory-pool.ts';

/** Stands for the values of a complex tensor, and for the array of a tensor in the memory. */
const noValues = new Float32Array(0);

/** The dtypes that a block of the memory can hold. @internal */
export type ResidentType = 'float32' | 'int32' | 'bool';

/** @internal */
export type ResidentArray = Float32Array | Int32Array | Uint8Array;

/** Values that are not computed yet. @internal */
export interface LaterValues {
  /**
   * Computes them and returns the address of their block, which the caller owns. Can be retried if
   * it throws.
   */
  compute(): number;
  /** Releases the inputs of the computation. */
  forget(): void;
}

/** @internal */
export interface ComplexParts {
  real: tf.TensorInfo;
  imag: tf.TensorInfo;
}

/**
 * The values of one data id. They are in a JavaScript array if an inherited cpu kernel wrote them,
 * and in a block of the WebAssembly memory if a kernel of this backend did. They move into the
 * memory when a kernel of this backend first reads them. Some are computed only on first access.
 *
 * Inherited kernels read `values`. For a block this is a view, created at each access because
 * growth of the memory detaches earlier views; do not keep it beyond the kernel.
 *
 * @internal
 */
export class StoredTensor {
  readonly dtype: tf.DataType;
  refCount: number;
  /** The parts of a complex tensor, which itself has no values; set by tfjs's `Complex` kernel. */
  complexTensorInfos?: ComplexParts;
  readonly #pool: MemoryPool;
  readonly #length: number;
  #array: tf.backend_util.BackendValues = noValues;
  #address: number | undefined;
  /**
   * Blocks of the same values under other dtypes, for tensors that share them after a widening
   * cast.
   */
  #converted: Map<ResidentType, number> | undefined;
  #later: LaterValues | undefined;
  /** Blocks of what kernels computed from the values alone, by name, if they may be kept. */
  #forms: Map<string, number> | undefined;
  /** The number of deferred tensors that depend on these values. */
  #holders = 0;
  #released = false;

  private constructor(pool: MemoryPool, dtype: tf.DataType, refCount: number, length: number) {
    this.#pool = pool;
    this.dtype = dtype;
    this.refCount = refCount;
    this.#length = length;
  }

  /** Stores values in JavaScript. */
  static inJavaScript(
    pool: MemoryPool,
    dtype: tf.DataType,
    values: tf.backend_util.BackendValues | undefined,
    refCount: number,
  ): StoredTensor {
    const stored = new StoredTensor(pool, dtype, refCount, values?.length ?? 0);
    // Inherited kernels such as Slice return a view of the array they read. A view of a block must
    // be copied.
    const borrowed = isView(values) && values.buffer === pool.memory.buffer;
    stored.#array = (borrowed ? values.slice() : values) ?? noValues;
    return stored;
  }

  /** Stores values in a block of the memory, and takes ownership of it. */
  static inMemory(
    pool: MemoryPool,
    dtype: ResidentType,
    address: number,
    length: number,
  ): StoredTensor {
    const stored = new StoredTensor(pool, dtype, 1, length);
    stored.#address = address;
    return stored;
  }

  /** Stores deferred floats, which are computed into a block of the memory on first access. */
  static computedLater(pool: MemoryPool, length: number, later: LaterValues): StoredTensor {
    const stored = new StoredTensor(pool, 'float32', 1, length);
    stored.#later = later;
    return stored;
  }

  /** Whether the values are in the memory, or will be. */
  get isResident(): boolean {
    return this.#address !== undefined || this.#later !== undefined;
  }

  /** Keeps the values for a deferred tensor, even if this tensor is disposed first. */
  hold(): void {
    this.#holders += 1;
  }

  /** Reverts one {@link StoredTensor.hold}. */
  letGo(): void {
    this.#holders -= 1;
    if (this.#released) this.release();
  }

  /** Computes deferred values. The memory may grow. */
  compute(): void {
    if (this.#later === undefined) return;
    this.#address = this.#later.compute();
    this.#later = undefined;
  }

  /**
   * The values for an inherited kernel to read: the array itself, or a view that is valid during
   * the kernel.
   */
  get values(): tf.backend_util.BackendValues {
    this.compute();
    if (this.#address === undefined) return this.#array;
    return viewOf(this.#pool.memory, this.dtype as ResidentType, this.#address, this.#length);
  }

  /** A copy of the values, independent of the tensor. */
  copy(): tf.backend_util.BackendValues {
    const values = this.values;
    return isView(values) || Array.isArray(values) ? values.slice() : values;
  }

  /**
   * The address of the values in the memory, as `dtype`; copies them in if they are not there yet.
   *
   * @throws RangeError if the memory is exhausted; the values are then unchanged.
   */
  pointer(dtype: ResidentType): number {
    if (dtype === this.dtype) {
      this.compute();
      if (this.#address === undefined) {
        this.#address = this.#copyIn(dtype);
        this.#array = noValues;
      }
      return this.#address;
    }
    this.#converted ??= new Map();
    const converted = this.#converted.get(dtype) ?? this.#copyIn(dtype);
    this.#converted.set(dtype, converted);
    return converted;
  }

  /** Lets kernels keep what they compute from the values alone, as long as these exist. */
  keepForms(): void {
    this.#forms = new Map();
  }

  /** Whether {@link StoredTensor.form} keeps what it computes. */
  get keepsForms(): boolean {
    return this.#forms !== undefined;
  }

  /**
   * The block of a form of the values, such as a packed matrix; computed on first access.
   *
   * @returns Its address; `undefined` if forms are not kept.
   */
  form(name: string, bytes: number, compute: (address: number) => void): number | undefined {
    const known = this.#forms?.get(name);
    if (this.#forms === undefined || known !== undefined) return known;
    const address = this.#pool.allocate(bytes);
    try {
      compute(address);
    } catch (error) {
      this.#pool.release(address);
      throw error;
    }
    this.#forms.set(name, address);
    return address;
  }

  /** Returns the block's address and gives up its ownership. */
  takeBlock(): number {
    const address = this.pointer(this.dtype as ResidentType);
    this.#address = undefined;
    return address;
  }

  /** Frees the blocks, or delays this while deferred tensors depend on them. */
  release(): void {
    this.#released = this.#holders > 0;
    if (this.#released) return;
    this.#later?.forget();
    this.#later = undefined;
    if (this.#address !== undefined) this.#pool.release(this.#address);
    for (const blocks of [this.#converted, this.#forms]) {
      for (const address of blocks?.values() ?? []) this.#pool.release(address);
    }
    this.#address = undefined;
    this.#converted = undefined;
    this.#forms = undefined;
    this.#array = noValues;
  }

  #copyIn(dtype: ResidentType): number {
    const address = this.#pool.allocate(this.#length * bytesPerValue(dtype));
    // Read after the allocation, which may grow the memory and detach earlier views.
    const values = this.values as ArrayLike<number>;
    viewOf(this.#pool.memory, dtype, address, this.#length).set(values);
    return address;
  }
}

/** @internal */
export function bytesPerValue(dtype: ResidentType): number {
  return dtype === 'bool' ? 1 : 4;
}

/** @internal */
export function viewOf(
  memory: WebAssembly.Memory,
  dtype: ResidentType,
  address: number,
  length: number,
): ResidentArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(memory.buffer, address, length);
    case 'int32':
      return new Int32Array(memory.buffer, address, length);
    case 'bool':
      return new Uint8Array(memory.buffer, address, length);
  }
}

function isView(values: unknown): values is ResidentArray {
  return ArrayBuffer.isView(values);
}
