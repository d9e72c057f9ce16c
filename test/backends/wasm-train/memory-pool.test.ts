import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryPool } from '../../../src/backends/wasm-train/memory-pool.ts';

const megabyte = 2 ** 20;

function poolOf(maximumBytes: number): MemoryPool {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: maximumBytes / 65_536 });
  return new MemoryPool(memory, maximumBytes);
}

describe('MemoryPool', () => {
  test('never allocates a byte twice, for any order of allocations and releases', () => {
    const action = fc.oneof(
      fc.record({ take: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ give: fc.nat(1000) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const pool = poolOf(64 * megabyte);
        const held: { address: number; bytes: number }[] = [];
        for (const step of actions) {
          if ('take' in step) {
            held.push({ address: pool.allocate(step.take), bytes: step.take });
          } else {
            const [block] = held.splice(step.give % Math.max(held.length, 1), 1);
            if (block !== undefined) pool.release(block.address);
          }
          held.sort((a, b) => a.address - b.address);
          const wrong = held.filter(({ address, bytes }, i) => {
            const next = held[i + 1]?.address ?? pool.bytesReserved;
            return address % 64 !== 0 || address + Math.max(bytes, 1) > next;
          });
          expect(wrong).toEqual([]);
        }
        for (const { address } of held) pool.release(address);
        expect(pool.bytesInUse).toBe(0);
      }),
    );
  });

  test('does not grow when released memory is allocated again', () => {
    const pool = poolOf(64 * megabyte);
    const sizes = [100, 5000, 70_000, 64, 1_000_000, 333];
    const round = (): void => {
      const held = sizes.map((size) => pool.allocate(size));
      for (const address of held.toSorted()) pool.release(address);
    };
    round();
    const reserved = pool.bytesReserved;
    for (let i = 0; i < 1000; i++) round();
    expect(pool.bytesReserved).toBe(reserved);
  });

  test('merges neighbors, so that many small blocks make room for a large one', () => {
    const pool = poolOf(2 * megabyte);
    const small = Array.from({ length: 200 }, () => pool.allocate(8000));
    for (const [index, address] of small.entries()) if (index % 2 === 0) pool.release(address);
    for (const [index, address] of small.entries()) if (index % 2 === 1) pool.release(address);
    expect(() => pool.allocate(1.8 * megabyte)).not.toThrow();
  });

  test('reports the bytes in use when it is exhausted, and remains usable', () => {
    const pool = poolOf(megabyte);
    const first = pool.allocate(600_000);
    new Uint8Array(pool.memory.buffer, first, 600_000).fill(7);
    expect(() => pool.allocate(600_000)).toThrow(
      new RangeError(
        'Cannot allocate 0.6 MB on wasm-train: 0.6 MB of its maximumMemory of 1.0 MB are in use. ' +
          'Dispose tensors sooner (tf.tidy), lower the batch size, or raise maximumMemory',
      ),
    );
    expect(pool.bytesInUse).toBe(600_000);
    expect(new Uint8Array(pool.memory.buffer, first, 600_000).every((byte) => byte === 7)).toBe(
      true,
    );
    pool.allocate(200_000);
    pool.release(first);
    expect(pool.allocate(600_000)).toBe(first);
  });

  test('refuses to release a block twice', () => {
    const pool = poolOf(megabyte);
    const address = pool.allocate(100);
    pool.release(address);
    expect(() => {
      pool.release(address);
    }).toThrow(`Cannot release the block at ${address}: it is not in use`);
  });
});
