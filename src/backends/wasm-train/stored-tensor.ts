import type * as tf from '@tensorflow/tfjs';
import type { MemoryPool } from './memory-pool.ts';

/** What a complex tensor has instead of values, and a tensor in the memory instead of an array. */
const noValues = new Float32Array(0);

/** The types of values a block of the memory can hold. @internal */
export type ResidentType = 'float32' | 'int32' | 'bool';

/** @internal */
export type ResidentArray = Float32Array | Int32Array | Uint8Array;

/** @internal */
export interface ComplexParts {
  real: tf.TensorInfo;
  imag: tf.TensorInfo;
}

/**
 * The values of one data id, in one of two places: in a JavaScript array, where inherited cpu kernels put them, or in a
 * block of the WebAssembly memory, where ours do. They move into the memory when one of our kernels first reads them.
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

  /** Whether the values are in the memory. */
  get isResident(): boolean {
    return this.#address !== undefined;
  }

  /** The values for an inherited kernel to read: the array itself, or a view that lasts as long as the kernel. */
  get values(): tf.backend_util.BackendValues {
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

  /** Gives the blocks back. */
  release(): void {
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
