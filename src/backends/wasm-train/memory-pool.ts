/**
 * Blocks of one WebAssembly memory, handed out and taken back.
 *
 * Free neighbors are merged at once and free blocks are kept by size (eight classes to a doubling), so a training
 * loop that frees what it takes settles at a fixed size after its first steps.
 */

/** Blocks begin and end on this many bytes: a cache line, and more than any SIMD load needs. */
const alignment = 64;
const pageBytes = 65_536;
const classesPerDoubling = 8;
const classCount = 32 * classesPerDoubling;

/** The first page stays with the compiled module, for its static data. */
const firstAddress = pageBytes;

/** The most a 32-bit memory can hold while the end of every block is still a 32-bit number. @internal */
export const largestMemory: number = 65_535 * pageBytes;

/** A run of bytes, linked to its neighbors by address, and to others of its size while it is free. */
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
   * @param maximumBytes - Where growth ends; at most the memory's own maximum.
   */
  constructor(memory: WebAssembly.Memory, maximumBytes: number) {
    this.memory = memory;
    this.maximumBytes = maximumBytes;
  }

  /** Bytes in blocks that were handed out and not yet taken back. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Bytes the memory has grown to. */
  get bytesReserved(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * Hands out a block; its contents are whatever was there before.
   *
   * @returns Its address, a multiple of 64.
   * @throws RangeError when the memory cannot grow any more; nothing has changed then.
   */
  allocate(bytes: number): number {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const block = this.#takeFree(size) ?? this.#takeNew(size);
    if (block.size > size) this.#split(block, size);
    this.#bytesInUse += block.size;
    return block.address;
  }

  /** Takes back the block at an address that {@link MemoryPool.allocate} gave. */
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
    // Blocks of the size's own class may be a little too small; all of the classes above fit.
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

  /** Makes a block at the end of what is used so far, from a free last block where there is one. */
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

  #growTo(end: number, wanted: number): void {
    const present = this.memory.buffer.byteLength;
    if (end <= present) return;
    if (end > this.maximumBytes) throw this.#exhausted(wanted);
    // A quarter more than needed, so that a filling memory grows a few times and not at every tensor.
    const generous = Math.min(Math.max(end, present * 1.25), this.maximumBytes);
    for (const goal of [generous, end]) {
      try {
        this.memory.grow(Math.ceil((goal - present) / pageBytes));
        return;
      } catch {
        // The engine refuses this much; the exact need may still be met.
      }
    }
    throw this.#exhausted(wanted);
  }

  #exhausted(wanted: number): RangeError {
    return new RangeError(
      `Cannot allocate ${megabytes(wanted)} on wasm-train: ${megabytes(this.#bytesInUse)} of its ` +
        `maximumMemory of ${megabytes(this.maximumBytes)} are in use. ` +
        'Dispose tensors sooner (tf.tidy), lower the batch size, or raise maximumMemory',
    );
  }

  /** Cuts what is beyond `size` off a block in use, and makes it free. */
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

  /** Lets a block take over its upper neighbor. */
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

/** Classes are by powers of two, each cut into eight; a larger size never has a smaller class. */
function sizeClass(size: number): number {
  const units = size / alignment;
  const doubling = 31 - Math.clz32(units);
  const within = Math.floor((units / 2 ** doubling - 1) * classesPerDoubling);
  return doubling * classesPerDoubling + within;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
