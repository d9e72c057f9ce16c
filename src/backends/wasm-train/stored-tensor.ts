import type * as tf from '@tensorflow/tfjs';
import type { MemoryPool } from './memory-pool.ts';

/** What a complex tensor has instead of values, and a tensor in the memory instead of an array. */
const noValues = new Float32Array(0);

/** The types of values a block of the memory can hold. @internal */
export type ResidentType = 'float32' | 'int32' | 'bool';

/** @internal */
export type ResidentArray = Float32Array | Int32Array | Uint8Array;

/** Values that are not computed yet. @internal */
export interface LaterValues {
  /** Computes them, and hands over the block they are in. Where it throws, it can be tried again. */
  compute(): number;
  /** Lets go of what they would be computed of. */
  forget(): void;
}

/** @internal */
export interface ComplexParts {
  real: tf.TensorInfo;
  imag: tf.TensorInfo;
}

/**
 * The values of one data id, in one of two places: in a JavaScript array, where inherited cpu kernels put them, or in a
 * block of the WebAssembly memory, where ours do. They move into the memory when one of our kernels first reads them.
 * Some are computed only when they are first looked at.
 *
 * Inherited kernels read `values`. For a block that is a view, made anew at each access because a memory that grows
 * detaches the views of before; it must not be kept beyond the kernel.
 *
 * @internal
 */
export class StoredTensor {
  readonly dtype: tf.DataType;
  refCount: number;
  /** The parts of a complex tensor, which has no values of its own; set by tfjs's `Complex` kernel. */
  complexTensorInfos?: ComplexParts;
  readonly #pool: MemoryPool;
  readonly #length: number;
  #array: tf.backend_util.BackendValues = noValues;
  #address: number | undefined;
  /** More blocks, for tensors that a widening cast made share these values under another type. */
  #converted: Map<ResidentType, number> | undefined;
  #later: LaterValues | undefined;
  /** Values computed later that are made of these. */
  #holders = 0;
  #released = false;

  private constructor(pool: MemoryPool, dtype: tf.DataType, refCount: number, length: number) {
    this.#pool = pool;
    this.dtype = dtype;
    this.refCount = refCount;
    this.#length = length;
  }

  /** Keeps values where they are, in JavaScript. */
  static inJavaScript(
    pool: MemoryPool,
    dtype: tf.DataType,
    values: tf.backend_util.BackendValues | undefined,
    refCount: number,
  ): StoredTensor {
    const stored = new StoredTensor(pool, dtype, refCount, values?.length ?? 0);
    // Inherited kernels such as Slice answer a part of the array they read; of a block, that must become a copy.
    const borrowed = isView(values) && values.buffer === pool.memory.buffer;
    stored.#array = (borrowed ? values.slice() : values) ?? noValues;
    return stored;
  }

  /** Takes over a block of the memory. */
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

  /** Promises floats, which come into a block of the memory when they are first looked at. */
  static computedLater(pool: MemoryPool, length: number, later: LaterValues): StoredTensor {
    const stored = new StoredTensor(pool, 'float32', 1, length);
    stored.#later = later;
    return stored;
  }

  /** Whether the values are in the memory, or will be. */
  get isResident(): boolean {
    return this.#address !== undefined || this.#later !== undefined;
  }

  /** Keeps the values for ones computed later, though the tensor may be disposed before. */
  hold(): void {
    this.#holders += 1;
  }

  /** Ends one {@link StoredTensor.hold}. */
  letGo(): void {
    this.#holders -= 1;
    if (this.#released) this.release();
  }

  /** Computes values that were promised. The memory may grow. */
  compute(): void {
    if (this.#later === undefined) return;
    this.#address = this.#later.compute();
    this.#later = undefined;
  }

  /** The values for an inherited kernel to read: the array itself, or a view that lasts as long as the kernel. */
  get values(): tf.backend_util.BackendValues {
    this.compute();
    if (this.#address === undefined) return this.#array;
    return viewOf(this.#pool.memory, this.dtype as ResidentType, this.#address, this.#length);
  }

  /** The values in an array of their own, which stays as it is whatever becomes of the tensor. */
  copy(): tf.backend_util.BackendValues {
    const values = this.values;
    return isView(values) || Array.isArray(values) ? values.slice() : values;
  }

  /**
   * The address of the values in the memory, as values of `dtype`; copies them in if they are not there yet.
   *
   * @throws RangeError when the memory is exhausted; the values are then still where they were.
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

  /** Hands over the block, for other values to keep it. */
  takeBlock(): number {
    const address = this.pointer(this.dtype as ResidentType);
    this.#address = undefined;
    return address;
  }

  /** Gives the blocks back; later, where values computed later are made of them. */
  release(): void {
    this.#released = this.#holders > 0;
    if (this.#released) return;
    this.#later?.forget();
    this.#later = undefined;
    if (this.#address !== undefined) this.#pool.release(this.#address);
    for (const address of this.#converted?.values() ?? []) this.#pool.release(address);
    this.#address = undefined;
    this.#converted = undefined;
    this.#array = noValues;
  }

  #copyIn(dtype: ResidentType): number {
    const address = this.#pool.allocate(this.#length * bytesPerValue(dtype));
    // Taken after the allocation: it may have grown the memory and detached an earlier view.
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
