/**
 * An allocator for one WebAssembly memory.
 *
 * It merges free neighbors at once and keeps free blocks by size (eight classes per doubling). A
 * training loop that frees what it allocates thus reaches a fixed size after its first steps.
 */

/** Blocks begin and end at multiples of this: a cache line, and more than any SIMD load needs. */
const alignment = 64;
const pageBytes = 65_536;
const classesPerDoubling = 8;
const classCount = 32 * classesPerDoubling;

/** The first page holds the static data of the compiled module. */
const firstAddress = pageBytes;

/** The largest memory in which the end of every block is a 32-bit number. @internal */
export const largestMemory: number = 65_535 * pageBytes;

/** A range of bytes, linked to its neighbors by address and, while free, to others of its size. */
interface Block {
  readonly address: number;
  size: number;
  free: boolean;
  below: Block | undefined;
  above: Block | undefined;
  previousFree: Block | undefined;
  nextFree: Block | undefined;
}

/** @internal */
export class MemoryPool {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
  readonly #blocks = new Map<number, Block>();
  readonly #freeBySize: (Block | undefined)[] = new Array<undefined>(classCount).fill(undefined);
  #last: Block | undefined;
  #end = firstAddress;
  #bytesInUse = 0;

  /**
   * @param memory - A memory of at least one page.
   * @param maximumBytes - The limit of growth; at most the memory's own maximum.
   */
  constructor(memory: WebAssembly.Memory, maximumBytes: number) {
    this.memory = memory;
    this.maximumBytes = maximumBytes;
  }

  /** Bytes in allocated blocks. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** The current size of the memory in bytes. */
  get bytesReserved(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * Allocates a block; its contents are arbitrary.
   *
   * @returns Its address, a multiple of 64.
   * @throws RangeError if the memory cannot grow further; the pool is then unchanged.
   */
  allocate(bytes: number): number {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const block = this.#takeFree(size) ?? this.#takeNew(size);
    if (block.size > size) this.#split(block, size);
    this.#bytesInUse += block.size;
    return block.address;
  }

  /** Frees the block at an address that {@link MemoryPool.allocate} returned. */
  release(address: number): void {
    const block = this.#blocks.get(address);
    if (block === undefined || block.free) {
      throw new Error(`Cannot release the block at ${address}: it is not in use`);
    }
    this.#bytesInUse -= block.size;
    const { above, below } = block;
    if (above?.free === true) {
      this.#unlinkFree(above);
      this.#absorb(block, above);
    }
    if (below?.free === true) {
      this.#unlinkFree(below);
      this.#absorb(below, block);
      this.#linkFree(below);
    } else {
      this.#linkFree(block);
    }
  }

  #takeFree(size: number): Block | undefined {
    const ownClass = sizeClass(size);
    // Blocks of the same class may be slightly too small; those of all larger classes fit.
    for (let block = this.#freeBySize[ownClass]; block !== undefined; block = block.nextFree) {
      if (block.size >= size) return this.#takeOff(block);
    }
    for (let index = ownClass + 1; index < classCount; index++) {
      const block = this.#freeBySize[index];
      if (block !== undefined) return this.#takeOff(block);
    }
    return undefined;
  }

  #takeOff(block: Block): Block {
    this.#unlinkFree(block);
    return block;
  }

  /** Creates a block at the end of the used memory; extends the last block if that is free. */
  #takeNew(size: number): Block {
    const last = this.#last?.free === true ? this.#last : undefined;
    const address = last?.address ?? this.#end;
    this.#growTo(address + size, size);
    this.#end = address + size;
    if (last !== undefined) {
      this.#unlinkFree(last);
      last.size = size;
      return last;
    }
    const block = newBlock(address, size, this.#last);
    if (this.#last !== undefined) this.#last.above = block;
    this.#last = block;
    this.#blocks.set(address, block);
    return block;
  }

  #growTo(end: number, requested: number): void {
    const present = this.memory.buffer.byteLength;
    if (end <= present) return;
    if (end > this.maximumBytes) throw this.#exhausted(requested);
    // At least a quarter at once, so that the memory grows a few times and not for every tensor.
    const generous = Math.min(Math.max(end, present * 1.25), this.maximumBytes);
    for (const goal of [generous, end]) {
      try {
        this.memory.grow(Math.ceil((goal - present) / pageBytes));
        return;
      } catch {
        // The engine refuses this size, but may still allow the exact need.
      }
    }
    throw this.#exhausted(requested);
  }

  #exhausted(requested: number): RangeError {
    return new RangeError(
      `Cannot allocate ${megabytes(requested)} on wasm-train: ${megabytes(this.#bytesInUse)} of its ` +
        `maximumMemory of ${megabytes(this.maximumBytes)} are in use. ` +
        'Dispose tensors sooner (tf.tidy), lower the batch size, or raise maximumMemory',
    );
  }

  /** Splits the bytes beyond `size` off a used block, and frees them. */
  #split(block: Block, size: number): void {
    const rest = newBlock(block.address + size, block.size - size, block);
    rest.above = block.above;
    if (rest.above === undefined) this.#last = rest;
    else rest.above.below = rest;
    block.above = rest;
    block.size = size;
    this.#blocks.set(rest.address, rest);
    this.#linkFree(rest);
  }

  /** Merges the upper neighbor into a block. */
  #absorb(block: Block, above: Block): void {
    block.size += above.size;
    block.above = above.above;
    if (above.above === undefined) this.#last = block;
    else above.above.below = block;
    this.#blocks.delete(above.address);
  }

  #linkFree(block: Block): void {
    const index = sizeClass(block.size);
    const first = this.#freeBySize[index];
    block.free = true;
    block.previousFree = undefined;
    block.nextFree = first;
    if (first !== undefined) first.previousFree = block;
    this.#freeBySize[index] = block;
  }

  #unlinkFree(block: Block): void {
    if (block.previousFree === undefined) this.#freeBySize[sizeClass(block.size)] = block.nextFree;
    else block.previousFree.nextFree = block.nextFree;
    if (block.nextFree !== undefined) block.nextFree.previousFree = block.previousFree;
    block.free = false;
  }
}

function newBlock(address: number, size: number, below: Block | undefined): Block {
  return {
    address,
    size,
    free: false,
    below,
    above: undefined,
    previousFree: undefined,
    nextFree: undefined,
  };
}

/**
 * Size classes: powers of two, each divided into eight. A larger size never has a smaller class.
 */
function sizeClass(size: number): number {
  const units = size / alignment;
  const doubling = 31 - Math.clz32(units);
  const within = Math.floor((units / 2 ** doubling - 1) * classesPerDoubling);
  return doubling * classesPerDoubling + within;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
