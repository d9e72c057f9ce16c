import { describe, expect, test } from 'vitest';
import { kernelBytes } from '../../../src/backends/wasm-train/kernel-bytes.ts';
import { withSharedMemory } from '../../../src/backends/wasm-train/shared-memory.ts';

const plain = kernelBytes('plain');

function memory(shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: 65_535, shared });
}

describe('withSharedMemory', () => {
  test('turns the kernels into kernels on a shared memory', async () => {
    const ours = await WebAssembly.compile(plain);
    const shared = await WebAssembly.compile(withSharedMemory(plain));
    expect(WebAssembly.Module.exports(shared)).toEqual(WebAssembly.Module.exports(ours));
    const instantiate = (module: WebAssembly.Module, isShared: boolean): WebAssembly.Instance =>
      new WebAssembly.Instance(module, { env: { memory: memory(isShared) } });
    expect(instantiate(ours, false)).toBeInstanceOf(WebAssembly.Instance);
    expect(instantiate(shared, true)).toBeInstanceOf(WebAssembly.Instance);
    expect(() => instantiate(ours, true)).toThrow(WebAssembly.LinkError);
    expect(() => instantiate(shared, false)).toThrow(WebAssembly.LinkError);
  });

  test('changes nothing but the import', () => {
    const shared = withSharedMemory(plain);
    expect(shared.length).toBe(plain.length + 3);
    // From the section after the imports on.
    const exportsAt = plain.indexOf(3, plain.indexOf(2, 8));
    expect(exportsAt).toBeGreaterThan(8);
    expect([...shared.subarray(-20_000)]).toEqual([...plain.subarray(-20_000)]);
  });

  test.each([
    ['no imports', [0, 97, 115, 109, 1, 0, 0, 0]],
    ['a memory that is shared already', [...withSharedMemory(plain)]],
    [
      'an import that is no memory',
      [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0],
    ],
  ])('refuses a module with %s', (_, bytes) => {
    expect(() => withSharedMemory(Uint8Array.from(bytes))).toThrow(
      'Cannot share the memory of a module: it must import one memory without a maximum, and nothing else',
    );
  });
});
